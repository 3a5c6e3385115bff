"""Somebody is taken out of use between his decision and its effect: it is void, and the run holds and says why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from packets import TENANT, minimal_packet, read_packet

from casefile.packet import Decides, Passes, Step
from graphs.runner import Run, admit, checkpointer
from runtime.model.offline import Offline
from runtime.store import people_rows
from runtime.store.database import Database
from runtime.store.people_rows import Suspension
from tools.packet_folder import load

GATE = "exception_release"


@asynccontextmanager
async def waiting(url: str, packet: Path) -> AsyncIterator[Run]:
    """A run that waits at its gate."""
    folder = load(packet)
    database = await Database.open(url)
    try:
        async with checkpointer(url) as saver:
            run = await admit(database, saver, folder, Offline())
            await run.open(folder)
            await run.drive()
            row = await run.store.row()
            assert row is not None
            assert (row.gate or "").startswith(GATE)
            yield run
            if run.context.index is not None:
                run.context.index.close()
    finally:
        await database.close()


@pytest.fixture
def packet(tmp_path: Path) -> Path:
    folder = minimal_packet(tmp_path / "packet", exception=True)
    return minimal_packet(folder, exception=True, people=read_packet(folder)["people"], timeline=[])


def step(run: Run, minutes: int, **what: object) -> Step:
    return Step.model_validate({"at": run.context.packet.as_of + timedelta(minutes=minutes), **what})


async def approve(run: Run, by: str, minutes: int = 30) -> None:
    said = Decides(gate=GATE, by=by, decision="approve", revision="current", reason="it is proven")
    await run.submit(f"d{minutes}", step(run, minutes, decides=said))


async def suspend(run: Run, person: str, role: str = "") -> None:
    one = Suspension(person, role, "2026-05-04T10:31:00Z", "x-ada", "left the company")
    await run.store.database.together(lambda connection: people_rows.suspend(connection, TENANT, one))


async def released(run: Run) -> int:
    return len(await run.store.outbox())


async def test_a_decision_without_that_leaves(url: str, packet: Path) -> None:
    async with waiting(url, packet) as run:
        await approve(run, "u-duty")
        await run.drive()
        assert await released(run) == 1


async def test_it_is_void_although_nothing_told_the_run(url: str, packet: Path) -> None:
    async with waiting(url, packet) as run:
        await approve(run, "u-duty")
        await suspend(run, "u-duty")
        await run.drive()
        assert await released(run) == 0
        (decision,) = await run.store.decisions()
        assert decision.state == "void"
        assert decision.reason == (
            "after the decision, u-duty was deactivated at 2026-05-04T10:31:00Z: left the company"
        )


async def test_others_may_sign_and_he_may_not(url: str, packet: Path) -> None:
    async with waiting(url, packet) as run:
        duty = [p["id"] for p in read_packet(packet)["people"] if "duty_manager" in p["roles"]]
        await suspend(run, "u-duty")
        await run.submit("t1", step(run, 20, passes=Passes()))
        await run.drive()
        await approve(run, "u-duty", 30)
        assert (await run.store.decisions())[-1].state == "refused"
        assert "was deactivated" in ((await run.store.decisions())[-1].reason or "")
        other = next(one for one in duty if one != "u-duty")
        await approve(run, other, 40)
        await run.drive()
        assert await released(run) == 1


async def test_without_anybody_else_the_run_holds(url: str, packet: Path) -> None:
    people = [p for p in read_packet(packet)["people"] if p["id"] == "u-duty" or "duty_manager" not in p["roles"]]
    minimal_packet(packet, exception=True, people=people, timeline=[])
    async with waiting(url, packet) as run:
        await approve(run, "u-duty")
        await suspend(run, "u-duty")
        await run.submit("t1", step(run, 31, passes=Passes()))
        await run.drive()
        assert await released(run) == 0
        holds = [one for one in (await run.store.registers())["holds"] if one.state == "open"]
        assert [getattr(one, "trigger", "") for one in holds if getattr(one, "kind", "") == "no_eligible_approver"] == [
            "no eligible approver"
        ]


async def test_what_is_void_stays_so_when_he_comes_back(url: str, packet: Path) -> None:
    async with waiting(url, packet) as run:
        await approve(run, "u-duty")
        await suspend(run, "u-duty")
        await run.drive()
        at = "2026-05-04T10:35:00Z"
        await run.store.database.together(lambda c: people_rows.lift(c, TENANT, "u-duty", "", at))
        await run.submit("t2", step(run, 50, passes=Passes()))
        await run.drive()
        assert await released(run) == 0
        await approve(run, "u-duty", 55)
        await run.drive()
        assert await released(run) == 1


@pytest.mark.parametrize(("role", "state"), [("duty_manager", "void"), ("schema_workflow_owner", "valid")])
async def test_a_role_that_goes_takes_only_what_rests_on_it(url: str, packet: Path, role: str, state: str) -> None:
    async with waiting(url, packet) as run:
        await approve(run, "u-duty")
        await suspend(run, "u-duty", role)
        await run.drive()
        assert await released(run) == (state == "valid")
        assert [one.state for one in await run.store.decisions()] == [state]
