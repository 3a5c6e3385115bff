"""The delivery worker inside the server: what was released reaches its lanes, and how the lanes fare is known."""

from __future__ import annotations

import asyncio
import time
from typing import Literal

import structlog
from sqlalchemy.exc import OperationalError

from runtime.installation import Installation
from runtime.lane_settings import Lanes
from runtime.store import deliveries
from runtime.store.database import Database
from server import telemetry
from tools.lanes.opening import opener
from tools.lanes.worker import DeliveryWorker, Worked

log = structlog.get_logger("casegate")
PAUSE_SECONDS = 1.0
LOOK_SECONDS = 10.0
MANY_ATTEMPTS = 3

LaneHealth = Literal["ok", "trouble", "down"]


class Deliverer:
    """Rounds over the outbox. Other processes, and `casegate deliver`, may do the same on the same store."""

    def __init__(self, lanes: Lanes) -> None:
        """Raises InputError where a lane's secret cannot be read."""
        self._lanes, self._open = lanes, opener(lanes)
        self._more = asyncio.Event()
        self._alive = self._trouble = False
        self._looked = 0.0

    @property
    def health(self) -> LaneHealth:
        """`trouble`: an entry is a dead letter, or several attempts failed. `down`: nobody delivers here."""
        if not self._alive:
            return "down"
        return "trouble" if self._trouble else "ok"

    def look(self) -> None:
        """Something may have been released: look now and not at the next round. From the worker's own loop."""
        self._more.set()

    async def forever(self, database: Database, home: Installation) -> None:
        """Work until cancelled. A store that does not answer is asked again."""
        worker = DeliveryWorker(database, self._lanes, self._open, home)
        self._alive = True
        try:
            while True:
                try:
                    done = await worker.once()
                    await self._judge(database, done)
                except OperationalError as error:
                    log.warning("the store does not answer", error=str(error.orig))
                    done = Worked()
                _count(done)
                if done == Worked():
                    await self._pause()
        finally:
            self._alive = False

    async def _judge(self, database: Database, done: Worked) -> None:
        if done != Worked() or time.monotonic() - self._looked >= LOOK_SECONDS:
            self._trouble = await deliveries.in_trouble(database, MANY_ATTEMPTS)
            self._looked = time.monotonic()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(PAUSE_SECONDS):
                await self._more.wait()
        except TimeoutError:
            return
        finally:
            self._more.clear()


def _count(done: Worked) -> None:
    for end, number in (("delivered", done.delivered), ("put_off", done.put_off), ("dead", done.buried)):
        if number:
            telemetry.DELIVERIES.labels(end).inc(number)
    if done.buried:
        log.error("lane entries could not be delivered; each run says why", entries=done.buried)
