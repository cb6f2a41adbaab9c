"""Every route is public by decision or asks who is there."""

import pytest

from server.app import create_app
from server.config import Settings
from tests.api.answers import problem
from tests.conftest import AppMaker

ATTACHED = "attachments/<int(max=9223372036854775807):number>"
PUBLIC = {
    "/",
    "/favicon.ico",
    "/m/",  # the apps are files without data: what they show they ask the API
    "/m/<path:name>",
    "/console/",
    "/console/<path:name>",
    "/healthz",
    "/readyz",
    "/static/<name>",
    "/static/pin/<name>.png",
    "/style.json",
    "/vendor/<name>",
    "/tiles/<drawn:layer>.json",
    "/tiles/<drawn:layer>/<int:z>/<int:x>/<int:y>.mvt",
    "/api/v1/<layer:layer>",
    "/api/v1/<layer:layer>/<int:site_id>",
    "/api/v1/disposal-notices",  # what 53号令 art. 11 wants shown to everyone, no more
    "/api/v1/docs",
    "/api/v1/identify",
    "/api/v1/layers",
    "/api/v1/legend",
    "/api/v1/map",
    "/api/v1/openapi.json",
    "/api/v1/privacy-notice",
    "/api/v1/regions",
    "/api/v1/shares/<string(maxlength=12):code>",
    "/api/v1/visit-days",
    "/api/v1/shares/<string(maxlength=12):code>/wxacode.jpg",
    # What is attached: the public gets what is public, staff of the region the rest.
    f"/api/v1/{ATTACHED}/<any(original, large, thumb):variant>",
    "/api/v1/siting/profiles/<name>",
    "/api/v1/<layer:layer>/<int:site_id>/sheet.pdf",
}
"""What anyone may read; all else is for staff. A new public route is a decision: add it here."""

QUESTIONS = {"/api/v1/siting", "/api/v1/compare"}
"""What anyone may ask in a body: a drawn polygon does not fit into an address. They only read."""

NOWHERE = "postgresql+psycopg2://nobody@127.0.0.1:1/nothing"
TOKEN = "a-token-for-tests"
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
EXAMPLES = {
    "<layer:layer>": "parcels",
    "<drawn:layer>": "parcels",
    "<int:site_id>": "1",
    "<int(max=9223372036854775807):user_id>": "1",
    "<int(max=9223372036854775807):run_id>": "1",
    "<int(max=9223372036854775807):case_id>": "1",
    "<int(max=9223372036854775807):file_id>": "1",
    "<any(large, thumb):variant>": "thumb",
    "<int(max=2147483647):row>": "1",
    "<int(max=9223372036854775807):report_id>": "1",
    "<any(apply, rollback, cancel):wish>": "apply",
    "<int(max=9223372036854775807):site_id>": "1",
    "<int(max=9223372036854775807):search_id>": "1",
    "<int(max=9223372036854775807):session_id>": "1",
    "<int(max=9223372036854775807):number>": "1",
    "<name>": "x",
    "<name:name>": "x",
}


READ_BY_ALL = {
    ("/api/v1/<layer:layer>/<int(max=9223372036854775807):site_id>/attachments", "GET"),
}
"""Reads that are public at addresses where staff write."""

LOGIN = {
    ("/api/v1/session", "POST"),
    ("/api/v1/session/wechat", "POST"),
    ("/api/v1/session/guest", "POST"),
}
"""Where one comes to be known: with credentials of its own, not with a session."""


def rules() -> list[tuple[str, str]]:
    app = create_app(Settings(database_url=NOWHERE))
    return sorted(
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )


def test_every_public_route_is_there() -> None:
    assert (PUBLIC | QUESTIONS) - {rule for rule, _ in rules()} == set()


def test_the_public_only_reads() -> None:
    assert [rule for rule, method in rules() if rule in PUBLIC and method in CHANGING] == []


@pytest.mark.parametrize(
    ("rule", "method"),
    [one for one in rules() if one[0] not in PUBLIC | QUESTIONS and one not in LOGIN | READ_BY_ALL],
)
def test_every_other_route_asks_who_is_there(make_app: AppMaker, rule: str, method: str) -> None:
    """Before it asks the database, which is not there."""
    path = rule
    for variable, example in EXAMPLES.items():
        path = path.replace(variable, example)
    assert "<" not in path, "give the new variable an example"
    guarded = make_app(NOWHERE).test_client()
    for given in (None, "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN):
        headers = {"Authorization": given} if given else {}
        response = guarded.open(path, method=method, headers=headers)
        problem(response, 401, "unauthenticated")
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
