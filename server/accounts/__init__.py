"""Accounts of staff: who they are, what they may do where, and how they prove it."""
