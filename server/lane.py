"""The fast lane: hot reads answered before Flask, from this worker's memory or in one statement.

It answers a request completely or hands it on untouched; whatever is unusual or wrong is Flask's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import psycopg2
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gis.changes import ChangeLog, LayerState
from gis.statements import UnboundValue
from mini_program_api import answers, questions
from mini_program_api.questions import Database, Question, Unsettled
from server import errors
from server.cache import Answer, Cache, Flights, answer
from server.config import Settings
from server.db import spent
from server.encoding import Encoding, tagged, wanted
from server.listener import Versions
from server.observe import ROUTE
from server.pool import PoolFull
from server.shared_cache import SharedCache
from server.snapshots import Snapshots

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_LONGEST_QUERY = 1000
"""Characters of a query string beyond which a question is not worth remembering."""

_REASONS = {
    200: "200 OK",
    204: "204 NO CONTENT",
    304: "304 NOT MODIFIED",
    500: "500 INTERNAL SERVER ERROR",
    503: "503 SERVICE UNAVAILABLE",
}


@dataclass(frozen=True)
class Reply:
    """A whole HTTP answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True)
class Sources:
    """Where answers come from: the database, what is known of it, perhaps a copy of it, perhaps
    what other workers made."""

    database: Database
    versions: Versions
    snapshots: Snapshots | None = None
    shared: SharedCache | None = None


class Lane:
    """WSGI middleware in front of the application."""

    def __init__(self, app: "WSGIApplication", settings: Settings, sources: Sources) -> None:
        self._app = app
        self._page_limit, self._page_bytes = settings.page_limit, settings.page_bytes
        self._database = sources.database
        self._versions = sources.versions
        self._snapshots = sources.snapshots
        self._shared = sources.shared
        self._cache = Cache(settings.cache_mb * 1_000_000)
        self._flights = Flights[Answer]()
        self._remembered = lru_cache(4096)(self._parse)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer, or hand on."""
        reply = self.reply(environ) if environ["REQUEST_METHOD"] == "GET" else None
        if reply is None:
            return self._app(environ, start_response)
        environ[ROUTE] = "lane"
        start_response(_REASONS[reply.status], reply.headers)
        return [reply.body]

    def _parse(self, path: str, query_string: str) -> Question | None:
        return questions.parse(path, query_string, self._page_limit, self._page_bytes)

    def reply(self, environ: "WSGIEnvironment") -> Reply | None:
        """The answer, or None for what is not the lane's."""
        path, query_string = environ["PATH_INFO"], environ["QUERY_STRING"]
        parse = self._remembered if len(query_string) <= _LONGEST_QUERY else self._parse
        question = parse(path, query_string)
        if question is None:
            return None
        spent.sql_s = 0.0
        try:
            return self._answered(question, environ)
        except (Unsettled, UnboundValue):
            return None
        except (psycopg2.Error, PoolFull, DBAPIError, PoolTimeout) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            problem = errors.database_problem(cause or error)
            return Reply(problem.status, problem.header_list(), problem.body(path))

    def _answered(self, question: Question, environ: "WSGIEnvironment") -> Reply:
        if_none_match = environ.get("HTTP_IF_NONE_MATCH")
        log = None if _insists(environ) else self._versions.log(question.layer)
        if log is not None and if_none_match:
            tag = question.tag(log.now, None)
            held = tag and answers.held(if_none_match, tag)
            if held:
                return _unchanged(question, held, log.now)
        encoding = wanted(environ.get("HTTP_ACCEPT_ENCODING"))
        found = self._found(question, log, encoding)
        held = answers.held(if_none_match, found.tag)
        if held:
            return _unchanged(question, held, found.state)
        body, used = found.body(encoding)
        headers = question.headers(tagged(found.tag, used), found.state, found.facts)
        if not body:
            return Reply(204, headers, body)
        headers.append(("Content-Length", str(len(body))))
        if used is not Encoding.IDENTITY:
            headers.append(("Content-Encoding", used))
        return Reply(200, headers, body)

    def _found(self, question: Question, log: ChangeLog | None, encoding: Encoding) -> Answer:
        if log is None:
            return answer(question, -1, question.read(self._database), encoding)
        kept = self._cache.get(question, log, encoding)
        if kept is not None:
            return kept
        told = self._snapshots and self._snapshots.answer(question, log)
        if told:
            return answer(question, log.epoch, told, encoding)

        def still_true(one: Answer) -> bool:
            version = one.state.version
            return one.epoch == log.epoch and log.outlives(question.scope, version, log.now)

        made = self._flights.read(question, lambda: self._read(question, log, encoding), still_true)
        self._cache.put(question, made)
        return made

    def _read(self, question: Question, log: ChangeLog, encoding: Encoding) -> Answer:
        shared = self._shared
        found = shared.get(question, log, encoding) if shared else None
        if found is not None:
            return found
        # Before reading: what is read after a step back in time may belong to either side of it.
        epoch = log.epoch
        made = answer(question, epoch, question.read(self._database), encoding)
        if shared:
            shared.put(question, log, made, encoding)
        return made


def _insists(environ: Mapping[str, str]) -> bool:
    """Whether the client will not have a kept answer: who has just written says ``no-cache``."""
    return "no-cache" in environ.get("HTTP_CACHE_CONTROL", "")


def _unchanged(question: Question, tag: str, state: LayerState) -> Reply:
    headers = question.headers(tag, state, None)
    return Reply(304, [each for each in headers if each[0] != "Content-Type"], b"")
