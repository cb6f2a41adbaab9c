"""Owns the private PostgreSQL cluster of a clone: create, start, stop, destroy, and its URL.

Standard library only: `make` runs it before any package is installed, and `server.config` asks it
for the database URL when none is set. `python -m server.cluster up|stop|status|url|destroy`.

Who may log in: PostgreSQL asks no password here (`trust`), the file system does the asking. There
is no TCP; the only door is a Unix socket of mode 0700 in a directory of mode 0700, both owned by
the user who runs the server: the person who typed `make`, or, for root, the system user that
stands in for root, whose directories root passes anyway. Nobody else reaches the socket.
"""

import contextlib
import fcntl
import functools
import hashlib
import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import IO
from urllib.parse import quote

from server import cluster_settings
from server.cluster_settings import PORT

ROOT = Path(__file__).resolve().parents[1]
OLDEST_POSTGRES, OLDEST_POSTGIS = 15, (3, 3)
SOCKET_NAME = f".s.PGSQL.{PORT}"
LONGEST_SOCKET_PATH = 107  # bytes; sun_path in unix(7) is 108 with its closing zero
START_ATTEMPTS = 6

Words = Sequence[str | Path]
Finished = subprocess.CompletedProcess[str]


class ClusterError(Exception):
    """The cluster cannot do what was asked; the text says why and what helps."""


@dataclass(frozen=True)
class Owner:
    """The operating-system user that runs the server: never root, PostgreSQL refuses it."""

    name: str
    uid: int
    gids: frozenset[int]


def traversable(path: Path, uid: int, gids: frozenset[int]) -> bool:
    """Whether the user may pass through `path` and all above it, as far as they exist."""
    for place in [path, *path.parents]:
        try:
            found = place.stat()
        except FileNotFoundError:
            continue
        who = 0o100 if found.st_uid == uid else 0o010 if found.st_gid in gids else 0o001
        if uid != 0 and not found.st_mode & who:
            return False
    return True


def socket_dir(var: Path, *, reachable: bool) -> Path:
    """`var/run`, or a short folder under /tmp where a socket in it could not be named or reached.

    /tmp is sticky: nobody can replace our folder there, and `up` refuses one that is not ours.
    """
    inside = var / "run"
    nameable = len(os.fsencode(inside / SOCKET_NAME)) <= LONGEST_SOCKET_PATH
    # A comma separates hosts in a libpq URL and folders in postgresql.conf; a quote ends a setting.
    if reachable and nameable and not set(str(inside)) & set(",'\"\\\n"):
        return inside
    return Path("/tmp") / f"kandi-{_short_hash(var)}"  # noqa: S108 - see above


def database_url(root: Path, database: str = "kandi", role: str = "kandi") -> str:
    """The SQLAlchemy URL of a database in the private cluster of the clone at `root`."""
    return f"postgresql+psycopg2://{role}@/{database}?host={quote(str(cluster_of(root).sockets))}"


@functools.cache
def find_postgres(major: int | None = None) -> Path:
    """The folder of the newest PostgreSQL programs that have PostGIS, or those of `major`."""
    configs = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_config"))
    if on_path := shutil.which("pg_config"):
        configs.append(Path(on_path))
    found: dict[int, Path] = {}
    for config in configs:
        told = [_run([config, f"--{what}"]).stdout.strip() for what in ("bindir", "sharedir")]
        version = re.search(r"\d+", _run([config, "--version"]).stdout)
        if version and (Path(told[0]) / "initdb").exists() and _has_postgis(Path(told[1])):
            found[int(version[0])] = Path(told[0])
    wanted = major or max(found, default=0)
    if wanted in found and wanted >= OLDEST_POSTGRES:
        return found[wanted]
    asked = f"PostgreSQL {major}, which made the data," if major else "PostgreSQL >= 15"
    raise ClusterError(f"{asked} with PostGIS >= 3.3 is not installed. Try server/install.sh.")


def _has_postgis(share: Path) -> bool:
    control = share / "extension" / "postgis.control"
    text = control.read_text() if control.exists() else ""
    found = re.search(r"default_version = '(\d+)\.(\d+)", text)
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST_POSTGIS


@dataclass(frozen=True)
class Cluster:
    """Where one clone's cluster lives, and the actions on it; each action may be repeated.

    `link` is `var/postgres`: the data themselves, or a symlink to them.
    """

    var: Path
    link: Path
    data: Path
    sockets: Path
    log: Path
    owner: Owner

    def up(self) -> None:
        """Create what is missing, start the server, make role, template and database."""
        data, owner = self.data, self.owner
        if data.exists() and data.stat().st_uid != owner.uid:
            raise ClusterError(f"{data} is not {owner.name}'s; run as its owner or as root.")
        with self._locked():
            if not (self.data / "PG_VERSION").exists():
                self._create()
            if self.running():
                self._settle()
            else:
                self._start()
            self._provision()

    def running(self) -> bool:
        """Whether our server answers; a stranger's server on our socket is an error."""
        asked = self._psql("SHOW data_directory")
        served = Path(asked.stdout.strip())
        if asked.returncode == 0 and served.resolve() != self.data:
            raise ClusterError(f"{self.sockets} leads to a server of {served}; stop that first.")
        return asked.returncode == 0

    def stop(self) -> None:
        """Stop the server if it runs; open transactions are rolled back."""
        if not self._alive():
            return
        with self._locked():
            done = self._run([*self._pg_ctl, "-m", "fast", "stop"])
            if done.returncode != 0 and self._alive():
                raise ClusterError(f"Cannot stop the server: {done.stderr.strip()}")

    def destroy(self) -> None:
        """Stop the server and delete all that `up` made, the data with it."""
        self.stop()
        for folder in (self.data, self._unfinished, self.sockets):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self.link, self.log, self.var / "cluster.lock"):
            file.unlink(missing_ok=True)
        for folder in (self.data.parent, self.var):
            with contextlib.suppress(OSError):  # others may keep things there
                folder.rmdir()

    @property
    def _unfinished(self) -> Path:
        """Where initdb works: an interrupted one never looks like a cluster."""
        return self.data.with_name(self.data.name + ".new")

    @property
    def _pg_ctl(self) -> Words:
        return ["pg_ctl", "-D", self.data, "-s", "-w", "-t", "120"]

    def _create(self) -> None:
        print(f"kandi: creating a private PostgreSQL cluster in {self.data}", flush=True)
        if self.data.exists():
            raise ClusterError(f"{self.data} holds something that is not a cluster; move it away.")
        _passable_folder(self.data.parent)
        shutil.rmtree(self._unfinished, ignore_errors=True)
        self._private_folder(self._unfinished)
        has_c_utf8 = re.search(r"^C\.utf-?8$", _run(["locale", "-a"]).stdout, re.I | re.M)
        icu = ["--locale-provider=icu", "--icu-locale=und", "--locale=C"]
        flags = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "-k", "--no-instructions"]
        flags += ["--locale=C.UTF-8"] if has_c_utf8 else icu
        done = self._run(["initdb", "-D", self._unfinished, *flags])
        if done.returncode != 0:
            raise ClusterError(f"initdb failed: {done.stderr.strip()}")
        with (self._unfinished / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude = 'kandi.conf'\n")
        (self._unfinished / "pg_hba.conf").write_text("local all all trust\n")
        self._unfinished.rename(self.data)
        if self.link != self.data and not self.link.is_symlink():
            self.link.symlink_to(self.data)

    def _settle(self) -> None:
        """Give a server that runs the settings of today."""
        are_new = self._write_settings()
        self._psql("SELECT pg_reload_conf()")
        if are_new:
            os.sync()  # what was written while nobody waited for the disk

    def _write_settings(self) -> bool:
        settings = self.data / "kandi.conf"
        wanted = cluster_settings.text(self.sockets, cluster_settings.memory_mb())
        if settings.exists() and settings.read_text() == wanted:
            return False
        settings.write_text(wanted)
        settings.chmod(0o644)  # root may have written it under a strict umask
        return True

    def _start(self) -> None:
        self._private_folder(self.sockets)
        self._write_settings()
        # Opened here, not by pg_ctl: the server's user may not be allowed to write in var.
        with os.fdopen(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)) as log:
            for attempt in range(START_ATTEMPTS):
                # After kill -9 the pid file stays, and its number may be another program's by now.
                if not self._alive():
                    (self.data / "postmaster.pid").unlink(missing_ok=True)
                    (self.sockets / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
                elif not (self.sockets / SOCKET_NAME).exists():  # /tmp was tidied, say
                    self._run([*self._pg_ctl, "-m", "fast", "stop"], log)
                self._run([*self._pg_ctl, "start"], log)
                if self.running():
                    return
                time.sleep(0.5 * (attempt + 1))  # orphans of a killed server still hold its memory
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])
        raise ClusterError(f"PostgreSQL does not start. {self.log} ends:\n{tail}")

    def _provision(self) -> None:
        """Role `kandi` (no superuser), a PostGIS template it may copy, and its database."""
        if not self._sql("SELECT 1 FROM pg_roles WHERE rolname = 'kandi'"):
            self._sql("CREATE ROLE kandi LOGIN CREATEDB")
        # IS_TEMPLATE comes last, so it also says that the template is complete.
        template = "SELECT 1 FROM pg_database WHERE datname = 'kandi_template' AND datistemplate"
        if not self._sql(template):
            print("kandi: making the database template with PostGIS", flush=True)
            self._sql("DROP DATABASE IF EXISTS kandi_template")
            self._sql("CREATE DATABASE kandi_template TEMPLATE template0")
            self._sql("CREATE EXTENSION postgis", database="kandi_template")
            self._route("kandi_template")
            # Without connections to it, a copy can always be made.
            self._sql("ALTER DATABASE kandi_template ALLOW_CONNECTIONS false")
            self._sql("ALTER DATABASE kandi_template IS_TEMPLATE true")
        if not self._sql("SELECT 1 FROM pg_database WHERE datname = 'kandi'"):
            self._sql("CREATE DATABASE kandi OWNER kandi TEMPLATE kandi_template")
        self._route("kandi")

    def _route(self, database: str) -> None:
        """Driving times for those who installed pgRouting; only a superuser may switch it on."""
        if self._sql("SELECT 1 FROM pg_available_extensions WHERE name = 'pgrouting'"):
            self._sql("CREATE EXTENSION IF NOT EXISTS pgrouting SCHEMA public", database=database)

    def _sql(self, statement: str, database: str = "postgres") -> str:
        done = self._psql(statement, database)
        if done.returncode != 0:
            raise ClusterError(f"{statement}: {done.stderr.strip()}")
        return done.stdout.strip()

    def _psql(self, statement: str, database: str = "postgres") -> Finished:
        login: Words = ["-h", self.sockets, "-p", str(PORT), "-U", "postgres", "-d", database]
        return self._run(["psql", "-XqAt", *login, "-c", statement])

    def _alive(self) -> bool:
        """Whether the process in our pid file is our server, at work in our data directory."""
        try:
            pid = (self.data / "postmaster.pid").read_text().split()[0]
        except (FileNotFoundError, IndexError):
            return False
        # Asked as the server's user: in a container root may lack the right to look.
        working_in = _run(self._as_owner(["readlink", f"/proc/{pid}/cwd"])).stdout.strip()
        return working_in == str(self.data)

    def _run(self, words: Words, output: IO[str] | None = None) -> Finished:
        """Run a program of PostgreSQL as the owner of the cluster."""
        marker = self.data / "PG_VERSION"
        programs = find_postgres(int(marker.read_text()) if marker.exists() else None)
        return _run(self._as_owner([programs / str(words[0]), *words[1:]]), output)

    def _as_owner(self, words: Words) -> Words:
        return words if os.geteuid() else ["runuser", "-u", self.owner.name, "--", *words]

    def _private_folder(self, folder: Path) -> None:
        """Make `folder` the owner's alone, or refuse the one that is there."""
        owner = self.owner
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            os.chown(folder, owner.uid, -1)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner.uid or found.st_mode & 0o077:
            raise ClusterError(f"{folder} is not a folder of {owner.name} alone; remove it.")

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One `up` or `stop` at a time, whoever else runs `make` in this clone."""
        _passable_folder(self.var)
        with (self.var / "cluster.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def cluster_of(root: Path) -> Cluster:
    """Where the cluster of the clone at `root` lives (or will), on this machine, for this user."""
    var = Path(os.environ.get("KANDI_VAR") or root / "var").resolve()
    link = var / "postgres"
    owner = _owner(link)
    reachable = traversable(var, owner.uid, owner.gids)
    beside = reachable or link.exists() or link.is_symlink()
    data = link.resolve() if beside else Path("/var/lib/kandi") / _short_hash(var)
    sockets = socket_dir(var, reachable=reachable)
    return Cluster(var, link, data, sockets, var / "postgres.log", owner)


def _run(words: Words, output: IO[str] | None = None) -> Finished:
    """Run without a shell, input or PGHOST and its kin, from a folder that every user may enter."""
    env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    to = output or PIPE
    return subprocess.run(  # noqa: S603
        words, cwd="/", env=env, stdin=DEVNULL, stdout=to, stderr=to, text=True, check=False
    )


def _owner(link: Path) -> Owner:
    """This user; for root the owner of the data if there are any, else who stands in for root."""
    uid = os.geteuid()
    if uid != 0:
        return Owner(str(uid), uid, frozenset(os.getgroups()))
    users = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = users.get("postgres") or users.get("kandi")
    if link.exists():
        entry = pwd.getpwuid(link.stat().st_uid)
    if entry is None:
        return Owner("kandi", 65534, frozenset())  # until server/install.sh has made this user
    gids = os.getgrouplist(entry.pw_name, entry.pw_gid)
    return Owner(entry.pw_name, entry.pw_uid, frozenset(gids))


def _passable_folder(folder: Path) -> None:
    """Make what is missing of `folder`; whatever the umask, the owner of the cluster passes."""
    for missing in [place for place in (*reversed(folder.parents), folder) if not place.exists()]:
        missing.mkdir(exist_ok=True)
        missing.chmod(0o755)


def _short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:10]


def main(arguments: Sequence[str]) -> int:
    """Run one action; 0 for done, 1 for failed, 2 for misuse, 3 for a server that is stopped."""
    try:
        cluster = cluster_of(ROOT)
        match arguments:
            case ["up" | "stop" | "destroy" as action]:
                getattr(cluster, action)()
            case ["url"]:
                print(database_url(ROOT))
            case ["status"]:
                running = cluster.running()
                print(f"{'running' if running else 'stopped'}: {cluster.data}")
                return 0 if running else 3
            case _:
                print("usage: python -m server.cluster up|stop|status|url|destroy", file=sys.stderr)
                return 2
    except (ClusterError, OSError) as error:
        print(f"kandi: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
