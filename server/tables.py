"""Every table of the product on one metadata: importing this module knows them all."""

from gis import datum_shifts, freshness, queryables
from gis.tables import metadata
from server import idempotency, nightly, outbox_tables
from server.accounts import tables as accounts
from server.disposal import register_tables as disposal_register
from server.disposal import report_tables as disposal_reports
from server.disposal import scan_tables as disposal_rules
from server.disposal import tables as disposal
from server.files import tables as files
from server.people import tables as people
from server.wechat import tokens as wechat_tokens

__all__ = [
    "accounts",
    "datum_shifts",
    "disposal",
    "disposal_register",
    "disposal_reports",
    "disposal_rules",
    "files",
    "freshness",
    "idempotency",
    "metadata",
    "nightly",
    "outbox_tables",
    "people",
    "queryables",
    "wechat_tokens",
]
