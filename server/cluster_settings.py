"""PostgreSQL's settings of the clone's own cluster, by the memory of the machine.

Standard library only, as ``server.cluster``.
"""

import os
from pathlib import Path

PORT = 5432  # only names the socket file: nothing listens on TCP

_TEXT = """\
# Written by server/cluster.py at each start: for a machine of two cores.
listen_addresses = ''
port = {port}
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = {shared_mb}MB
effective_cache_size = {cached_mb}MB
work_mem = 16MB
maintenance_work_mem = 256MB
max_wal_size = 2GB
random_page_cost = 1.1
jit = off
fsync = {fsync}
synchronous_commit = on
timezone = 'UTC'
log_timezone = 'UTC'
"""
_LEAST_SHARED_MB, _MOST_SHARED_MB = 128, 4096
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def text(sockets: Path, memory_mb: int) -> str:
    """The settings, complete, as text for kandi.conf."""
    # A quarter is what PostgreSQL's manual advises; what is read often then stays at hand.
    shared_mb = min(max(memory_mb // 4, _LEAST_SHARED_MB), _MOST_SHARED_MB)
    # Tests may do without: what is killed loses nothing by it, only a machine without power does.
    fsync = "off" if os.environ.get("KANDI_CLUSTER_FSYNC") == "off" else "on"
    return _TEXT.format(
        port=PORT,
        socket_dir=sockets,
        shared_mb=shared_mb,
        cached_mb=max(memory_mb * 3 // 4, shared_mb),
        fsync=fsync,
    )


def memory_mb() -> int:
    """Memory of the machine, or of the container if that may have less."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for limit in _LIMITS:
        told = limit.read_text().strip() if limit.exists() else ""
        found += [int(told)] if told.isdigit() else []
    return min(found) >> 20
