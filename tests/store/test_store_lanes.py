"""The threads that do a database's work: order, errors, callers that are gone, and what closing waits for."""

from __future__ import annotations

import asyncio
import threading
import time
from contextvars import ContextVar

import pytest

from runtime.store.lanes import Lane


async def test_one_thread_does_the_work_in_the_order_in_which_it_is_asked_for() -> None:
    lane, order = Lane("one", 1), []
    await asyncio.gather(*(lane.do(lambda n=n: order.append(n)) for n in range(50)))
    lane.close()
    assert order == list(range(50))


async def test_several_threads_work_at_once() -> None:
    lane, together = Lane("several", 3), threading.Barrier(3, timeout=10)
    await asyncio.gather(*(lane.do(together.wait) for _ in range(3)))
    lane.close()


async def test_an_error_reaches_who_asked_and_the_lane_goes_on() -> None:
    lane = Lane("error", 1)

    def fail() -> None:
        raise ValueError("of the work")

    with pytest.raises(ValueError, match="of the work"):
        await lane.do(fail)
    assert await lane.do(lambda: 7) == 7
    lane.close()


async def test_a_caller_that_is_cancelled_leaves_the_work_to_be_done() -> None:
    lane, begun, go, done = Lane("cancelled", 1), threading.Event(), threading.Event(), []

    def slow() -> None:
        begun.set()
        go.wait(10)
        done.append("slow")

    asking = asyncio.create_task(lane.do(slow))
    await asyncio.to_thread(begun.wait, 10)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    go.set()
    assert await lane.do(lambda: list(done)) == ["slow"]
    lane.close()


async def test_closing_waits_for_what_was_asked_and_another_piece_of_work_starts_again() -> None:
    lane, done = Lane("closing", 1), []

    def slow() -> None:
        time.sleep(0.05)
        done.append("slow")

    asking = asyncio.create_task(lane.do(slow))
    await asyncio.sleep(0)
    await asyncio.to_thread(lane.close)
    assert done == ["slow"]
    await asking
    assert await lane.do(lambda: 7) == 7
    lane.close()


def test_a_loop_that_is_gone_does_not_stop_the_thread() -> None:
    lane, go, after = Lane("gone", 1), threading.Event(), threading.Event()

    async def ask() -> None:
        asyncio.get_running_loop().create_task(lane.do(lambda: go.wait(10)))
        await asyncio.sleep(0)

    asyncio.run(ask())
    go.set()

    async def again() -> None:
        await lane.do(after.set)

    asyncio.run(again())
    lane.close()
    assert after.is_set()


async def test_the_work_sees_what_the_asking_context_says() -> None:
    lane, who = Lane("context", 1), ContextVar("who", default="")
    who.set("asking")
    assert await lane.do(who.get) == "asking"
    lane.close()
