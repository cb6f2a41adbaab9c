"""The blueprints that serve investors, and what is attached to sites."""

from mini_program_api import (
    attachments,
    enquiries,
    investor_sessions,
    me,
    searches,
    shares,
)

PEOPLE = tuple(
    module.bp for module in (attachments, enquiries, investor_sessions, me, searches, shares)
)
