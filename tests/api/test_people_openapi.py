"""The documented operations of people: the routes that there are, and true of their answers."""

import re
from typing import Any

import pytest
import schemathesis
from flask import Flask

from gis.layers import LAYERS
from mini_program_api import openapi_people
from mini_program_api.people import PEOPLE
from tests.api.answers import conforms
from tests.api.generated import DOCUMENTED, statuses_of
from tests.api.investors import Caller, Town

PATHS: dict[str, Any] = openapi_people.paths()
OPERATIONS = [(path, method) for path, item in PATHS.items() for method in item]
ENDING = {("/me", "delete"), ("/me/session", "delete")}
GENERATED = [one for one in OPERATIONS if one not in ENDING]


@pytest.fixture(scope="module")
def described(place: Town) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", place.app)


@pytest.fixture(scope="module")
def callers(place: Town) -> dict[str, Caller]:
    mary = place.log_in("mary")
    mary.consent()
    return {"investorSession": mary, "staffSession": place.staff("officer")}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("path", "method"), GENERATED)
def test_generated_requests_get_documented_answers(
    described: schemathesis.BaseSchema, callers: dict[str, Caller], path: str, method: str
) -> None:
    (wanted,) = PATHS[path][method].get("security") or [{}]
    caller = callers[next(iter(wanted))] if wanted else None
    headers = {"Authorization": f"Bearer {caller.token}"} if caller else {}
    checks = DOCUMENTED[:2] if "{variant}" in path else DOCUMENTED
    operation = described[path][method.upper()]
    statuses = statuses_of(operation, checks, most=12, headers=headers)
    assert statuses
    assert 401 not in statuses


def test_documented_operations_are_the_routes(app: Flask) -> None:
    mine = {blueprint.name for blueprint in PEOPLE}
    routes = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] not in mine:
            continue
        path = re.sub(r"<any\([^)]*\):variant>", "{variant}", rule.rule.removeprefix("/api/v1"))
        path = re.sub(r"<string\([^)]*\):code>", "{code}", path)
        path = re.sub(r"<int\([^)]*\):\w+>", "{id}", path)
        for layer in LAYERS if "<layer:layer>" in path else LAYERS[:1]:
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                routes.add((path.replace("<layer:layer>", layer.name), method.lower()))
    assert routes == set(OPERATIONS)


def test_answers_are_what_the_schemas_say(place: Town, callers: dict[str, Caller]) -> None:
    mary, officer = callers["investorSession"], callers["staffSession"]
    document, (site,) = mary.get("/openapi.json"), place.sites(most=1)
    mary.send("PUT", f"/me/favourites/parcels/{site}")
    search = {"name": "地", "path": "/parcels?status=available"}
    asked = {"layer": "parcels", "site_id": site, "message": "?", "contact_name": "王"}
    made = mary.send("POST", "/me/enquiries", asked)
    answers = {
        "PrivacyNotice": mary.get("/privacy-notice"),
        "Search": mary.send("POST", "/me/searches", search),
        "FavouriteList": mary.get("/me/favourites"),
        "SearchList": mary.get("/me/searches"),
        "Enquiry": mary.get(f"/me/enquiries/{made['id']}"),
        "EnquiryList": officer.get("/enquiries"),
        "Share": mary.send("POST", "/shares", {"path": "/parcels"}),
        "AttachmentList": mary.get(f"/parcels/{site}/attachments"),
        "Me": mary.get("/me"),
    }
    conforms(made, document, "Enquiry")
    conforms(officer.get(f"/enquiries/{made['id']}"), document, "Enquiry")
    for schema, answer in answers.items():
        conforms(answer, document, schema)
    assert len(answers) == 9
