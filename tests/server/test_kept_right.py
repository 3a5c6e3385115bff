"""The right to an open stream: asked again while it is open, and gone where no answer comes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from server.api.keeping import KeptRight

HEARTBEAT = 0.1


async def says_no() -> bool:
    return False


async def hangs() -> bool:
    await asyncio.Event().wait()
    return True


async def fails() -> bool:
    raise OSError("the store does not answer")


async def stood_until_it_did_not(right: KeptRight) -> bool:
    async with asyncio.timeout(20):
        while right.stands:
            await asyncio.sleep(HEARTBEAT / 10)
    return True


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Awaitable[bool]]], KeptRight]:
    """A right whose question is answered by what is given."""
    monkeypatch.setattr("server.feeds.HEARTBEAT_SECONDS", HEARTBEAT)

    def right(answer: Callable[[], Awaitable[bool]]) -> KeptRight:
        async def asked(*_: Any) -> bool:
            return await answer()

        monkeypatch.setattr("server.api.keeping.still_allowed", asked)
        nobody = cast(Any, None)
        return KeptRight(nobody, nobody)

    return right


@pytest.mark.parametrize("answer", [says_no, hangs, fails])
async def test_it_ends_with_a_no_and_without_an_answer(
    opened: Callable[[Callable[[], Awaitable[bool]]], KeptRight], answer: Callable[[], Awaitable[bool]]
) -> None:
    right = opened(answer)
    assert right.stands
    assert await stood_until_it_did_not(right)
    right.let_go()


async def test_it_is_asked_again_and_again_until_it_is_let_go(
    opened: Callable[[Callable[[], Awaitable[bool]]], KeptRight],
) -> None:
    asked = asyncio.Semaphore(0)

    async def yes() -> bool:
        asked.release()
        return True

    right = opened(yes)
    async with asyncio.timeout(20):
        for _ in range(3):
            await asked.acquire()
    right.let_go()
    assert await stood_until_it_did_not(right)
