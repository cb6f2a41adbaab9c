"""Reads without a join: texts of simplified shapes beside the exact ones, outlines ready for tiles.

Reads go on with what is there; the next publication of a layer fills the outlines.
"""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"

_BACK = """
ALTER TABLE {0}_tiles ADD geometry_z14 TEXT, ADD geometry_z12 TEXT, ADD geometry_z10 TEXT;
UPDATE {0}_tiles t SET geometry_z14 = p.geometry_z14, geometry_z12 = p.geometry_z12,
    geometry_z10 = p.geometry_z10 FROM {0}_public p WHERE p.id = t.id;
ALTER TABLE {0}_tiles DROP grid_z12, DROP grid_z14, DROP grid_z16;
ALTER TABLE {0}_public DROP geometry_z14, DROP geometry_z12, DROP geometry_z10;
"""


def upgrade() -> None:
    """Write both kinds of tables anew, as the SQL file beside this one says."""
    text = Path(__file__).with_suffix(".sql").read_text("utf-8")
    op.get_bind().exec_driver_sql(text.replace("%", "%%"))


def downgrade() -> None:
    """Texts back to the tile tables; the order of columns stays."""
    for layer in ("parks", "parcels", "plants"):
        op.get_bind().exec_driver_sql(_BACK.format(layer))
