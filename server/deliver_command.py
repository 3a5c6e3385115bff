"""`casegate deliver`: what was released reaches its lanes."""

from __future__ import annotations

import asyncio
import signal

import click

from runtime.installation import Installation
from runtime.lane_settings import load_lanes
from runtime.settings import Settings
from runtime.store.database import Database
from tools.lanes.opening import opener
from tools.lanes.worker import DeliveryWorker


async def deliver_entries(db: str, once: bool) -> int:
    """One round, or rounds until the process is asked to stop. 1 where a round buried an entry."""
    settings = Settings()
    lanes = load_lanes(settings.lanes, settings.data)
    open_lane = opener(lanes)
    database = await Database.open(db or settings.database_url())
    try:
        worker = DeliveryWorker(database, lanes, open_lane, Installation.open(settings.data))
        if not once:
            await worker.forever(_asked_to_stop())
            return 0
        done = await worker.once()
        click.echo(f"{done.delivered} delivered, {done.put_off} put off, {done.buried} dead letters")
        return 1 if done.buried else 0
    finally:
        await database.close()


def _asked_to_stop() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
