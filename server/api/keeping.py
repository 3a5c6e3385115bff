"""The right to an open stream: asked again while it is open, and beside it, so that no event waits for the answer."""

from __future__ import annotations

import asyncio
import random
import time

from fastapi import Request

from server import feeds
from server.api.access import Allowed, still_allowed


class KeptRight:
    """Whether a stream may go on, from when its request was let in until `let_go`.

    It is asked by time, whether or not something comes: who lost the right hears no more of a busy run either. Without
    an answer for two heartbeats, as when the store does not give one, it stands no longer.
    """

    def __init__(self, check: Allowed, request: Request) -> None:
        self._renew()
        self._asking = asyncio.create_task(self._ask(check, request))

    @property
    def stands(self) -> bool:
        """Whether something may still be sent."""
        return time.monotonic() < self._until

    def let_go(self) -> None:
        """The stream is closed: nothing is asked any more."""
        self._asking.cancel()

    def _renew(self) -> None:
        self._until = time.monotonic() + 2 * feeds.HEARTBEAT_SECONDS

    async def _ask(self, check: Allowed, request: Request) -> None:
        while True:
            # Not all readers of a run at once.
            await asyncio.sleep(feeds.HEARTBEAT_SECONDS * random.uniform(0.6, 1))  # noqa: S311  spread, not a secret
            if not await still_allowed(check, request):
                self._until = 0.0
                return
            self._renew()
