"""A phone on a bad network: it sends a whole request and may hang up before it hears the answer."""

import json
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit


def send(address: str, head: str, body: bytes, heard: bool) -> bytes:
    """Send a request; hang up without reading, or read the whole answer."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname or "", parts.port or 80), 10) as line:
        line.sendall(head.encode() + body)
        if not heard:
            return b""
        answer = b""
        while chunk := line.recv(65536):
            answer += chunk
        return answer


@dataclass(frozen=True)
class Asked:
    """A change as a phone sends it, the same at each try; ``key`` None is none."""

    method: str
    path: str
    token: str
    body: object = None
    key: str | None = None

    def sent(self, address: str, *, heard: bool) -> tuple[int, bytes]:
        """Status and body of the answer; 0 for one that was not waited for."""
        body = json.dumps({} if self.body is None else self.body).encode()
        head = (
            f"{self.method} /api/v1{self.path} HTTP/1.1\r\nHost: kandi\r\nConnection: close\r\n"
            f"Authorization: Bearer {self.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n"
        )
        key = "" if self.key is None else f"Idempotency-Key: {self.key}\r\n"
        answer = send(address, f"{head}{key}\r\n", body, heard)
        if not answer:
            return 0, b""
        line, _, rest = answer.partition(b"\r\n")
        return int(line.split()[1]), rest.partition(b"\r\n\r\n")[2]
