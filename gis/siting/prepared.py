"""Statements of siting, prepared on the connection that runs them: each text is parsed there once.

Their texts are few, one a kind of question. Parsing one takes PostgreSQL a fifth of the time of the
whole answer; planning it anew is worth it, because the best way depends on the values. So this
wants connections with ``plan_cache_mode=force_custom_plan``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select

from gis.statements import DIALECT

_PLACE = re.compile(r"%\((\w+)\)s")
_KEPT = "siting_statements"
_MOST = 100
"""Of a connection: each takes some 100 kB of the server process; others go without."""


@dataclass(frozen=True)
class Statement:
    """A statement with its values."""

    text: str
    values: dict[str, object]


def compiled(statement: Select[Any]) -> Statement:
    """A statement of SQLAlchemy as text with its own values; None for those still to be given."""
    found = statement.compile(dialect=DIALECT)
    return Statement(str(found), dict(found.params))


def rows(connection: Connection, statement: Statement) -> Sequence[Row[Any]]:
    """All rows of a statement."""
    kept: dict[str, str] = connection.info.setdefault(_KEPT, {})
    execute = kept.get(statement.text)
    if execute is None and len(kept) < _MOST:
        execute = kept[statement.text] = _prepare(connection, statement, f"siting_{len(kept)}")
    return connection.exec_driver_sql(execute or statement.text, statement.values).all()


def _prepare(connection: Connection, statement: Statement, name: str) -> str:
    places = {place: f"${n}" for n, place in enumerate(statement.values, 1)}
    text = _PLACE.sub(lambda found: places[found[1]], statement.text)
    connection.exec_driver_sql(f"PREPARE {name} AS {text}")
    return f"EXECUTE {name} ({', '.join(f'%({place})s' for place in places)})"
