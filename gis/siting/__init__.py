"""选址: sites ranked by what a selector asks for, with reasons, near misses and combinations."""
