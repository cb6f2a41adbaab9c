"""A PostgreSQL cluster of its own that archives its WAL, for drills that destroy it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from server.cluster import cluster_of, find_postgres
from server.config import ROOT

SCRIPTS = ROOT / "server" / "deploy"

CONF = """
listen_addresses = ''
unix_socket_directories = '{folder}'
wal_level = replica
archive_mode = on
archive_command = 'test ! -f {backups}/wal/%f && cp %p {backups}/wal/%f'
fsync = off
max_wal_senders = 4
"""


@dataclass(frozen=True)
class Drill:
    """One folder with a cluster in ``data`` and its backups; programs run as PostgreSQL's user."""

    folder: Path
    owner: str

    @property
    def backups(self) -> Path:
        """Where base backups and WAL are kept."""
        return self.folder / "backups"

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the one that runs."""
        return f"postgresql+psycopg2://postgres@/postgres?host={self.folder}"

    def run(self, *words: str | Path) -> str:
        """Run a program of PostgreSQL or a script; its output."""
        as_owner = ["runuser", "-u", self.owner, "--"] if os.geteuid() == 0 else []
        env: Mapping[str, str] = {
            "PATH": f"{find_postgres()}:{os.environ['PATH']}",
            "PGHOST": str(self.folder),
            "PGUSER": "postgres",
            "LC_ALL": "C",
        }
        done = subprocess.run(
            [*as_owner, *map(str, words)],
            env=env, cwd=self.folder, check=False, text=True, capture_output=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, data: str) -> None:
        """Start the cluster in that data directory and wait until it takes writes."""
        log = self.folder / f"{data}.log"
        self.run("pg_ctl", "-D", self.folder / data, "-l", log, "-w", "-s", "start")

    def stop(self, data: str) -> None:
        """As a power cut does."""
        self.run("pg_ctl", "-D", self.folder / data, "-m", "immediate", "-s", "stop")


@contextmanager
def drill() -> Iterator[Drill]:
    """A running cluster whose WAL is archived; all of it is gone when the block ends."""
    owner = cluster_of(ROOT).owner
    folder = Path(tempfile.mkdtemp(prefix="kandi-drill-"))
    if os.geteuid() == 0:
        shutil.chown(folder, owner.name)
    made = Drill(folder, owner.name)
    try:
        made.run("initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8")
        made.run("mkdir", "-p", made.backups / "wal")
        conf = CONF.format(folder=folder, backups=made.backups)
        with (folder / "data" / "postgresql.conf").open("a") as file:
            file.write(conf)
        made.start("data")
        yield made
    finally:
        for data in ("data", "restored", "end"):
            if (folder / data / "postmaster.pid").exists():
                made.stop(data)
        shutil.rmtree(folder)
