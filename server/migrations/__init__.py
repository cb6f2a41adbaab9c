"""Numbered, reversible migrations; ``versions/`` holds one file a step."""
