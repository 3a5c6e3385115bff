"""Work on live signals that breaks off begins again, and the health of the server says so."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from runtime.signal_settings import SignalSettings
from server.signals import desk
from server.signals.desk import SignalDesk
from server.signals.intake import Intake


class NoIntake:
    async def stop(self) -> None:
        """There is none."""


def made() -> SignalDesk:
    return SignalDesk(SignalSettings(), cast(Intake, NoIntake()), {}, {}, {})


async def test_work_that_breaks_off_begins_again_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "AGAIN_SECONDS", 0.0)
    begun: list[int] = []
    gone_on = asyncio.Event()

    async def work() -> None:
        begun.append(len(begun))
        if len(begun) < 3:
            raise ValueError("a row that nobody foresaw")
        gone_on.set()
        await asyncio.Event().wait()

    here = made()
    assert here.standing == "ok"
    here._begin(work)
    await asyncio.wait_for(gone_on.wait(), 5)
    assert begun == [0, 1, 2]
    assert here.standing == "trouble"
    await here.stop()
    monkeypatch.setattr(desk, "TROUBLE_SECONDS", 0.0)
    assert here.standing == "ok"


async def test_stopping_ends_work_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "AGAIN_SECONDS", 0.0)
    tries: list[Any] = []

    async def work() -> None:
        tries.append(1)
        await asyncio.Event().wait()

    here = made()
    here._begin(work)
    await asyncio.sleep(0.01)
    await here.stop()
    await asyncio.sleep(0.01)
    assert tries == [1]
