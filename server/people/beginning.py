"""How the functions of investors begin a transaction of their own."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import Connection

Begin = Callable[[], AbstractContextManager[Connection]]
"""Begins a READ COMMITTED transaction that commits when its block ends well."""
