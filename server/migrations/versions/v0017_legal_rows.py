"""Versions of clocks and numbers of the law, dated names of offices; all three only ever grow."""

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0016"

_NUMBERS = """
DELETE FROM case_deadlines AS early USING case_deadlines AS late
    WHERE late.step = early.step AND late.region_code = early.region_code
    AND late.effective_from = early.effective_from AND late.version > early.version;
DROP INDEX uq_case_deadlines_row;
ALTER TABLE case_deadlines DROP COLUMN version;
CREATE UNIQUE INDEX uq_case_deadlines_row ON case_deadlines (step, region_code, effective_from);
DELETE FROM legal_parameters AS early USING legal_parameters AS late
    WHERE late.name = early.name AND late.region_code = early.region_code
    AND late.effective_from = early.effective_from AND late.version > early.version;
DROP INDEX uq_legal_parameters_row;
ALTER TABLE legal_parameters DROP COLUMN version;
CREATE UNIQUE INDEX uq_legal_parameters_row
    ON legal_parameters (name, region_code, effective_from);
"""

_OFFICE = """
CREATE TEMPORARY TABLE office_now ON COMMIT DROP AS
    SELECT DISTINCT ON (region_code) region_code, name, short_name, government, address, phone
    FROM disposal_offices ORDER BY region_code, effective_from DESC, version DESC;
DELETE FROM disposal_offices;
ALTER TABLE disposal_offices
    DROP COLUMN id, DROP COLUMN effective_from, DROP COLUMN version, DROP COLUMN source,
    ADD CONSTRAINT pk_disposal_offices PRIMARY KEY (region_code);
INSERT INTO disposal_offices (region_code, name, short_name, government, address, phone)
    SELECT region_code, name, short_name, government, address, phone FROM office_now;
"""


def upgrade() -> None:
    """Make it so as the SQL file beside this one says."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Keep of each day the last version, of each office the newest name."""
    for table in ("case_deadlines", "legal_parameters", "disposal_offices"):
        op.execute(f"DROP TRIGGER only_added ON {table}")
    op.get_bind().exec_driver_sql(_NUMBERS)
    op.get_bind().exec_driver_sql(_OFFICE)
