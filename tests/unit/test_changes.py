"""Which answers outlive which changes: checked against a layer that is simply looked at."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.changes import Box, Change, ChangeLog, LayerState, Scope

BOXES = st.tuples(*(st.integers(0, 12) for _ in range(4))).map(
    lambda c: (float(c[0]), float(c[1]), float(c[0] + c[2] % 4), float(c[1] + c[3] % 4))
)
IDS = st.integers(1, 6)


@dataclass
class Sites:
    """A layer as the public sees it: where each site stands, and in which version it came there."""

    log: ChangeLog = field(default_factory=lambda: ChangeLog(LayerState(0, None)))
    standing: dict[int, tuple[Box, int]] = field(default_factory=dict)
    version: int = 0

    def commit(self, moved: dict[int, Box | None], *, heard: bool, whole: bool) -> None:
        self.version += 1
        before = [self.standing[i][0] for i in moved if i in self.standing]
        for site_id, box in moved.items():
            if box is None:
                self.standing.pop(site_id, None)
            else:
                self.standing[site_id] = (box, self.version)
        after = [box for box in moved.values() if box is not None]
        if heard:
            boxes, ids = (None, None) if whole else (before + after, list(moved))
            self.log.add(Change("kandi", "parcels", self.version, "", boxes, ids))

    def answer(self, scope: Scope) -> dict[int, tuple[Box, int]]:
        if scope.site_id is not None:
            return {i: s for i, s in self.standing.items() if i == scope.site_id}
        box = scope.box
        return {
            i: (b, v)
            for i, (b, v) in self.standing.items()
            if box is None
            or (b[0] <= box[2] and box[0] <= b[2] and b[1] <= box[3] and box[1] <= b[3])
        }


STEPS = st.lists(
    st.tuples(
        st.dictionaries(IDS, st.none() | BOXES, max_size=3),
        st.sampled_from(["heard", "heard", "heard", "heard whole", "missed", "asked"]),
    ),
    max_size=12,
)
SCOPES = st.builds(Scope, box=st.none() | BOXES) | st.builds(Scope, site_id=IDS)


@given(steps=STEPS, scopes=st.lists(SCOPES, min_size=1, max_size=5))
def test_what_outlives_is_unchanged(
    steps: list[tuple[dict[int, Box | None], str]], scopes: list[Scope]
) -> None:
    sites = Sites()
    seen = [(0, [sites.answer(scope) for scope in scopes])]
    for moved, how in steps:
        sites.commit(moved, heard=how.startswith("heard"), whole=how == "heard whole")
        if how == "asked":
            sites.log.jump(LayerState(sites.version, ""))
        answers = [sites.answer(scope) for scope in scopes]
        seen.append((sites.version, answers))
        now = sites.log.now
        for version, old in seen:
            for scope, was in zip(scopes, old, strict=True):
                if sites.log.outlives(scope, version, now) and version <= now.version:
                    # What is known may lag behind, but is what was true in the known version.
                    assert was == seen[now.version][1][scopes.index(scope)]


def test_a_change_elsewhere_is_outlived() -> None:
    log = ChangeLog(LayerState(4, "then"))
    log.add(Change("kandi", "parcels", 5, "now", [(5, 5, 6, 6)], [7]))
    assert log.outlives(Scope((0, 0, 1, 1)), 4, log.now)
    assert log.outlives(Scope(site_id=8), 4, log.now)
    assert not log.outlives(Scope((0, 0, 5, 5)), 4, log.now)
    assert not log.outlives(Scope(site_id=7), 4, log.now)
    assert not log.outlives(Scope(), 4, log.now)
    assert not log.outlives(Scope((0, 0, 1, 1)), 3, log.now)


def test_a_restored_database_begins_another_epoch() -> None:
    log = ChangeLog(LayerState(9, "monday"))
    log.jump(LayerState(9, "monday"))
    assert log.epoch == 0
    log.jump(LayerState(4, "sunday"))
    log.jump(LayerState(4, "tuesday"))
    assert log.epoch == 2


def test_only_states_on_the_way_here_are_known() -> None:
    log = ChangeLog(LayerState(0, None))
    log.jump(LayerState(4, "then"), "origin")
    log.add(Change("kandi", "parcels", 5, "later", None, None))
    log.add(Change("kandi", "parcels", 6, "now", None, None))
    known = [(4, "then"), (5, "later"), (6, "now")]
    assert all(log.passed(LayerState(*state)) for state in known)
    strange = [(4, "later"), (5, "then"), (6, None), (6, "later"), (3, "then"), (7, "now")]
    assert not any(log.passed(LayerState(*state)) for state in strange)
    log.jump(LayerState(5, "restored"), "origin")
    assert log.passed(LayerState(5, "restored"))
    assert not any(log.passed(LayerState(*state)) for state in known)


def test_another_origin_begins_another_epoch() -> None:
    log = ChangeLog(LayerState(0, None))
    log.jump(LayerState(4, "then"), "one")
    epoch = log.epoch
    log.jump(LayerState(4, "then"), "one")
    assert (log.epoch, log.origin) == (epoch, "one")
    # A restored copy that was written to since may be ahead of what was known.
    log.jump(LayerState(9, "later"), "other")
    assert (log.epoch, log.origin) == (epoch + 1, "other")


def test_a_notification_reads_back() -> None:
    change = Change("kandi", "plants", 3, "2026-01-01T00:00:00+08:00", [(1.5, 2, 3, 4)], [1, 2])
    assert Change.from_json(change.to_json()) == change
    everything = change.of(([1], (0, 0, 1, 1)), (None, (2, 2, 3, 3)))
    assert everything.ids is None
    assert everything.boxes == [(0, 0, 1, 1), (2, 2, 3, 3)]
    with pytest.raises(ValueError, match="no change"):
        Change.from_json('{"layer": "plants"}')


def test_a_log_says_how_it_learned_of_a_change() -> None:
    log = ChangeLog(LayerState(0, None))
    # The first look at a database, and a look at another one, are no changes of it.
    assert log.jump(LayerState(4, "a"), "here") is False
    told = Change("kandi", "parcels", 5, "b", None, None)
    assert (log.add(told), log.add(told)) == (True, False)
    assert log.jump(LayerState(5, "b"), "here") is False
    assert log.jump(LayerState(7, "c"), "here") is True
    assert log.jump(LayerState(6, "b"), "here") is False
    assert log.jump(LayerState(9, "d"), "there") is False
