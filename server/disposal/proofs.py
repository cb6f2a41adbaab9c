"""Evidence that an action needs: taken from what was uploaded to the case, tied to the action."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select, update

from server.disposal.case import Case
from server.disposal.fields import Field, FieldKind, InvalidInputs, Value
from server.disposal.tables import disposal_evidence

_FILES = (FieldKind.PHOTO, FieldKind.DOCUMENT)


def taken(
    connection: Connection, case: Case, fields: Sequence[Field], values: Mapping[str, Value | None]
) -> tuple[int, ...]:
    """Numbers of the evidence that belongs to an action; :class:`InvalidInputs` if some lacks.

    A photo or document that is named must be of this case. One that is required and not named is
    any of its kind that no action has yet; a photo that is required must tell where it was taken.
    """
    wanted = [one for one in fields if one.kind in _FILES]
    if not wanted:
        return ()
    rows = connection.execute(
        select(
            disposal_evidence.c.id,
            disposal_evidence.c.kind,
            disposal_evidence.c.action_id,
            disposal_evidence.c.distance_m,
            disposal_evidence.c.exif_distance_m,
        ).where(disposal_evidence.c.case_id == case.id)
    ).all()
    located = {r.id for r in rows if r.distance_m is not None or r.exif_distance_m is not None}
    free = {kind: [r.id for r in rows if r.kind == kind and not r.action_id] for kind in _FILES}
    of_kind = {kind: {r.id for r in rows if r.kind == kind} for kind in _FILES}
    found: list[int] = []
    wrong: dict[str, str] = {}
    for one in wanted:
        named = values[one.name]
        chosen = list(named) if isinstance(named, tuple) else free[one.kind]
        usable = [n for n in chosen if isinstance(n, int) and n in of_kind[one.kind]]
        if isinstance(named, tuple) and len(usable) < len(named):
            wrong[one.name] = f"{one.title}：所选的文件不属于本案"
        elif one.required and not usable:
            wrong[one.name] = f"请先上传{one.title}"
        elif one.required and one.kind is FieldKind.PHOTO and not located & set(usable):
            wrong[one.name] = f"{one.title}没有定位信息"
        found += usable
    if wrong:
        raise InvalidInputs(wrong)
    return tuple(dict.fromkeys(found))


def attach(connection: Connection, evidence: Sequence[int], action_id: int) -> None:
    """Tie evidence that no action has yet to this one."""
    if evidence:
        table = disposal_evidence
        connection.execute(
            update(table)
            .where(table.c.id.in_(evidence), table.c.action_id.is_(None))
            .values(action_id=action_id)
        )
