"""The outbox: written with the change, done at least once, in a crowd once, not for ever."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine, select, text

from server.outbox import (
    MOST_ATTEMPTS,
    Delivery,
    Kind,
    Payload,
    TryLater,
    forget_done,
    pause_s,
    post,
)
from server.outbox_tables import outbox

WORKERS, ORDERS = 6, 30


def order(engine: Engine, number: int, dedupe: str | None = None) -> None:
    with engine.begin() as connection:
        post(connection, Kind.TEXT_CHECK, {"number": number}, dedupe)


def rows(engine: Engine) -> list[tuple[bool, int, str | None]]:
    asked = select(outbox.c.done_at.is_not(None), outbox.c.attempts, outbox.c.error)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(asked.order_by(outbox.c.id))]


def hurry(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET next_at = now() WHERE done_at IS NULL"))


def test_work_of_a_change_that_failed_is_never_done(engine: Engine) -> None:
    connection = engine.connect()
    post(connection, Kind.TEXT_CHECK, {"number": 1})
    connection.rollback()
    connection.close()
    assert rows(engine) == []


def test_many_workers_do_each_piece_once(engine: Engine) -> None:
    for number in range(ORDERS):
        order(engine, number)
    done: list[int] = []
    gate = threading.Barrier(WORKERS)

    def handle(_: Connection, payload: Payload) -> None:
        done.append(payload["number"])

    def one(_: int) -> None:
        delivery = Delivery(engine, {Kind.TEXT_CHECK: handle})
        gate.wait()
        while delivery.work():
            pass

    with ThreadPoolExecutor(WORKERS) as crowd:
        list(crowd.map(one, range(WORKERS)))
    assert sorted(done) == list(range(ORDERS))


def test_control_without_held_rows_workers_do_the_same(engine: Engine) -> None:
    order(engine, 1)
    gate, done = threading.Barrier(2), []

    def naive(_: int) -> None:
        with engine.begin() as connection:
            found = connection.execute(select(outbox.c.id).where(outbox.c.done_at.is_(None)))
            taken = found.scalar()
            gate.wait()
            done.append(taken)

    with ThreadPoolExecutor(2) as crowd:
        list(crowd.map(naive, range(2)))
    assert done[0] == done[1]


def test_what_fails_is_tried_again_later_and_given_up_at_last(engine: Engine) -> None:
    order(engine, 1)

    def away(_: Connection, _payload: Payload) -> None:
        raise TryLater("wechat")

    delivery = Delivery(engine, {Kind.TEXT_CHECK: away})
    assert delivery.work()
    assert not delivery.work(), "not at once"
    for _ in range(MOST_ATTEMPTS):
        hurry(engine)
        delivery.work()
    assert rows(engine) == [(True, MOST_ATTEMPTS, "wechat")]


def test_pauses_grow_and_stay_below_an_hour() -> None:
    pauses = [pause_s(attempts) for attempts in range(20)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (15, 3600)


def test_a_defect_leaves_no_trace_of_what_it_was_about(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    order(engine, 13800138000)

    def broken(connection: Connection, payload: Payload) -> None:
        connection.execute(text("UPDATE outbox SET error = 'half done'"))
        raise ValueError(str(payload["number"]))

    Delivery(engine, {Kind.TEXT_CHECK: broken}).work()
    assert rows(engine) == [(False, 1, "ValueError")]
    assert caplog.text
    assert "13800138000" not in caplog.text


def test_equal_orders_are_one(engine: Engine) -> None:
    for _ in range(3):
        order(engine, 1, "same")
    order(engine, 1)
    assert len(rows(engine)) == 2


def test_what_was_done_long_ago_is_forgotten(engine: Engine) -> None:
    order(engine, 1)
    Delivery(engine, {Kind.TEXT_CHECK: lambda _connection, _payload: None}).work()
    order(engine, 2)
    with engine.begin() as connection:
        assert forget_done(connection, 30) == 0
        connection.execute(text("UPDATE outbox SET done_at = done_at - interval '31 days'"))
        assert forget_done(connection, 30) == 1
    assert len(rows(engine)) == 1
