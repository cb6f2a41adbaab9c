"""Changes by investors: as those of staff, by the token of an investor."""

from mini_program_api.writes import Reply, Write, change_by
from server.people import guard
from server.people.investors import Investor

change_by_investor = change_by(guard.investor)
"""A decorator for views by which an investor changes something of their own."""

InvestorWrite = Write[Investor]

__all__ = ["InvestorWrite", "Reply", "change_by_investor"]
