"""A cluster that cannot become a case, or whose case stopped: on record with its reason, and tried again ever later.

It is nobody else's trouble: the other clusters go on meanwhile.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import orjson
import structlog

from agents.signal_live import micros
from casefile.packet import Passes, Step
from runtime.errors import InputError
from runtime.store import signal_faults
from runtime.store.chain import head_of, rows_after
from runtime.store.run_store import RunStore
from runtime.store.signal_faults import Fault
from server.service import Service
from server.turns import Desk

log = structlog.get_logger("casegate")
FIRST_SECONDS, LONGEST_SECONDS, LOOKED_AT = 2, 300, 50


def again_at(tries: int, now: int) -> int:
    """When something that failed so often is tried again: after two seconds, then four, at last every five minutes."""
    return now + min(LONGEST_SECONDS, FIRST_SECONDS << min(tries - 1, 20)) * 1_000_000


async def not_opened(here: Service, tenant: str, number: int, error: Exception) -> int:
    """Record why a cluster's case could not be opened or refreshed. When it is tried again, in microseconds."""
    known = (await signal_faults.of(here.database, tenant, [number])).get(number)
    tries = known.tries + 1 if known is not None else 1
    place = f"{Path(error.file).name} {error.place}".strip() if isinstance(error, InputError) else ""
    fault = Fault(number, "opening", type(error).__name__, place, str(error), tries, again_at(tries, _now()))
    log.error("a cluster cannot become a case", cluster=number, tries=tries, place=place, exc_info=error)
    await signal_faults.put(here.database, tenant, fault)
    return fault.again_at


async def wake_stopped(here: Service, tenant: str) -> None:
    """Record which cases stopped by a fault of ours, and wake those whose time has come."""
    await signal_faults.heal(here.database, tenant)
    for row in await signal_faults.stopped(here.database, tenant, _now()):
        tries = (row.tries or 0) + 1
        opened = await here.casebook.run(row.run)
        if opened is None:
            continue
        store = opened.context.store
        reason = await _last_fault(store)
        fault = Fault(row.number, "run", reason.partition(":")[0], "", reason, tries, again_at(tries, _now()))
        # On record before it is tried: a try that kills this process is not tried again at once.
        await signal_faults.put(here.database, tenant, fault)
        log.error("a cluster's case stopped", cluster=row.number, run=row.run, tries=tries, error=fault.type)
        if row.tries is not None:
            head = await head_of(here.database, tenant, store.case)
            step = Step(at=await opened.now(), passes=Passes())
            await Desk(here, opened).submit(f"signals:again:{head.size}", step)
            here.committed(tenant, row.run)


async def _last_fault(store: RunStore) -> str:
    """What the run's lineage says of its last fault."""
    head = await head_of(store.database, store.tenant, store.case)
    for row in reversed(await rows_after(store.database, store.tenant, store.case, head.size - LOOKED_AT, LOOKED_AT)):
        if orjson.loads(row.header)["kind"] == "failed" and "reason" in row.contents:
            return str(orjson.loads(row.contents["reason"][1] or b'""'))
    return "a fault that is not on record"


def _now() -> int:
    return micros(datetime.now(UTC))
