"""Exporting: the exact sites of a layer as files that we read back unchanged."""
