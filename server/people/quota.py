"""How much one investor may keep, so that nobody fills the database for free."""

from enum import Enum

from sqlalchemy import Connection, Table, func, select

from server.people.tables import enquiries, favourites, searches


class QuotaReached(RuntimeError):
    """The investor keeps as much as one may; ``most`` of it."""

    def __init__(self, title: str, most: int) -> None:
        super().__init__(title)
        self.title = title
        self.most = most


class Kept(Enum):
    """What is counted: its table, its Chinese title and how many one investor may have."""

    FAVOURITES = (favourites, "收藏", 500)
    SEARCHES = (searches, "订阅", 30)
    OPEN_ENQUIRIES = (enquiries, "未办结的咨询", 20)

    @property
    def table(self) -> Table:
        """Where it is kept, with a column ``investor_id``."""
        return self.value[0]


def require_room(connection: Connection, kept: Kept, investor_id: int) -> None:
    """:class:`QuotaReached` if the investor may not keep one more."""
    table, title, most = kept.value
    counted = select(func.count()).select_from(table).where(table.c.investor_id == investor_id)
    if kept is Kept.OPEN_ENQUIRIES:
        counted = counted.where(table.c.closed_at.is_(None))
    if connection.execute(counted).scalar_one() >= most:
        raise QuotaReached(title, most)
