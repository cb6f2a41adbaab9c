"""Who asks: a member of staff with roles in regions, and the errors of asking for too much."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """What a member of staff may do; each role is granted in a region."""

    OFFICER = "officer"
    REVIEWER = "reviewer"
    LEADER = "leader"
    GIS = "gis"
    VIEWER = "viewer"
    ADMIN = "admin"


ROLE_TITLES = {
    Role.OFFICER: "土地干部",
    Role.REVIEWER: "县局复核",
    Role.LEADER: "领导小组",
    Role.GIS: "GIS人员",
    Role.VIEWER: "督查",
    Role.ADMIN: "系统管理员",
}


class StaffOnly(PermissionError):
    """The request asks for what only staff, or only other staff, may have."""


class Unauthenticated(PermissionError):
    """The request does not say who asks, or says it wrongly."""


class Forbidden(PermissionError):
    """Staff ask for something in a region that was not granted to them."""

    def __init__(self, region_code: str | None) -> None:
        super().__init__(region_code or "")
        self.region_code = region_code


class VersionMissing(ValueError):
    """A change of something that others change too does not say which version it saw."""


class Identity(Protocol):
    """Whoever changes something: staff, an investor."""

    @property
    def actor(self) -> str:
        """What audit and history store of them."""


@dataclass(frozen=True)
class Grant:
    """A role in every region whose code begins with ``region_code``; "" is everywhere."""

    role: Role
    region_code: str


@dataclass(frozen=True)
class Principal:
    """A member of staff who is logged in."""

    user_id: int
    username: str
    name: str
    grants: tuple[Grant, ...]

    @property
    def actor(self) -> str:
        """What audit and history store."""
        return f"user:{self.username}"

    def prefixes(self, *roles: Role) -> tuple[str, ...]:
        """Prefixes of the regions in which it has one of the roles, or any role if none is given.

        None of them begins with another; an empty tuple is nowhere, ``("",)`` everywhere.
        """
        found = sorted({g.region_code for g in self.grants if not roles or g.role in roles})
        return tuple(
            code
            for code in found
            if not any(code != other and code.startswith(other) for other in found)
        )

    def has(self, *roles: Role) -> bool:
        """Whether it has one of the roles anywhere."""
        return bool(self.prefixes(*roles))

    def has_any(self, roles: Sequence[Role]) -> bool:
        """Whether it has one of the roles anywhere; of no roles none."""
        return any(one.role in roles for one in self.grants)

    def may(self, roles: tuple[Role, ...], region_code: str | None) -> bool:
        """Whether it has one of the roles, or any role if none is given, in the region.

        What stands in no known region belongs to those who may everywhere.
        """
        return any((region_code or "").startswith(prefix) for prefix in self.prefixes(*roles))

    def require(self, roles: tuple[Role, ...], region_code: str | None) -> None:
        """Raise :class:`Forbidden` unless it may."""
        if not self.may(roles, region_code):
            raise Forbidden(region_code)
