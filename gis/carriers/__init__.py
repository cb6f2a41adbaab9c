"""Carriers: reading every file a land bureau holds, safely, and saying exactly what was found.

Start at :func:`gis.carriers.carrier.open_carrier`. Nothing here interprets fields or knows a
database; untrusted bytes are only ever parsed in the limited child process of ``reader_process``.
"""
