"""Accounts, sessions, tokens and the list of runs in the store, on both databases."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from packets import TENANT, minimal_packet
from running import run_apart
from sqlalchemy import select

from runtime.store import account_rows, run_list
from runtime.store.account_rows import Account, Member, Token
from runtime.store.account_tables import sessions
from runtime.store.database import Database
from runtime.store.run_list import Clock, Filter, Scope

AT = 1_800_000_000
KEN = Account("acc_ken", "Ken@lumenary.example", "Ken Osei", "hash", ("auditor",), False, False)


async def test_an_account_is_found_by_its_address_in_any_case(database: Database) -> None:
    await account_rows.put_account(database, KEN, AT)
    found = await account_rows.account_by_email(database, "kEN@LUMENARY.example")
    assert found is not None
    assert (found.id, found.global_roles) == ("acc_ken", ("auditor",))
    again = await account_rows.put_account(database, Account("acc_2", KEN.email, "Ken O.", None, (), True, False), AT)
    assert (again.id, again.name, again.disabled) == ("acc_ken", "Ken O.", True)


async def test_a_person_of_a_tenant_is_one_account(database: Database) -> None:
    for one in (KEN, Account("acc_ana", "ana@lumenary.example", "Ana", None, (), False, False)):
        await account_rows.put_account(database, one, AT)
    duty = Member("tn-a", "A", "u-duty", "Ken Osei", ("duty_manager",))
    assert await account_rows.put_member(database, "acc_ken", duty)
    assert not await account_rows.put_member(database, "acc_ana", duty)
    other = Member("tn-a", "A", "u-other", "Ken Osei", ())
    assert not await account_rows.put_member(database, "acc_ken", other)
    less = Member("tn-a", "A", "u-duty", "Ken Osei", ())
    assert await account_rows.put_member(database, "acc_ken", less)
    assert await account_rows.members_of(database, "acc_ken") == (less,)
    assert [one.roles for one in await account_rows.members_in(database, "tn-a")] == [()]


async def test_a_session_ends_by_time_by_idleness_and_by_hand(database: Database) -> None:
    await account_rows.put_account(database, KEN, AT)
    await account_rows.start_session(database, "h1", "acc_ken", AT, AT + 1000)

    async def lives(at: int, idle: int = 500) -> bool:
        return await account_rows.session_account(database, "h1", at, idle) is not None

    assert await lives(AT + 400)
    assert await lives(AT + 800)  # it was seen at 400
    assert not await lives(AT + 1000)
    assert not await lives(AT + 900, idle=50)
    await account_rows.end_session(database, "h1")
    assert not await lives(AT + 1)
    await account_rows.start_session(database, "h2", "acc_ken", AT, AT + 1000)
    await account_rows.put_account(database, Account("x", KEN.email, "K", None, (), True, False), AT)
    assert await account_rows.session_account(database, "h2", AT + 1, 500) is None


async def test_a_token_expires_and_is_revoked_by_its_owner_only(database: Database) -> None:
    await account_rows.put_account(database, KEN, AT)
    await account_rows.put_token(database, "acc_ken", Token("t1", "bridge", ("read",), AT, AT + 10, None), "h")
    found = await account_rows.token_account(database, "h", AT + 5)
    assert found is not None
    assert found[1].scopes == ("read",)
    assert await account_rows.token_account(database, "h", AT + 10) is None
    assert not await account_rows.revoke_token(database, "acc_ana", "t1")
    assert await account_rows.revoke_token(database, "acc_ken", "t1")
    assert await account_rows.token_account(database, "h", AT + 5) is None


async def test_a_link_is_for_demo_accounts_and_for_its_time(database: Database) -> None:
    demo = Account("acc_demo", "lead@demo.invalid", "Lead", None, (), False, True)
    for one, name in ((KEN, "real"), (demo, "demo")):
        await account_rows.put_account(database, one, AT)
        await account_rows.put_link(database, name, one.id, AT + 10, AT)
    assert await account_rows.link_account(database, "real", AT) is None
    assert await account_rows.link_account(database, "demo", AT) is not None
    assert await account_rows.link_account(database, "demo", AT + 10) is None


async def test_an_openid_state_is_taken_once_by_whoever_is_first(database: Database) -> None:
    await account_rows.put_state(database, "s", "verifier", "nonce", AT + 10, AT)
    taken = await asyncio.gather(*(account_rows.take_state(database, "s", AT) for _ in range(3)))
    assert sorted(one is not None for one in taken) == [False, False, True]


@pytest.fixture
def played(url: str, tmp_path: Path) -> tuple[str, list[str]]:
    """A store with runs that the command line made: (url, runs)."""
    runs = []
    for n in range(3):
        packet = minimal_packet(tmp_path / f"p{n}", exception=n == 0, case=f"CASE-{n}")
        runs.append(run_apart(packet, tmp_path / f"o{n}", url)["run"])
    return url, runs


def test_runs_of_the_command_line_are_listed_by_person(played: tuple[str, list[str]]) -> None:
    url, runs = played

    async def look() -> None:
        database = await Database.open(url)
        try:
            await _listed(database, runs)
        finally:
            await database.close()

    asyncio.run(look())


async def _listed(database: Database, runs: list[str]) -> None:
    assert await run_list.fill_people(database) == 3
    assert await run_list.fill_people(database) == 0
    mine = Scope(((TENANT, "u-duty"),))
    rows, total = await run_list.listed(database, mine, Filter())
    assert (total, {row.run for row in rows}) == (3, set(runs))
    for nobody in (Scope(()), Scope((("tn-other", "u-duty"),)), Scope(((TENANT, "u-stranger"),))):
        assert await run_list.listed(database, nobody, Filter()) == ([], 0)
    whole, _ = await run_list.listed(database, Scope((), (TENANT,)), Filter(sort="case"))
    assert [row.case for row in whole] == ["CASE-0", "CASE-1", "CASE-2"]
    first, total = await run_list.listed(database, mine, Filter(sort="case", limit=2))
    second, _ = await run_list.listed(
        database, mine, Filter(sort="case", limit=2, after=(first[-1].case, first[-1].run))
    )
    assert ([row.case for row in second], total) == (["CASE-2"], 3)
    assert (await run_list.listed(database, mine, Filter(text="case-1")))[1] == 1
    assert (await run_list.listed(database, mine, Filter(text="%")))[1] == 0
    assert (await run_list.listed(database, mine, Filter(states=("ended",))))[1] == 3
    assert (await run_list.listed(database, mine, Filter(states=("waiting",))))[1] == 0
    assert (await run_list.listed(database, mine, Filter(scenarios=("none",))))[1] == 0
    answered = await run_list.answered_by(database, [(TENANT, "u-duty")], 0, 10)
    assert [(row.run, one.by) for row, one in answered] == [(runs[0], "u-duty")]
    assert await run_list.unfinished(database) == []
    await run_list.put_clock(database, TENANT, runs[0], Clock(5, demo=True))
    assert await run_list.clock_of(database, TENANT, runs[0]) == Clock(5, demo=True)
    assert await run_list.clock_of(database, TENANT, runs[1]) == Clock()


@pytest.mark.parametrize("wait", [0.0, 0.0005, 0.002, 0.01])
async def test_a_session_whose_request_is_cancelled_is_started_whole_or_not_at_all(
    database: Database, wait: float
) -> None:
    """It is stored together with the removal of those that have expired: one without the other is never seen."""
    await account_rows.put_account(database, KEN, AT)
    await account_rows.start_session(database, "old", KEN.id, AT, AT + 10)
    asked = asyncio.create_task(account_rows.start_session(database, "new", KEN.id, AT + 20, AT + 1000))
    await asyncio.sleep(wait)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    for _ in range(20):
        kept = {row.hash for row in await database.rows(select(sessions.c.hash))}
        assert kept in ({"old"}, {"new"})
        await asyncio.sleep(0.002)
