"""The delivery worker: at least once, the same key each time, read back, and a dead letter with its reason."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from runtime.clock import wall
from runtime.faults import fault_point
from runtime.installation import Installation
from runtime.lane_settings import Lanes
from runtime.store import deliveries
from runtime.store.afterwards import Log
from runtime.store.database import Database
from runtime.store.deliveries import Claimed
from tools.lanes.port import InDoubt, Lane, LaneEntry, Later, NotDelivered

AT_ONCE = 20


@dataclass(slots=True)
class Worked:
    """What one round did."""

    delivered: int = 0
    put_off: int = 0
    buried: int = 0


class DeliveryWorker:
    """Takes what the outbox holds to its lanes. Any number of workers may run on one store."""

    def __init__(
        self,
        database: Database,
        lanes: Lanes,
        open_lane: Callable[[str], Lane],
        home: Installation,
        clock: Callable[[], int] = wall,
    ) -> None:
        self._database, self._lanes, self._open, self._clock = database, lanes, open_lane, clock
        self._log = Log.of(home)

    async def once(self) -> Worked:
        """One round over what is due."""
        done = Worked()
        for one in await deliveries.claim(self._database, self._clock(), AT_ONCE):
            await self._take(one, done)
        return done

    async def forever(self, stop: asyncio.Event, pause: float = 1.0) -> None:
        """Rounds until `stop` is set; a pause in seconds where nothing was due."""
        while not stop.is_set():
            done = await self.once()
            if done == Worked():
                try:
                    await asyncio.wait_for(stop.wait(), pause)
                except TimeoutError:
                    continue

    async def _take(self, one: Claimed, done: Worked) -> None:
        entry = LaneEntry(one.key, one.lane, one.body)
        fault_point("delivery.claimed")
        try:
            reference = await self._hand_over(self._open(one.lane), entry, one)
        except Later as error:
            await self._later(one, str(error), done)
        except InDoubt as error:
            await self._bury(one, f"in doubt: {error}")
            done.buried += 1
        except NotDelivered as error:
            await self._bury(one, str(error))
            done.buried += 1
        else:
            fault_point("delivery.sent")
            await deliveries.delivered(self._database, one, reference, self._clock(), self._log)
            done.delivered += 1

    async def _hand_over(self, lane: Lane, entry: LaneEntry, one: Claimed) -> str:
        # The answer to an earlier attempt may have been lost: first look whether it is there.
        if one.attempt > 1 and await lane.has(entry):
            return "read back"
        if one.unanswered and not lane.idempotent:
            raise InDoubt("a worker ended while it sent this, and the receiver knows no keys")
        reference = await lane.deliver(entry)
        if await lane.has(entry) is False:
            raise Later("the receiver took the entry, and does not have it when it is read back")
        return reference

    async def _bury(self, one: Claimed, reason: str) -> None:
        await deliveries.bury(self._database, one, reason, self._clock(), self._log)

    async def _later(self, one: Claimed, reason: str, done: Worked) -> None:
        most = self._lanes.of(one.lane).attempts
        if one.attempt >= most:
            await self._bury(one, f"given up after {one.attempt} attempts: {reason}")
            done.buried += 1
            return
        pause = min(2 ** min(one.attempt, 12), deliveries.LONGEST_PAUSE)
        await deliveries.put_off(self._database, one, reason, self._clock() + pause)
        done.put_off += 1
