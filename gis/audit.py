"""Audit: one row a change, written with the change, chained by the database when it commits."""

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import Connection, insert

from gis.tables import audit


class Action(StrEnum):
    """What was done."""

    IMPORT_APPLIED = "import.applied"
    IMPORT_ROLLED_BACK = "import.rolled_back"
    EXPORT = "export"
    SITE_EDITED = "site.edited"
    USER_ADDED = "user.added"
    USER_GRANTED = "user.granted"
    USER_CHANGED = "user.changed"
    USER_DISABLED = "user.disabled"
    USER_ENABLED = "user.enabled"
    CASE_FOUND = "case.found"
    CASE_CHANGED = "case.changed"
    CASE_EVIDENCE = "case.evidence"
    CASE_DOCUMENT = "case.document"
    LOGGED_IN = "session.begun"
    SESSION_ENDED = "session.ended"
    LOGIN_LOCKED = "session.locked"
    RULE_ADDED = "disposal.rule_added"
    LAW_ADDED = "disposal.law_added"
    SCANNED = "disposal.scanned"
    TARGET_SET = "disposal.target_set"
    REPORT_FROZEN = "disposal.report_frozen"
    REGISTER_IMPORTED = "disposal.register_imported"
    CONSENT_GIVEN = "investor.consented"
    PHONE_GIVEN = "investor.phone_given"
    INVESTOR_ERASED = "investor.erased"
    PERSONAL_DATA_PURGED = "privacy.purged"
    ENQUIRY_MADE = "enquiry.made"
    ENQUIRY_ACTED = "enquiry.acted"
    ENQUIRY_ESCALATED = "enquiry.escalated"
    ATTACHMENT_ADDED = "attachment.added"
    ATTACHMENT_REMOVED = "attachment.removed"


def record(
    connection: Connection,
    actor: str,
    action: Action,
    subject: str,
    details: Mapping[str, object],
) -> None:
    """Write the row of a change in the change's own transaction.

    ``actor`` is ``user:<username>``, ``investor:<id>``, ``cli:<login>`` or ``system``; ``subject``
    is like ``parcels/100123``; ``details`` must be JSON. The row gets its place in the hash chain
    when the caller commits, so that nobody waits for another's transaction before.
    """
    connection.execute(
        insert(audit).values(
            actor=actor, action=action.value, subject=subject, details=dict(details)
        )
    )
