"""Staff in a test: an application with a token, a worker, and calls as staff make them."""

import time
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.config import Settings
from server.db import job_engine
from server.uploads import Uploads
from server.worker import Worker

TOKEN = "a-token-of-staff-0123456789"


@dataclass
class Desk:
    """One member of staff at one installation; the work of the worker is done when asked for."""

    client: FlaskClient
    config: Settings
    worker: Worker = field(init=False)

    def __post_init__(self) -> None:
        uploads = Uploads(self.config.data_dir)
        self.worker = Worker(job_engine(self.config), uploads, self.config.public_decimals)

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        """A request with the token."""
        headers = {"Authorization": f"Bearer {TOKEN}", **more.pop("headers", {})}
        address = f"/api/v1{path}"
        return self.client.open(address, method=method, headers=headers, buffered=True, **more)

    def get(self, path: str) -> TestResponse:
        """A GET with the token."""
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
