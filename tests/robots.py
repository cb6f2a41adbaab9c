"""A group robot of 企业微信 for tests: its path, limits, errors and odd content type."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PATH, KEY = "/cgi-bin/webhook/send", "key-of-the-robot-canary"
MOST_BYTES = 2048
OK, BAD_KEY, BAD_TYPE, TOO_LONG = 0, 93000, 40008, 40058


@dataclass
class Robot:
    """What was said to it, and what it answers next instead of its own answer."""

    heard: list[str] = field(default_factory=list)
    next_answers: list[tuple[int, int]] = field(default_factory=list)
    """Status and errcode."""

    def answer(self, path: str, body: bytes) -> tuple[int, int]:
        """Status and errcode, as the real one gives them."""
        if self.next_answers:
            return self.next_answers.pop(0)
        parts = urlsplit(path)
        if parts.path != PATH or parse_qs(parts.query).get("key") != [KEY]:
            return 200, BAD_KEY
        told: dict[str, Any] = json.loads(body)
        if told.get("msgtype") != "text":
            return 200, BAD_TYPE
        content = told["text"]["content"]
        if not content or len(content.encode()) > MOST_BYTES:
            return 200, TOO_LONG
        self.heard.append(content)
        return 200, OK


@contextmanager
def listening() -> Iterator[tuple[Robot, str]]:
    """A robot and its address, for as long as the block lasts."""
    robot = Robot()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, errcode = robot.answer(self.path, body)
            said = json.dumps({"errcode": errcode, "errmsg": "ok" if not errcode else "no"})
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said.encode())

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield robot, f"http://127.0.0.1:{server.server_port}{PATH}?key={KEY}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
