"""Investors: who they are, what they keep and ask, and what we owe them."""
