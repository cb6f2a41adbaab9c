"""The control of a shared cache: it believes whatever stands under the question's name."""

from typing import TYPE_CHECKING

from gis.changes import ChangeLog
from mini_program_api.questions import Question
from server import wsgi
from server.cache import Answer, moved
from server.encoding import Encoding
from server.shared_cache import SharedCache

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def _trusted(
    _cache: SharedCache, question: Question, log: ChangeLog, found: Answer, encoding: Encoding
) -> Answer:
    return moved(question, found, log.now, encoding)


def create() -> "WSGIApplication":
    """The application of a worker with that cache."""
    SharedCache._present = _trusted  # type: ignore[method-assign, assignment]
    return wsgi.create()
