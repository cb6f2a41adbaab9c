"""Log lines: one shape for ours and for libraries, with the request they belong to."""

import logging
import sys
from typing import TYPE_CHECKING

import structlog

from server.db import spent

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor


def _request_id(_logger: object, _method: str, event: "EventDict") -> "EventDict":
    if spent.request_id:
        event.setdefault("request_id", spent.request_id)
    return event


_SHARED: "list[Processor]" = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _request_id,
]


def configure(*, as_json: bool) -> None:
    """Write every log line of this process to stderr, for machines or for people."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    shown: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *([structlog.processors.format_exc_info] if as_json else []),
            shown,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
