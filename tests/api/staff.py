"""GIS staff in a test: an application, a worker, and calls as staff make them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.accounts.principals import Role
from server.config import Settings
from server.db import job_engine
from server.uploads import Uploads
from server.worker import Worker
from tests.api.people import signed_in

GIS = ((Role.GIS, ""),)


@dataclass
class Desk:
    """One member of staff at one installation; the work of the worker is done when asked for."""

    client: FlaskClient
    config: Settings
    grants: Sequence[tuple[Role, str]] = GIS
    username: str = "gis"
    worker: Worker = field(init=False)
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = signed_in(self.client, self.username, self.grants)
        uploads = Uploads(self.config.data_dir)
        self.worker = Worker(job_engine(self.config), uploads, self.config.public_decimals)

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        """A request of one who is logged in."""
        headers = self.headers | more.pop("headers", {})
        address = f"/api/v1{path}"
        return self.client.open(address, method=method, headers=headers, buffered=True, **more)

    def get(self, path: str) -> TestResponse:
        """A GET of one who is logged in."""
        return self.ask("GET", path)

    def send(self, content: bytes | Path, name: str, layer: str = "parks", **form: Any) -> Any:
        """Upload a file; the answer."""
        body = content.read_bytes() if isinstance(content, Path) else content
        headers = form.pop("headers", {})
        parts = {"layer": layer, "file": (BytesIO(body), name), **form}
        return self.ask("POST", "/imports", data=parts, headers=headers)

    def upload(self, content: bytes | Path, name: str, layer: str = "parks", **form: Any) -> int:
        """Upload a file and let the worker read it; the number of its run."""
        answer = self.send(content, name, layer, **form)
        assert answer.status_code == 202, answer.text
        self.work()
        return int(answer.get_json()["id"])

    def wish(self, run_id: int, wish: str) -> dict[str, Any]:
        """Ask for something, let the worker do it; the run after it."""
        answer = self.ask("POST", f"/imports/{run_id}/{wish}")
        assert answer.status_code == 202, answer.text
        self.work()
        return self.run(run_id)

    def run(self, run_id: int) -> dict[str, Any]:
        """The run as the API shows it."""
        found: dict[str, Any] = self.get(f"/imports/{run_id}").get_json()
        return found

    def work_once(self) -> None:
        """Wait for one run and do its job, as a worker beside the server does."""
        deadline = time.monotonic() + 10
        while not self.worker.work() and time.monotonic() < deadline:
            time.sleep(0.02)

    def work(self) -> None:
        """Let the worker do all that waits."""
        while self.worker.work():
            pass
