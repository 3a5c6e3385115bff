"""Threads that do a database's work, so that the event loop waits for none of it.

Work is done in the order in which it is asked for. SQLite has one writer at a time: its writers queue here, instead of
asking the file again and again until it is free. The standard library's executor does the same with a future and a
condition of its own for each call, which is a tenth of a small transaction.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context, copy_context
from queue import SimpleQueue
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
_Job: TypeAlias = "tuple[Callable[[], Any], Context, asyncio.AbstractEventLoop, asyncio.Future[Any]]"


class Lane:
    """At most `threads` pieces of work at once. The threads start with the first one, and end with `close`."""

    def __init__(self, name: str, threads: int) -> None:
        self._name, self._most = name, threads
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._starting = threading.Lock()

    async def do(self, work: Callable[[], T]) -> T:
        """What `work` gives, done in a thread. Raises what it raises. A caller that is cancelled does not stop it."""
        if not self._threads:
            self._start()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._jobs.put((work, copy_context(), loop, done))
        return await done

    def close(self) -> None:
        """Wait for what was asked for. Another `do` starts again."""
        with self._starting:
            threads, self._threads = self._threads, []
        for _ in threads:
            self._jobs.put(None)
        for thread in threads:
            thread.join()

    def _start(self) -> None:
        with self._starting:
            if not self._threads:
                self._threads = [
                    threading.Thread(target=self._work, name=f"{self._name}-{n}", daemon=True)
                    for n in range(self._most)
                ]
                for thread in self._threads:
                    thread.start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            work, context, loop, done = job
            try:
                result, error = context.run(work), None
            except BaseException as raised:  # noqa: BLE001 - it belongs to who asked
                result, error = None, raised
            with suppress(RuntimeError):  # of a loop that is closed: nobody waits
                loop.call_soon_threadsafe(_settle, done, result, error)
            del job, work, context, loop, done, result, error


def _settle(done: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if done.cancelled():
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)
