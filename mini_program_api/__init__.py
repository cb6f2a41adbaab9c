"""Delivery: the /api/v1 blueprint that mini program and browser talk to."""
