"""The access token of WeChat: many processes, one refresher; sealed where it is stored."""

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, select, text

from server.sealing import Key, Sealer
from server.wechat.client import Granted
from server.wechat.tokens import SharedTokens, wechat_tokens
from server.wechat.transport import WechatAway

RACERS = 8
SEALER = Sealer([Key("a", b"a" * 32)])


class Source:
    """Grants tokens like WeChat: the present one unless forced; each call takes a while."""

    def __init__(self) -> None:
        self.calls: list[bool] = []
        self.numbers = itertools.count(1)
        self.present = f"token-{next(self.numbers)}"
        self.lasts_s = 7200

    def fetch(self, force: bool) -> Granted:
        self.calls.append(force)
        time.sleep(0.05)
        if force:
            self.present = f"token-{next(self.numbers)}"
        return Granted(self.present, self.lasts_s)


@pytest.fixture
def source() -> Source:
    return Source()


def shared(engine: Engine, source: Source, sealer: Sealer = SEALER) -> SharedTokens:
    return SharedTokens(engine, sealer, "wx", source.fetch)


def together(tokens: SharedTokens, rejected: str | None = None) -> set[str]:
    gate = threading.Barrier(RACERS)

    def one(_: int) -> str:
        gate.wait()
        return tokens.current() if rejected is None else tokens.renewed(rejected)

    with ThreadPoolExecutor(RACERS) as crowd:
        return set(crowd.map(one, range(RACERS)))


def test_of_many_processes_one_asks(engine: Engine, source: Source) -> None:
    assert together(shared(engine, source)) == {"token-1"}
    assert source.calls == [False]


def test_control_without_the_lock_all_of_them_ask(engine: Engine, source: Source) -> None:
    gate = threading.Barrier(RACERS)

    def naive(_: int) -> str:
        gate.wait()
        with engine.connect() as connection:
            found = connection.execute(select(wechat_tokens.c.token)).scalar()
        return str(found or source.fetch(False).token)

    with ThreadPoolExecutor(RACERS) as crowd:
        list(crowd.map(naive, range(RACERS)))
    assert len(source.calls) > 1


def test_a_token_that_wechat_rejects_is_renewed_once_for_all(
    engine: Engine, source: Source
) -> None:
    tokens = shared(engine, source)
    rejected = tokens.current()
    assert together(tokens, rejected) == {"token-2"}
    assert source.calls == [False, False, True]


def test_a_renewal_is_not_forced_where_wechat_has_another_token_already(
    engine: Engine, source: Source
) -> None:
    tokens = shared(engine, source)
    rejected = tokens.current()
    source.present = "token-of-another-installation"
    assert tokens.renewed(rejected) == "token-of-another-installation"
    assert True not in source.calls


def test_forced_renewals_are_half_a_minute_apart(engine: Engine, source: Source) -> None:
    tokens = shared(engine, source)
    second = tokens.renewed(tokens.current())
    with pytest.raises(WechatAway):
        tokens.renewed(second)
    with engine.begin() as connection:
        connection.execute(text("UPDATE wechat_tokens SET forced_at = now() - interval '1 hour'"))
    assert tokens.renewed(second) == "token-3"


def test_a_token_that_ends_soon_is_fetched_anew(engine: Engine, source: Source) -> None:
    tokens, source.lasts_s = shared(engine, source), 200
    tokens.current()
    tokens.current()
    assert len(source.calls) == 2


def test_the_token_is_stored_sealed_and_other_keys_fetch_their_own(
    engine: Engine, source: Source
) -> None:
    shared(engine, source).current()
    with engine.connect() as connection:
        assert b"token-1" not in connection.execute(select(wechat_tokens.c.token)).scalar_one()
    other = shared(engine, source, Sealer([Key("b", b"b" * 32)]))
    assert other.current() == "token-1"
    assert len(source.calls) == 2
