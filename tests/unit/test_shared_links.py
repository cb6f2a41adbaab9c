"""A cache that is away, hangs or drips costs a request one short wait; real sockets throughout."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.redis_link import RedisLink
from server.shared_links import LinkBroken, Links, NoLink
from tests.redis_server import GREETED, Deaf, RedisServer

LONG = 60.0
SHORT = 0.05


@pytest.fixture
def links() -> Iterator[Callable[[str, float], Links]]:
    made: list[Links] = []

    def make(url: str, pause_s: float) -> Links:
        made.append(Links(lambda: RedisLink(url), 2, pause_s))
        made[-1].start()
        return made[-1]

    yield make
    for each in made:
        each.stop()


def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_is_put_is_got(
    redis_server: RedisServer, links: Callable[[str, float], Links]
) -> None:
    made = links(redis_server.url, LONG)
    until(lambda: made.up)
    value = bytes(range(256)) * 1500
    assert made.ask("SET", b"name", value, "EX", 60) == b"OK"
    assert made.ask("GETRANGE", b"name", 0, 10**6) == value
    assert made.ask("GETRANGE", b"nothing", 0, 10**6) == b""


def test_who_hangs_is_asked_once(links: Callable[[str, float], Links]) -> None:
    deaf = Deaf(greets=2)
    made = links(deaf.url, LONG)
    until(lambda: made.up)
    with pytest.raises(LinkBroken):
        made.ask("GETRANGE", b"name", 0, 10)
    assert not made.up
    for _ in range(500):
        with pytest.raises(NoLink):
            made.ask("GETRANGE", b"name", 0, 10)
    assert (deaf.connections, deaf.commands) == (2, 1)
    deaf.close()


def test_who_hangs_on_is_told_of_once(
    links: Callable[[str, float], Links], caplog: pytest.LogCaptureFixture
) -> None:
    deaf = Deaf(greets=2)
    made = links(deaf.url, SHORT)
    until(lambda: made.up)
    with pytest.raises(LinkBroken):
        made.ask("GETRANGE", b"name", 0, 10)
    # It takes connections still: tried again twice, and not believed.
    until(lambda: deaf.connections >= 4)
    assert not made.up
    assert len(caplog.records) == 1
    deaf.close()


def test_who_hangs_from_the_start_is_never_waited_for(
    links: Callable[[str, float], Links],
) -> None:
    deaf = Deaf(greets=0)
    made = links(deaf.url.replace("//", "//:password@"), LONG)
    until(lambda: deaf.connections)
    for _ in range(100):
        with pytest.raises(NoLink):
            made.ask("GETRANGE", b"name", 0, 10)
    deaf.close()


class Dripping(threading.Thread):
    """Promises a megabyte and sends a byte every 5 ms."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listening.getsockname()[1]}"
        self.sent = 0

    def run(self) -> None:
        taken, _ = self._listening.accept()
        with self._listening, taken:
            assert taken.recv(1000)
            taken.sendall(GREETED)
            assert taken.recv(1000)
            taken.sendall(b"$1000000\r\n")
            try:
                for _ in range(400):
                    taken.sendall(b"x")
                    self.sent += 1
                    time.sleep(0.005)
            except OSError:
                pass


def test_who_drips_is_not_waited_for_either() -> None:
    dripping = Dripping()
    dripping.start()
    link = RedisLink(dripping.url)
    with pytest.raises(LinkBroken):
        link.ask(0.02, "GETRANGE", b"name", 0, 10**6)
    dripping.join()
    # Each byte alone came in time.
    assert 0 < dripping.sent < 400


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"$many\r\n",
        b":5\r\n",
        b"*2\r\n:1\r\n:2\r\n",
        b"*1\r\n" * 20_000,
        b"-ERR no\xff\r\n",
        b"",
    ],
)
def test_who_speaks_otherwise_is_no_cache(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def speak() -> None:
            taken, _ = listening.accept()
            with taken:
                for reply in (GREETED, said):
                    assert taken.recv(1000)
                    taken.sendall(reply)

        speaking = threading.Thread(target=speak)
        speaking.start()
        link = RedisLink(f"redis://127.0.0.1:{listening.getsockname()[1]}")
        with pytest.raises(LinkBroken):
            link.ask(5, "GETRANGE", b"name", 0, 10)
        speaking.join()


def test_a_killed_server_is_told_of_once_and_comes_back(
    redis_server: RedisServer,
    links: Callable[[str, float], Links],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "server.shared_links")
    made = links(redis_server.url, SHORT)
    until(lambda: made.up)
    redis_server.kill()
    for _ in range(20):
        with pytest.raises((LinkBroken, NoLink)):
            made.ask("GETRANGE", b"name", 0, 10)
        time.sleep(SHORT / 2)
    redis_server.start()
    until(lambda: made.up)
    assert made.ask("SET", b"name", b"value") == b"OK"
    lines = [record.getMessage() for record in caplog.records]
    assert [line.partition(":")[0] for line in lines] == ["shared cache"] * 2
    assert "PostgreSQL answers instead" in lines[0]
    assert lines[1] == "shared cache: answers again"


def test_nobody_there_is_told_of_once(
    tmp_path: Path, links: Callable[[str, float], Links], caplog: pytest.LogCaptureFixture
) -> None:
    made = links(f"unix://{tmp_path}/none.sock", SHORT)
    until(lambda: caplog.records)
    time.sleep(SHORT * 4)
    with pytest.raises(NoLink):
        made.ask("GETRANGE", b"name", 0, 10)
    assert len(caplog.records) == 1


def test_a_password_is_given_and_a_wrong_one_told_of(
    redis_server: RedisServer,
    links: Callable[[str, float], Links],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with redis_server.client() as client:
        client.acl_setuser(
            "kandi",
            enabled=True,
            passwords=["+s3cret"],
            keys=["kandi:*"],
            commands=["+getrange", "+set"],
        )
    made = links(redis_server.url.replace("//", "//kandi:s3cret@"), LONG)
    until(lambda: made.up)
    assert made.ask("SET", b"kandi:1", b"value", "EX", 60) == b"OK"
    assert made.ask("GETRANGE", b"kandi:1", 0, 10) == b"value"
    links(redis_server.url.replace("//", "//kandi:wrong@"), LONG)
    until(lambda: caplog.records)
    assert "PostgreSQL answers instead" in caplog.text
    assert "wrong" not in caplog.text


def test_all_threads_share_few_links(
    redis_server: RedisServer, links: Callable[[str, float], Links]
) -> None:
    made = links(redis_server.url, LONG)
    until(lambda: made.up)
    outcomes: list[bytes | None] = []

    def ask(number: int) -> None:
        name = f"name{number}".encode()
        for turn in range(100):
            try:
                made.ask("SET", name, f"{number}/{turn}".encode())
                outcomes.append(made.ask("GETRANGE", name, 0, 100))
            except NoLink:
                continue
            assert outcomes[-1] is not None

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) > 100
    assert made.up
    assert redis_server.told("connected_clients") <= 3
