"""The land office at work over the API: officer, reviewer and leader, each with own hands."""

import io
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from server.accounts.principals import Role
from tests.api.people import signed_in
from tests.disposal.county import COUNTY

BASE = "/api/v1/disposal-cases"


def photo(colour: int = 90, size: int = 64) -> bytes:
    """A small JPEG; each colour is another photo."""
    made = io.BytesIO()
    shade = (colour * 37 % 256, colour * 101 % 256, colour * 59 % 256)
    Image.new("RGB", (size, size), shade).save(made, "JPEG")
    return made.getvalue()


@dataclass
class Desk:
    """Three people and one client."""

    client: FlaskClient
    people: dict[str, dict[str, str]] = field(default_factory=dict)
    photos: int = 0

    def __post_init__(self) -> None:
        for role in (Role.OFFICER, Role.REVIEWER, Role.LEADER, Role.VIEWER):
            self.people[role] = signed_in(self.client, role.value, [(role, COUNTY)])

    def get(self, path: str, who: str = "officer") -> Any:
        """The JSON of a GET below /api/v1 that works."""
        answer = self.client.get(f"/api/v1{path}", headers=self.people[who])
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def find(self, site_id: int, **more: Any) -> dict[str, Any]:
        """Register a discovery as the officer; the case."""
        body = {"site_id": site_id, "class": "gewy", "note": "巡查发现未动工", **more}
        answer = self.client.post(BASE, json=body, headers=self.people["officer"])
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    def try_to(
        self, case: dict[str, Any], action: str, who: str = "officer", **given: Any
    ) -> TestResponse:
        """Try an action; ``on`` is the day, ``key`` an Idempotency-Key, the rest inputs."""
        on, key, comment = given.pop("on", None), given.pop("key", None), given.pop("comment", None)
        headers = {**self.people[who], "If-Match": f'"{case["version"]}"'}
        if key:
            headers["Idempotency-Key"] = key
        body = {"action": action, "inputs": given}
        body |= {"happened_on": on} if on else {}
        body |= {"comment": comment} if comment else {}
        return self.client.post(f"{BASE}/{case['id']}/actions", json=body, headers=headers)

    def act(
        self, case: dict[str, Any], action: str, who: str = "officer", **given: Any
    ) -> dict[str, Any]:
        """Do it; the case after it."""
        answer = self.try_to(case, action, who, **given)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    def upload(self, case: dict[str, Any], who: str = "officer", **form: Any) -> TestResponse:
        """Send a photo, by default one that was taken on the parcel."""
        self.photos += 1
        headers = dict(self.people[who])
        if "key" in form:
            headers["Idempotency-Key"] = form.pop("key")
        content = form.pop("content", None) or photo(self.photos)
        place = {
            "longitude": case["parcel"]["longitude"],
            "latitude": case["parcel"]["latitude"],
            "crs": "cgcs2000",
            "taken_at": "2026-03-01T09:30:00+08:00",
        }
        parts = {"file": (io.BytesIO(content), form.pop("name", "现场.jpg")), **place, **form}
        return self.client.post(f"{BASE}/{case['id']}/evidence", data=parts, headers=headers)

    def verified(self, site_id: int, on: str, **found: Any) -> dict[str, Any]:
        """A case that was found, registered and looked at."""
        case = self.find(site_id, found_on=on, **found)
        case = self.act(case, "register", on=on, responsible_unit="练市镇政府")
        assert self.upload(case).status_code == 201
        return self.act(case, "verify", on=on, inspected_on=on, record="现场空置，杂草丛生")
