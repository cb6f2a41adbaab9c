"""The private cluster's decisions that need no server: names, places, settings, who may pass."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from server import cluster, cluster_settings

STRANGER = 65534
NO_GROUPS: frozenset[int] = frozenset()


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("KANDI_VAR", raising=False)
    return tmp_path


@pytest.fixture
def gate() -> Iterator[Path]:
    """A folder right below /tmp: pytest's own are closed to others further up."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    yield folder
    folder.rmdir()


def test_url_names_role_database_and_socket_folder(clone: Path) -> None:
    url = make_url(cluster.database_url(clone))
    assert (url.drivername, url.username, url.database) == ("postgresql+psycopg2", "kandi", "kandi")
    assert url.host is None
    assert url.query == {"host": str(cluster.cluster_of(clone).sockets)}


def test_url_of_another_database_and_role(clone: Path) -> None:
    url = make_url(cluster.database_url(clone, database="postgres", role="someone"))
    assert (url.username, url.database) == ("someone", "postgres")


def test_asking_for_the_url_makes_nothing(clone: Path) -> None:
    cluster.database_url(clone)
    assert list(clone.iterdir()) == []


def test_kandi_var_moves_everything(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = clone / "elsewhere"
    monkeypatch.setenv("KANDI_VAR", str(elsewhere))
    found = cluster.cluster_of(clone)
    assert found.var == elsewhere
    assert found.link == elsewhere / "postgres"
    assert found.log == elsewhere / "postgres.log"


@pytest.mark.parametrize("name", ["看地", "a b", "a+b", "50%"])
def test_unusual_folder_survives_the_url(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANDI_VAR", f"/{name}")
    assert make_url(cluster.database_url(Path("/"))).query == {"host": f"/{name}/run"}


@pytest.mark.parametrize(("length", "inside"), [(107, True), (108, False)])
def test_socket_moves_to_tmp_when_its_path_is_too_long(length: int, inside: bool) -> None:
    var = Path("/" + "v" * (length - len("//run/.s.PGSQL.5432")))
    assert len(str(var / "run" / ".s.PGSQL.5432")) == length
    sockets = cluster.socket_dir(var, reachable=True)
    assert (sockets == var / "run") is inside
    assert inside or sockets.parent == Path("/tmp")


def test_socket_length_counts_bytes_not_characters() -> None:
    var = Path("/" + "地" * 35)  # 35 characters, 105 bytes
    assert cluster.socket_dir(var, reachable=True).parent == Path("/tmp")


@pytest.mark.parametrize("letter", [",", "'", '"', "\\", "\n"])
def test_socket_avoids_what_postgres_reads_as_syntax(letter: str) -> None:
    sockets = cluster.socket_dir(Path(f"/a{letter}b"), reachable=True)
    assert letter not in str(sockets)


def test_unreachable_clones_share_no_socket_folder() -> None:
    one = cluster.socket_dir(Path("/private/one"), reachable=False)
    other = cluster.socket_dir(Path("/private/other"), reachable=False)
    assert one.parent == other.parent == Path("/tmp")
    assert one != other
    assert one == cluster.socket_dir(Path("/private/one"), reachable=False)


@pytest.mark.parametrize(
    ("mode", "uid_is_owner", "gid_is_owner", "may_pass"),
    [
        (0o755, False, False, True),
        (0o700, False, False, False),
        (0o700, True, False, True),
        (0o710, False, True, True),
        (0o710, False, False, False),
        (0o705, False, True, False),  # the group's bits count for the group, not the others'
        (0o077, True, True, False),  # and the owner's for the owner
        (0o744, False, False, False),  # to read a folder is not to pass it
    ],
)
def test_who_may_pass_a_folder(
    mode: int, uid_is_owner: bool, gid_is_owner: bool, may_pass: bool, gate: Path
) -> None:
    if os.geteuid() == 0:  # root passes everything, so the folder must be another user's
        os.chown(gate, 12345, 12345)
    found = gate.stat()
    uid = found.st_uid if uid_is_owner else STRANGER
    gids = frozenset({found.st_gid}) if gid_is_owner else NO_GROUPS
    gate.chmod(mode)
    assert cluster.traversable(gate, uid, gids) is may_pass


def test_a_closed_folder_far_above_blocks_too(clone: Path) -> None:
    inner = clone / "closed" / "open"
    inner.mkdir(parents=True)
    (clone / "closed").chmod(0o700)
    assert not cluster.traversable(inner, STRANGER, NO_GROUPS)


def test_folders_that_do_not_exist_yet_do_not_block() -> None:
    assert cluster.traversable(Path("/not/there/yet"), STRANGER, NO_GROUPS)


def test_root_passes_everything(clone: Path) -> None:
    clone.chmod(0o000)
    try:
        assert cluster.traversable(clone, 0, NO_GROUPS)
    finally:
        clone.chmod(0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs somebody else to run the server")
def test_data_of_a_closed_clone_lie_outside_it(clone: Path) -> None:
    clone.chmod(0o700)
    found = cluster.cluster_of(clone)
    assert found.data.parent == Path("/var/lib/kandi")
    assert found.link == clone / "var" / "postgres"
    assert found.owner.uid != 0


def test_moved_data_are_found_through_the_link(clone: Path) -> None:
    var = clone / "var"
    var.mkdir()
    (clone / "moved").mkdir()
    (var / "postgres").symlink_to(clone / "moved")
    if os.geteuid() == 0:
        os.chown(clone / "moved", STRANGER, -1)
    assert cluster.cluster_of(clone).data == clone / "moved"


def settings_of(text: str) -> dict[str, str]:
    return dict(line.split(" = ") for line in text.splitlines() if not line.startswith("#"))


def test_only_who_asks_for_it_does_without_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANDI_CLUSTER_FSYNC", "off")
    assert settings_of(cluster_settings.text(Path("/some/run"), 8000))["fsync"] == "off"


def test_settings_close_tcp_and_keep_commits_durable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KANDI_CLUSTER_FSYNC", raising=False)
    settings = settings_of(cluster_settings.text(Path("/some/run"), 8000))
    assert settings["listen_addresses"] == "''"
    assert settings["unix_socket_directories"] == "'/some/run'"
    assert settings["unix_socket_permissions"] == "0700"
    assert settings["fsync"] == settings["synchronous_commit"] == "on"
    assert settings["max_connections"] == "100"


@pytest.mark.parametrize(
    ("memory_mb", "shared", "cached"),
    [(256, "128MB", "192MB"), (8000, "2000MB", "6000MB"), (64_000, "4096MB", "48000MB")],
)
def test_a_quarter_of_the_memory_is_shared(memory_mb: int, shared: str, cached: str) -> None:
    settings = settings_of(cluster_settings.text(Path("/some/run"), memory_mb))
    assert settings["shared_buffers"] == shared
    assert settings["effective_cache_size"] == cached


def test_a_container_has_what_it_may_have(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine = cluster_settings.memory_mb()
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(cluster_settings, "_LIMITS", (limit, tmp_path / "none"))
    limit.write_text("max\n")
    assert cluster_settings.memory_mb() >= machine > 100
    limit.write_text(f"{100 << 20}\n")
    assert cluster_settings.memory_mb() == 100


def test_module_runs_on_a_bare_python_without_site_packages() -> None:
    root = Path(__file__).parents[2]
    url = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(root)!r}); "
         "from server.cluster import main; sys.exit(main(['url']))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert url.stdout.startswith("postgresql+psycopg2://kandi@/kandi?host=/")


def test_unknown_action_is_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    assert cluster.main(["explode"]) == 2
    assert "up|stop|status|url|destroy" in capsys.readouterr().err
