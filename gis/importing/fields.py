"""Which field of a file is which column of ours: the alias dictionary and saved profiles."""

import csv
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from gis.layers import Column, Layer

MIN, MAX, BY_NAME = "min", "max", "name"
"""Units that are none: one bound of an interval, and a region given by its name."""


@dataclass(frozen=True)
class Field:
    """One field of a file and the column it fills.

    ``unit`` is the file's own unit where it is not the column's (``mu``, ``ha`` ...), or one of
    MIN, MAX and BY_NAME.
    """

    name: str
    column: Column
    unit: str = ""


class BadMapping(ValueError):
    """A mapping that names a column that is not there, in Chinese."""


@dataclass(frozen=True)
class FieldMap:
    """The fields of a file that are ours, and those that nobody knows."""

    fields: tuple[Field, ...]
    unmapped: tuple[str, ...]

    def fields_of(self, column_name: str) -> tuple[Field, ...]:
        """The fields that fill a column: one, or two bounds of an interval, or none."""
        return tuple(f for f in self.fields if f.column.name == column_name)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that the file fills, each once, in the order of its fields."""
        return tuple(dict.fromkeys(field.column for field in self.fields))


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("gis") / "data" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _key(name: str) -> str:
    # Full-width brackets and ㎡ are the same as their plain forms, as the dictionary has them.
    return unicodedata.normalize("NFKC", name).strip().casefold()


@lru_cache
def aliases(layer: Layer) -> Mapping[str, tuple[str, str]]:
    """``(column, unit)`` by alias for one layer; its own aliases win over those of all layers."""
    found = {_key(column.name): (column.name, "") for column in layer.writable}
    rows = _rows("field_aliases.csv")
    writable = {column.name for column in layer.writable}
    for owner in ("*", layer.name):
        for row in rows:
            if row["layer"] == owner and row["column"] in writable:
                found[_key(row["alias"])] = (row["column"], row["unit"])
    return found


@lru_cache
def spellings(layer: Layer, column_name: str) -> Sequence[str]:
    """The dictionary's words that mean a column in its own unit, as they are spelled there."""
    known = aliases(layer)
    return [
        row["alias"]
        for row in _rows("field_aliases.csv")
        if row["layer"] in ("*", layer.name) and known.get(_key(row["alias"])) == (column_name, "")
    ]


@lru_cache
def value_aliases(column: Column) -> Mapping[str, str]:
    """Codes of a coded column by every word that files use for them."""
    choices = column.choices or {}
    found = {_key(label): code for code, label in choices.items()}
    found |= {_key(code): code for code in choices}
    for row in _rows("value_aliases.csv"):
        if row["column"] == column.name and row["code"] in choices:
            found.setdefault(_key(row["alias"]), row["code"])
    return found


def code_of(column: Column, word: str) -> str | None:
    """The code that a word means in a coded column; None if it means none."""
    return value_aliases(column).get(_key(word))


def suggest(
    layer: Layer, names: Sequence[str], profile: Mapping[str, str | None] | None = None
) -> FieldMap:
    """What each field is, by the profile first and the dictionary after it.

    ``profile`` says ``{field: column[:unit]}``, or None for a field to leave out. Where two fields
    fill one column, the one in the column's own unit wins; the other is listed as unmapped.
    """
    known = aliases(layer)
    profile = profile or {}
    chosen: dict[tuple[str, str], Field] = {}
    for name in names:
        target = _profiled(layer, profile[name]) if name in profile else known.get(_key(name))
        if target is None:
            continue
        column, unit = target
        field = Field(name, layer.column(column), unit)
        place = (column, unit if unit in (MIN, MAX) else "")
        rival = chosen.get(place)
        if rival is None or name in profile or (rival.unit and not unit):
            chosen[place] = field
    whole = {column for column, part in chosen if not part}
    fields = tuple(f for (column, part), f in chosen.items() if not part or column not in whole)
    taken = {field.name for field in fields} | {name for name, t in profile.items() if not t}
    return FieldMap(fields, tuple(name for name in names if name not in taken))


def _profiled(layer: Layer, target: str | None) -> tuple[str, str] | None:
    if not target:
        return None
    column, _, unit = target.partition(":")
    if column not in {c.name for c in layer.writable}:
        raise BadMapping(f"图层 {layer.title} 没有可写字段 {column}")
    return column, unit
