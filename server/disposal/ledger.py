"""The ledger of disposal: what was posted for every change of a case, added up by month.

Postings are written by triggers, so nothing that changes a case can forget them. Adding up moves
them into cells in one statement: whoever reads sums both, and sees each exactly once.
"""

from datetime import date

from sqlalchemy import Connection, text

_AMOUNTS = """cases = disposal_cells.cases + excluded.cases,
    area_m2 = disposal_cells.area_m2 + excluded.area_m2,
    days = disposal_cells.days + excluded.days"""

_KEY = "month, region_code, class, cause, measure, flow, state"

STOCK_CASES = """sum(CASE WHEN flow IN ('new', 'adjusted', 'balance') THEN cases
    WHEN flow IN ('closed', 'rejected') THEN -cases ELSE 0 END)"""
STOCK_AREA = """sum(CASE WHEN flow IN ('new', 'adjusted', 'balance') THEN area_m2
    WHEN flow IN ('disposed', 'closed', 'rejected') THEN -area_m2 ELSE 0 END)"""
"""What postings make of the stock: each flow has its sign."""

_ADD_UP = text(
    f"""
WITH taken AS (DELETE FROM disposal_postings RETURNING *),
monthly AS (
    SELECT CAST(date_trunc('month', on_date) AS date) AS month, region_code, class, cause,
        measure, flow, state, cases, area_m2, days
    FROM taken WHERE flow <> 'balance'
    UNION ALL
    -- A stock that changed in one year is carried into every year after it, up to the next one.
    SELECT make_date(year, 1, 1), t.region_code, t.class, t.cause, t.measure, 'balance', '',
        CASE WHEN flow IN ('closed', 'rejected') THEN -cases
            WHEN flow = 'disposed' THEN 0 ELSE cases END,
        CASE WHEN flow IN ('disposed', 'closed', 'rejected') THEN -area_m2 ELSE area_m2 END, 0
    FROM taken t CROSS JOIN LATERAL generate_series(
        CAST(extract(year FROM t.on_date) AS int) + 1, :last_year) AS year
    WHERE t.flow <> 'stage'
)
INSERT INTO disposal_cells ({_KEY}, cases, area_m2, days)
SELECT {_KEY}, sum(cases), sum(area_m2), sum(days) FROM monthly GROUP BY {_KEY}
ON CONFLICT ({_KEY}) DO UPDATE SET {_AMOUNTS}"""  # noqa: S608
)

_CARRY = text(
    f"""
INSERT INTO disposal_cells ({_KEY}, cases, area_m2, days)
SELECT make_date(:year, 1, 1), region_code, class, cause, measure, 'balance', '',
    {STOCK_CASES}, {STOCK_AREA}, 0
FROM disposal_cells WHERE month >= make_date(:year - 1, 1, 1) AND month < make_date(:year, 1, 1)
GROUP BY region_code, class, cause, measure HAVING {STOCK_CASES} <> 0 OR {STOCK_AREA} <> 0"""  # noqa: S608
)

_CARRIED_TO = text(
    "SELECT CAST(extract(year FROM max(month)) AS int) FROM disposal_cells WHERE flow = 'balance'"
)


def add_up(connection: Connection, today: date) -> None:
    """Move every posting into the cells; readers see the same sums before and after.

    Balances are kept for every 1 January up to the next one.
    """
    # Two at once would wait for each other's cells in different orders.
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('disposal_ledger'))"))
    last = today.year + 1
    carried: int | None = connection.execute(_CARRIED_TO).scalar_one()
    for year in range((carried or last) + 1, last + 1):
        connection.execute(_CARRY, {"year": year})
    connection.execute(_ADD_UP, {"last_year": max(last, carried or 0)})
