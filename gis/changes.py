"""Changes of a layer: what a commit says it touched, and which answers outlive it."""

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

Box = tuple[float, float, float, float]
"""West, south, east, north in GCJ-02 degrees."""

LONGEST_LOG = 512


@dataclass(frozen=True)
class Change:
    """One committed change of a layer: ``version`` and ``at`` are those it made.

    ``boxes`` hold every touched site where the public saw it before and where it sees it now, and
    ``ids`` name them; None is for anywhere and for any.
    """

    schema: str
    layer: str
    version: int
    at: str
    boxes: Sequence[Box] | None
    ids: Sequence[int] | None

    def of(self, *sides: tuple[list[int] | None, Box | None]) -> "Change":
        """The same change of these sites only: each side their ids and the box around them."""
        boxes = [box for _, box in sides if box is not None]
        if any(ids is None for ids, _ in sides):
            return replace(self, boxes=boxes, ids=None)
        return replace(self, boxes=boxes, ids=sorted({i for ids, _ in sides for i in ids or ()}))

    def to_json(self) -> str:
        """The text of the notification."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Change":
        """The change that a notification tells of; ValueError if it is none of ours."""
        try:
            members = json.loads(text)
            boxes = members["boxes"]
            if boxes is not None:
                boxes = [tuple(map(float, box)) for box in boxes]
            return cls(
                members["schema"],
                members["layer"],
                int(members["version"]),
                members["at"],
                boxes,
                members["ids"],
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"no change: {text[:80]}") from error


@dataclass(frozen=True)
class Scope:
    """What an answer depends on: one site, or the sites that meet a box; by default all."""

    box: Box | None = None
    site_id: int | None = None

    def touched_by(self, change: Change) -> bool:
        """Whether the answer may differ after the change."""
        if self.site_id is not None:
            return change.ids is None or self.site_id in change.ids
        box = self.box
        if box is None or change.boxes is None:
            return True
        return any(
            w <= box[2] and box[0] <= e and s <= box[3] and box[1] <= n
            for w, s, e, n in change.boxes
        )


@dataclass(frozen=True)
class LayerState:
    """How new a layer is: its data version (0: never published) and when that was written."""

    version: int
    changed_at: str | None


class ChangeLog:
    """The newest known version of one layer, and the changes without a gap that led to it.

    Not locked: one thread writes. Readers see each field whole, and a log that is behind its
    version only makes them ask the database once more.
    """

    def __init__(self, now: LayerState) -> None:
        self.now = now
        self.origin = ""
        """Names the table that counts the versions and the server that runs; empty: unknown."""
        self.epoch = 0
        """Counts how often the database went back or became another: older answers are void."""
        self._began = now
        self._changes: deque[Change] = deque(maxlen=LONGEST_LOG)

    def add(self, change: Change) -> bool:
        """A change was committed; False where it is known already and says nothing new."""
        if change.version <= self.now.version:
            return False
        if change.version != self.now.version + 1:
            self._changes = deque(maxlen=LONGEST_LOG)
        self._changes.append(change)
        self.now = LayerState(change.version, change.at)
        return True

    def jump(self, now: LayerState, origin: str = "") -> bool:
        """The database says so itself: what led there is unknown if the version is another.

        True where the same database has changed and nobody told.
        """
        if now == self.now and origin == self.origin:
            return False
        went_back = now.version <= self.now.version
        self._changes = deque(maxlen=LONGEST_LOG)
        self._began = self.now = now
        # In this order what a reader takes for new may be counted to the old epoch, which is void.
        if went_back or origin != self.origin:
            self.epoch += 1
            self.origin = origin
            return False
        return True

    def passed(self, state: LayerState) -> bool:
        """Whether the layer is known to have been in this very state on its way to ``now``."""
        if state in (self.now, self._began):
            return True
        made = (state.version, state.changed_at)
        return any((change.version, change.at) == made for change in list(self._changes))

    def outlives(self, scope: Scope, version: int, now: LayerState) -> bool:
        """Whether what was true of ``scope`` in ``version`` is still true ``now``.

        Only says so when it knows every change in between and none of them touched the scope.
        """
        if version >= now.version:
            return True
        between = self.between(version, now.version)
        return between is not None and not any(map(scope.touched_by, between))

    def between(self, old: int, new: int) -> Sequence[Change] | None:
        """Every change after version ``old`` up to ``new``; None if one of them is not known."""
        changes = list(self._changes)
        last = len(changes) - (changes[-1].version - new if changes else 0)
        first = last - (new - old)
        return changes[first:last] if 0 <= first <= last <= len(changes) else None
