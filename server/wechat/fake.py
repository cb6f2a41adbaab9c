"""``kandi fake-wechat``: WeChat's paths, errors and odd content types on this machine.

For tests and for the demonstration; nothing of it is served in production. ``/_fake`` is its own:
``GET /_fake`` tells the calls and the messages so far, ``POST /_fake`` orders failures to come.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from server.wechat.fake_answers import FakeWechat, Refused, Script

CONTROL = "/_fake"
_MOST_BODY = 1 << 20


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet: apart, the second waits 40 ms for the first to be confirmed.
    wbufsize = 1 << 16
    wechat: FakeWechat

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), _MOST_BODY)
        try:
            body = json.loads(self.rfile.read(length) or b"{}")
        except ValueError:
            self._refuse(Refused(47001, "data format error"))
            return
        self._answer(body if isinstance(body, dict) else {})

    def _answer(self, body: dict[str, Any]) -> None:
        address = urlsplit(self.path)
        if address.path == CONTROL:
            self._control(body)
            return
        script = self.wechat.scripted(address.path)
        if script is not None:
            self._fail(script)
            return
        try:
            found = self.wechat.answer(address.path, dict(parse_qsl(address.query)), body)
        except Refused as refused:
            self._refuse(refused)
        except KeyError:
            self._send(404, b"", "text/html")
        else:
            if isinstance(found, bytes):
                self._send(200, found, "image/jpeg")
            else:
                self._json(found)

    def _fail(self, script: Script) -> None:
        time.sleep(script.silent_s)
        if script.errcode is not None:
            self._refuse(Refused(script.errcode, "scripted"))
        else:
            self._send(script.status, (script.body or "").encode(), "text/html")

    def _control(self, body: dict[str, Any]) -> None:
        with self.wechat.lock:
            if self.command == "POST":
                self.wechat.scripts.append(Script(**body))
            found = {"calls": dict(self.wechat.calls), "sent": list(self.wechat.sent)}
        self._json(found)

    def _refuse(self, refused: Refused) -> None:
        said = f"{refused.errmsg}, rid: 6541a1b2-0badcafe-00000000"
        self._json({"errcode": refused.errcode, "errmsg": said})

    def _json(self, members: dict[str, Any]) -> None:
        # As the real one does it: JSON that says it is plain text.
        self._send(200, json.dumps(members, ensure_ascii=False).encode(), "text/plain")

    def _send(self, status: int, content: bytes, media_type: str) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            # Who asked did not wait: what a scripted silence is for.
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: addresses hold secrets."""


def make_server(wechat: FakeWechat, port: int) -> ThreadingHTTPServer:
    """A server on this machine that answers as WeChat; port 0 is any that is free."""
    handler = type("Handler", (_Handler,), {"wechat": wechat})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    return server


@contextmanager
def serving(wechat: FakeWechat, port: int = 0) -> Iterator[str]:
    """The fake in a thread of this process for as long as the block lasts; its address."""
    server = make_server(wechat, port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
