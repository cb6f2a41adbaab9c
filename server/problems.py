"""The one shape of errors: RFC 9457 ``application/problem+json``."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Response, json, request


@dataclass(frozen=True)
class Problem:
    """One answer that says what went wrong: stable ``code``, status, Chinese title and detail."""

    code: str
    status: int
    title: str
    detail: str
    members: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, instance: str) -> bytes:
        """The problem as JSON text; ``instance`` is the path that was asked."""
        members = {
            "type": f"urn:kandi:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            **self.members,
        }
        return json.dumps(members, ensure_ascii=False).encode()

    def header_list(self) -> list[tuple[str, str]]:
        """Headers of the answer."""
        return [
            ("Content-Type", "application/problem+json"),
            ("Cache-Control", "no-store"),
            *self.headers.items(),
        ]

    def response(self) -> Response:
        """The problem as an HTTP response."""
        return Response(self.body(request.path), self.status, self.header_list())
