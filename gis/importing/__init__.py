"""Importing: from the tables of a carrier to checked, staged, applied and revocable rows."""
