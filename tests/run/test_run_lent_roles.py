"""A decision given in a lent role stands with the loan: it is void where the loan is over before the effect."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from packets import NAME, TENANT, minimal_packet, read_packet
from sqlalchemy import update
from test_run_suspended import approve, released, suspend, waiting

from graphs.runner import Run
from runtime.store import account_rows, people_rows
from runtime.store.account_rows import Account, Member
from runtime.store.account_tables import memberships
from runtime.store.lending import lending
from runtime.store.people_rows import Delegation
from runtime.store.setting_tables import delegations

ROLE = "duty_manager"
LOAN = Delegation("dlg_1", "u-duty", "u-kim", ROLE, "2026-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "on leave", "x")


@pytest.fixture
def packet(tmp_path: Path) -> Path:
    """The roster gives Kim the gate's role; whether the directory does is for the loan to say."""
    folder = minimal_packet(tmp_path / "packet", exception=True)
    people = [*read_packet(folder)["people"], {"id": "u-kim", "name": "Kim", "roles": [ROLE]}]
    return minimal_packet(folder, exception=True, people=people, timeline=[])


async def lend(run: Run, one: Delegation = LOAN, **own: tuple[str, ...]) -> None:
    """Put giver and taker into the directory, and the loan."""
    for person, roles in {"u-duty": (ROLE,), "u-kim": (), **{f"u-{name}": r for name, r in own.items()}}.items():
        account = Account(f"acc_{person}", f"{person}@house.example", person, None, (), False, False)
        await account_rows.put_account(run.store.database, account, 1)
        await account_rows.put_member(run.store.database, account.id, Member(TENANT, NAME, person, person, roles))
    await run.store.database.together(lambda connection: people_rows.put_delegation(connection, TENANT, one))


async def taken_back(run: Run) -> None:
    at = "2026-05-04T10:31:00Z"
    await run.store.database.together(lambda c: people_rows.end_delegation(c, TENANT, LOAN.id, at))


async def lapses(run: Run) -> None:
    async def write(connection: Any) -> None:
        await connection.execute(update(delegations).values(valid_until="2026-05-04T10:31:00Z"))

    await run.store.database.together(write)


async def giver_leaves(run: Run) -> None:
    await suspend(run, "u-duty")


async def giver_has_it_no_more(run: Run) -> None:
    async def write(connection: Any) -> None:
        mine = (memberships.c.tenant == TENANT, memberships.c.person == "u-duty")
        await connection.execute(update(memberships).where(*mine).values(roles=orjson.dumps([]).decode()))

    await run.store.database.together(write)


ENDS = {
    taken_back: "was taken back at 2026-05-04T10:31:00Z",
    lapses: "lapsed at 2026-05-04T10:31:00Z",
    giver_leaves: "is over: u-duty was deactivated",
    giver_has_it_no_more: "is over: u-duty has it no more",
}


async def test_while_it_is_lent_the_decision_counts(url: str, packet: Path) -> None:
    async with waiting(url, packet) as run:
        await lend(run)
        await approve(run, "u-kim")
        await run.drive()
        assert await released(run) == 1


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
async def test_the_end_of_the_loan_is_the_end_of_what_rests_on_it(url: str, packet: Path, end: Any) -> None:
    async with waiting(url, packet) as run:
        await lend(run)
        await approve(run, "u-kim")
        await end(run)
        await run.drive()
        assert await released(run) == 0
        (decision,) = await run.store.decisions()
        assert decision.state == "void"
        assert "after the decision, the role duty_manager that u-duty lent to u-kim" in (decision.reason or "")
        assert ENDS[end] in (decision.reason or "")
        await approve(run, "u-kim", 40)
        assert (await run.store.decisions())[-1].state == "refused"
        assert (await lending(run.store.database, TENANT)).lent() == {}


async def test_who_has_the_role_himself_needs_no_loan(url: str, packet: Path) -> None:
    async with waiting(url, packet) as run:
        await lend(run, kim=(ROLE,))
        await approve(run, "u-kim")
        await taken_back(run)
        await run.drive()
        assert await released(run) == 1


async def test_another_loan_of_the_role_goes_on(url: str, packet: Path) -> None:
    async with waiting(url, packet) as run:
        await lend(run, other=(ROLE,))
        await lend(run, replace(LOAN, id="dlg_3", giver="u-other"), other=(ROLE,))
        await approve(run, "u-kim")
        await taken_back(run)
        await run.drive()
        assert await released(run) == 1


async def test_a_loan_that_begins_later_gives_and_takes_nothing(url: str, packet: Path) -> None:
    async with waiting(url, packet) as run:
        later = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() + 9 * 86_400))
        await lend(run, replace(LOAN, valid_from=later))
        there = await lending(run.store.database, TENANT)
        assert (there.lent(), there.out_of_use()) == ({}, {})
