"""Changes by the API: who asks, one transaction, one effect a key, one shape of answer."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import wraps
from operator import itemgetter
from typing import Concatenate, Generic, ParamSpec

from flask import Response, request
from sqlalchemy import Connection
from typing_extensions import TypeVar

from gis.query import BadQuery
from mini_program_api import params
from server import idempotency
from server.accounts import guard
from server.accounts.principals import Identity, Principal, Role, VersionMissing
from server.idempotency import Kept
from server.request import writing

Who = TypeVar("Who", bound=Identity, default=Principal)
Arguments = ParamSpec("Arguments")

_KEY = re.compile(r"[!-~]{1,200}")
_VERSION = re.compile(r'"([1-9][0-9]{0,8})"')
_MOST_DIGESTED = 64 << 20


@dataclass(frozen=True)
class Write(Generic[Who]):
    """A change in the making: its transaction (READ COMMITTED) and who makes it."""

    connection: Connection
    who: Who

    @property
    def actor(self) -> str:
        """What audit and history store."""
        return self.who.actor


@dataclass(frozen=True)
class Reply:
    """What a change answers; a body of None is 204."""

    body: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def change_by(
    ask: Callable[[], Who],
) -> Callable[[Callable[Concatenate[Write[Who], Arguments], Reply]], Callable[Arguments, Response]]:
    """A decorator for views that change something: ``ask`` says who sends the request, or raises.

    The view runs in one transaction, which commits if it returns. With an Idempotency-Key it runs
    once: the same request again gets the same answer, another one ``idempotency-key-reused``.
    """

    def decorate(
        view: Callable[Concatenate[Write[Who], Arguments], Reply],
    ) -> Callable[Arguments, Response]:
        @wraps(view)
        def changing(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Response:
            who, key = ask(), idempotency_key()
            with writing() as connection:
                if key is not None:
                    kept = idempotency.take(connection, who.actor, key, _digest())
                    if kept is not None:
                        return _response(kept, replayed=True)
                answer = _kept(view(Write(connection, who), *args, **kwargs))
                if key is not None:
                    idempotency.keep(connection, who.actor, key, answer)
            return _response(answer, replayed=False)

        return changing

    return decorate


def change(
    *roles: Role,
) -> Callable[
    [Callable[Concatenate[Write[Principal], Arguments], Reply]], Callable[Arguments, Response]
]:
    """A decorator for views by which staff with one of the roles change something."""
    return change_by(lambda: guard.staff(*roles))


def confirmed_change(
    *roles: Role,
) -> Callable[
    [Callable[Concatenate[Write[Principal], Arguments], Reply]], Callable[Arguments, Response]
]:
    """The same, for changes that ask for the password again."""
    return change_by(lambda: guard.confirmed(*roles))


def idempotency_key() -> str | None:
    """The Idempotency-Key of this request, if it brings one."""
    value = request.headers.get("Idempotency-Key")
    if value is not None and not _KEY.fullmatch(value):
        raise BadQuery("Idempotency-Key", "应为 1 到 200 个可见的 ASCII 字符")
    return value


def if_match() -> int:
    """The version that the caller saw, of ``If-Match: "3"``; :class:`VersionMissing`."""
    value = request.headers.get("If-Match")
    if value is None:
        raise VersionMissing
    found = _VERSION.fullmatch(value.strip())
    if found is None:
        raise BadQuery("If-Match", '应为带引号的版本号，例如 "3"')
    return int(found[1])


def _digest() -> str:
    if (request.content_length or 0) > _MOST_DIGESTED:
        raise BadQuery("Idempotency-Key", "这样大的内容不能使用 Idempotency-Key")
    asked = [request.method, request.full_path, request.headers.get("If-Match", "")]
    return idempotency.digest([*asked, *_content()])


def _content() -> Iterator[str | bytes]:
    """What the body says; a form with files without its boundary, which each sending makes anew."""
    if request.mimetype != "multipart/form-data":
        yield request.get_data(cache=True)
        return
    for name, value in sorted(params.named(request.form).items(multi=True)):
        yield from (name, value)
    files = params.named(request.files)
    for name, file in sorted(files.items(multi=True), key=itemgetter(0)):
        yield from (name, file.filename or "", file.stream.read())
        file.stream.seek(0)


def _kept(reply: Reply) -> Kept:
    if reply.body is None:
        return Kept(204, "", reply.headers)
    body = json.dumps(reply.body, ensure_ascii=False, separators=(",", ":"))
    return Kept(reply.status, body, reply.headers)


def _response(answer: Kept, *, replayed: bool) -> Response:
    content_type = "application/json" if answer.body else None
    response = Response(answer.body, answer.status, answer.headers, content_type=content_type)
    response.headers["Cache-Control"] = "private, no-store"
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response
