"""Feeds: the lineage of each watched run, read once for all its readers.

A reader is only a position in the lineage: nothing is queued for it, so a slow one holds up nobody and loses nothing.
What it is behind is read from the store again. One poller looks at every watched chain in one query.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections import deque
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import OperationalError

from runtime.store import run_list
from runtime.store.chain import rows_after
from runtime.store.database import Database
from server.casebook import OpenRun
from server.models.lineage import ProgressEvent
from server.views.lineage import event_of, names_of
from server.views.words import step_title

log = structlog.get_logger("casegate")
HEARTBEAT_SECONDS = 15
BUFFERED = 512
PAGE = 256


@dataclass(slots=True)
class Feed:
    """A run that somebody watches. `size` is how much of the case's chain was read; `recent` are its last events."""

    opened: OpenRun
    size: int = -1
    readers: int = 0
    recent: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=BUFFERED))
    first: int = 0  # every event from this place on is in `recent`
    progress: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=64))
    shown: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    woken: float = field(default_factory=time.monotonic)

    @property
    def case(self) -> tuple[str, str]:
        """The chain."""
        return self.opened.context.store.tenant, self.opened.context.store.case

    def wake(self) -> None:
        """Wake every reader that waits now."""
        self.changed.set()
        self.changed, self.woken = asyncio.Event(), time.monotonic()

    def beat(self) -> None:
        """Wake the readers where nothing came for as long as a heartbeat: one clock for all of them."""
        if time.monotonic() - self.woken >= HEARTBEAT_SECONDS:
            self.wake()

    def after(self, position: int) -> list[tuple[int, bytes]] | None:
        """Events after a place, out of the buffer. None where the reader is further behind.

        The place of the last one may be a mark without bytes: entries of other runs of the case were passed over.
        """
        if self.size < 0 or position + 1 < self.first:
            return None
        found = list(itertools.takewhile(lambda one: one[0] > position, reversed(self.recent)))
        return found[::-1]

    def report(self, node: str, state: str) -> None:
        """What an agent does inside a turn: not stored, not replayed."""
        event = ProgressEvent.model_validate({"node": node, "title": step_title(node) if node else "", "state": state})
        self.shown += 1
        self.progress.append((self.shown, _message("progress", event.model_dump_json(), None)))
        self.wake()


class Feeds:
    """All feeds of this process."""

    def __init__(self, database: Database, poll_milliseconds: int) -> None:
        self._database, self._pause = database, poll_milliseconds / 1000
        self._feeds: dict[str, Feed] = {}
        self._poller: asyncio.Task[None] | None = None
        self._look = asyncio.Event()

    def start(self) -> None:
        """Start the poller."""
        self._poller = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        """Stop it."""
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)

    def join(self, opened: OpenRun) -> Feed:
        """Become a reader of a run."""
        name = opened.context.store.run
        feed = self._feeds.setdefault(name, Feed(opened))
        feed.readers += 1
        return feed

    def leave(self, feed: Feed) -> None:
        """Stop reading; the last one closes the feed."""
        feed.readers -= 1
        if feed.readers <= 0:
            self._feeds.pop(feed.opened.context.store.run, None)

    def look(self) -> None:
        """Something was committed in this process: look now and not at the next round."""
        self._look.set()

    def report(self, run: str, node: str, state: str) -> None:
        """Progress of the worker."""
        self._look.set()
        feed = self._feeds.get(run)
        if feed is not None:
            feed.report(node, state)

    async def stored(self, feed: Feed, position: int) -> list[tuple[int, bytes]]:
        """Events after a place, out of the store: for a reader that is behind what the feed remembers."""
        return await self._page(feed.opened, position)

    async def _poll(self) -> None:
        while True:
            if not self._feeds:
                await self._look.wait()
            self._look.clear()
            try:
                await self._round()
            except OperationalError as error:
                log.warning("the store does not answer", error=str(error.orig))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), self._pause)

    async def _round(self) -> None:
        feeds = list(self._feeds.values())
        sizes = await run_list.sizes(self._database, list({feed.case for feed in feeds}))
        for feed in feeds:
            size = sizes.get(feed.case, 0)
            if feed.size < 0:  # just joined: readers get the past from the store, and the feed begins here
                feed.size = feed.first = size
                feed.wake()
            elif size > feed.size:
                await self._take(feed, size)
            else:
                feed.beat()

    async def _take(self, feed: Feed, size: int) -> None:
        position = feed.size - 1
        while position < size - 1:
            page = await self._page(feed.opened, position)
            if not page:
                break
            feed.recent.extend(page)
            position = page[-1][0]
        feed.size = position + 1
        if len(feed.recent) == BUFFERED:
            feed.first = feed.recent[0][0]
        feed.wake()

    async def _page(self, opened: OpenRun, position: int) -> list[tuple[int, bytes]]:
        store = opened.context.store
        rows = await rows_after(self._database, store.tenant, store.case, position, PAGE, contents=False)
        names = await names_of(opened.context) if rows else {}
        found = []
        for row in rows:
            event = event_of(opened.context, row, names)
            body = _message("lineage", event.model_dump_json(), row.seq) if event is not None else b""
            found.append((row.seq, body))
        return found


def _message(kind: str, data: str, place: int | None) -> bytes:
    head = "" if place is None else f"id: {place}\n"
    return f"{head}event: {kind}\ndata: {data}\n\n".encode()
