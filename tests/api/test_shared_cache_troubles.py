"""A Redis that lies, hangs, dies or is full: every answer is right, and nobody waits for it."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from werkzeug.test import Client

from server.shared_cache import Result
from tests.api.sharing import PACKED, PAGE, Share, count, until
from tests.redis_server import Deaf, RedisServer, running

SPOILING: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _value: b"",
    "foreign": lambda _value: b"some other program's value",
    "cut": lambda value: value[:-1],
    "altered": lambda value: value[:-9] + bytes([value[-9] ^ 1]) + value[-8:],
    "huge": lambda value: value + b"x" * 3_000_000,
}


@pytest.mark.parametrize("how", SPOILING)
def test_a_spoilt_entry_is_a_miss(share: Share, redis_server: RedisServer, how: str) -> None:
    made = share().get(PAGE)
    ((name, value),) = redis_server.values().items()
    with redis_server.client() as client:
        client.set(name, SPOILING[how](value))
    second = share()
    assert second.get(PAGE).data == made.data
    assert second.statements
    assert redis_server.values() == {name: value}


def test_an_entry_of_another_kind_is_a_miss(share: Share, redis_server: RedisServer) -> None:
    made = share().get(PAGE)
    (name,) = redis_server.values()
    with redis_server.client() as client:
        client.delete(name)
        client.rpush(name, "a list")
    assert share().get(PAGE).data == made.data


def test_it_may_be_killed_and_come_back(share: Share, redis_server: RedisServer) -> None:
    workers = [share(cache_mb=0), share(cache_mb=0)]
    right, ending = workers[0].get(PAGE).data, threading.Event()
    wrong: list[int] = []
    answers = [0, 0]

    def ask(number: int) -> None:
        client = Client(workers[number].worker)
        while not ending.is_set():
            found = client.get(PAGE, headers=PACKED)
            answers[number] += 1
            if (found.status_code, found.data) != (200, right):
                wrong.append(found.status_code)

    def more() -> None:
        before = list(answers)
        until(lambda: all(now > was + 5 for now, was in zip(answers, before, strict=True)))

    threads = [threading.Thread(target=ask, args=(number,)) for number in (0, 1)]
    for worker in workers:
        worker.links._pause_s = 0.1
    for thread in threads:
        thread.start()
    try:
        more()
        redis_server.kill()
        until(lambda: not any(worker.links.up for worker in workers))
        more()
        redis_server.start()
        until(lambda: all(worker.links.up for worker in workers))
        hits = count(Result.HIT)
        more()
    finally:
        ending.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert count(Result.HIT) > hits


def test_one_that_hangs_is_asked_once(share: Share) -> None:
    deaf = Deaf(greets=4)
    asked = share(redis_url=deaf.url, cache_mb=0)
    until(lambda: asked.links.up)
    errors, away = count(Result.ERROR), count(Result.AWAY)
    for _ in range(30):
        asked.get(PAGE)
        assert asked.statements
    assert asked.client.get("/readyz").status_code == 200
    assert deaf.commands == 1
    assert not asked.links.up
    # One waited; the others, and what they would have put there, did without.
    assert (count(Result.ERROR) - errors, count(Result.AWAY) - away) == (1, 59)
    asked.worker.stop()
    deaf.close()


def test_none_at_all_is_no_reason_to_wait(share: Share, tmp_path: Path) -> None:
    asked = share(redis_url=f"unix://{tmp_path}/none.sock")
    asked.get(PAGE)
    assert asked.client.get("/readyz").status_code == 200
    assert not asked.links.up


@pytest.mark.parametrize("policy", ["allkeys-lru", "noeviction"])
def test_a_full_one_forgets_or_refuses(share: Share, tmp_path: Path, policy: str) -> None:
    (folder := tmp_path / "full").mkdir()
    limit = ("--maxmemory", "3mb", "--maxmemory-policy", policy)
    plain = share(redis_url="")
    with running(folder, *limit) as server:
        asked = share(redis_url=server.url, cache_mb=0)
        asked.links._pause_s = 0.01
        for number in range(60):
            until(lambda: asked.links.up)
            path = f"/api/v1/parcels?limit=500&bbox=119,30,{121 + number / 100},31.5"
            assert asked.get(path).data == plain.get(path).data
        assert 0 < len(server.values()) < 60
        assert (server.told("evicted_keys") > 0) is (policy == "allkeys-lru")
        asked.worker.stop()
