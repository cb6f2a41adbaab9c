"""All public sites of a layer in memory: answers by place without SQL, with SQL as their oracle."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from gis import features, sql
from gis.changes import LayerState
from gis.crs import GeometryArray
from gis.features import Page
from gis.layers import Layer
from gis.query import ItemsQuery

_CHUNK = 20_000

_Row = tuple[int, bytes, str, int]


@dataclass(frozen=True)
class Snapshot:
    """The sites of a layer in one state, in the order of their ids; never altered."""

    state: LayerState
    ids: NDArray[np.int64]
    shapes: GeometryArray
    texts: list[bytes]
    weights: NDArray[np.int64]
    """What each takes of the budget of a page."""
    _tree: shapely.STRtree = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tree = shapely.STRtree(self.shapes)
        # Its index is built by the first who asks: better here than in somebody's request.
        tree.query(shapely.Point(0, 0))
        object.__setattr__(self, "_tree", tree)

    def page(self, query: ItemsQuery) -> Page:
        """The page that a query by place alone asks for: what ``gis.sql.page`` would find."""
        found = self._found(query)
        matched = len(found)
        if query.after_id is not None:
            found = found[self.ids[found] > query.after_id]
        shown = self._within_budget(found[: query.limit], query.most_bytes)
        texts = self.texts
        text = b",".join([texts[place] for place in shown.tolist()])
        more = len(found) > len(shown)
        return Page(text, len(shown), matched, int(self.ids[shown[-1]]) if more else None)

    def _within_budget(self, places: NDArray[np.int64], most_bytes: int) -> NDArray[np.int64]:
        totals = np.cumsum(self.weights[places])
        return places[: max(1, int(np.searchsorted(totals, most_bytes, side="right")))]

    def _found(self, query: ItemsQuery) -> NDArray[np.int64]:
        box = query.bbox
        if box is None:
            return np.arange(len(self.ids))
        asked = shapely.box(box.west, box.south, box.east, box.north)
        found: NDArray[np.int64] = self._tree.query(asked, predicate="intersects")
        found.sort()
        return found


def load(connection: Connection, layer: Layer) -> Snapshot:
    """The layer in the connection's snapshot of the database."""
    state = features.state(connection, layer)
    ids: list[int] = []
    parts: list[GeometryArray] = []
    texts: list[bytes] = []
    weights: list[int] = []
    for rows in _chunks(connection, layer):
        ids += [row[0] for row in rows]
        parts.append(shapely.from_wkb([bytes(row[1]) for row in rows]))
        texts += [row[2].encode() for row in rows]
        weights += [row[3] for row in rows]
    shapes = np.concatenate(parts) if parts else np.empty(0, object)
    return Snapshot(state, np.array(ids, np.int64), shapes, texts, np.array(weights, np.int64))


def _chunks(connection: Connection, layer: Layer) -> Iterator[list[_Row]]:
    streamed = connection.execution_options(stream_results=True, yield_per=_CHUNK)
    for rows in streamed.execute(sql.everything(layer)).partitions():
        yield [(number, wkb, text, weight) for number, wkb, text, weight in rows]


def renewed(connection: Connection, layer: Layer, old: Snapshot, ids: Iterable[int]) -> Snapshot:
    """The old snapshot with these sites read anew, in the connection's snapshot of the database.

    ``ids`` are all sites that changed between both.
    """
    state = features.state(connection, layer)
    changed = sorted(set(ids))
    rows = connection.execute(sql.everything(layer, changed)).all()
    kept = ~np.isin(old.ids, changed)
    all_ids = np.concatenate([old.ids[kept], np.array([row[0] for row in rows], np.int64)])
    order = np.argsort(all_ids)
    new_shapes = shapely.from_wkb([bytes(row[1]) for row in rows])
    shapes = np.concatenate([old.shapes[kept], np.array(new_shapes, object)])[order]
    texts = [text for text, keep in zip(old.texts, kept, strict=True) if keep]
    texts += [row[2].encode() for row in rows]
    weights = np.concatenate([old.weights[kept], np.array([row[3] for row in rows], np.int64)])
    return Snapshot(
        state, all_ids[order], shapes, [texts[place] for place in order], weights[order]
    )
