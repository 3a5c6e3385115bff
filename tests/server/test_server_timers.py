"""Time passes without an event: requests and decisions expire by themselves, once, also across restarts."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from house import Client, House, case_packet, live_packet
from packets import TENANT
from sqlalchemy import select

from graphs.context import RunContext
from graphs.deadlines import DEADLINES
from runtime.clock import from_instant, instant
from runtime.store import run_list
from runtime.store.account_tables import run_timers
from runtime.store.database import Database
from runtime.store.run_list import Clock
from runtime.store.tables import inbox, work

BRIGHTMOOR = "tn-brightmoor"


def later(house: House, run: str, tenant: str, **by: float) -> None:
    """Set the run's clock forward."""

    async def moved(database: Database) -> None:
        clock = await run_list.clock_of(database, tenant, run)
        behind = clock.behind - int(timedelta(**by).total_seconds())
        await run_list.put_clock(database, tenant, run, Clock(behind))

    house.store(moved)


def rung(house: House, run: str) -> list[tuple[str, str]]:
    """(key, at) of the events that timers gave a run."""

    async def found(database: Database) -> list[tuple[str, str]]:
        query = select(inbox.c.key, inbox.c.at).where(inbox.c.run == run, inbox.c.key.startswith("timer:"))
        return [(key, at) for key, at in await database.rows(query)]

    return house.store(found)


def page(client: Client, run: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"/api/runs/{run}").json()
    return answer


def waited(house: House, run: str, tenant: str, count: int = 1) -> list[tuple[str, str]]:
    until = time.monotonic() + 15
    while len(found := rung(house, run)) < count:
        assert time.monotonic() < until, "no timer rang"
        time.sleep(0.1)
    house.rest(tenant, run)
    return found


def dispatched(house: House, folder: Path) -> str:
    """A case whose signature is asked for during sixty minutes."""
    mila = house.sign_in("u-mila", ("support_trust_team",), tenant=BRIGHTMOOR)
    return house.open(case_packet(folder, "packet-dispatch", "approver-declines"), mila)


def approver(house: House) -> Client:
    return house.sign_in("u-odd", ("support_trust_approver",), tenant=BRIGHTMOOR)


def test_a_request_expires_by_itself_and_once(both: House, tmp_path: Path) -> None:
    run, odd = dispatched(both, tmp_path / "case"), approver(both)
    before = page(odd, run)
    until = before["waiting_on"][0]["expires_at"]
    assert odd.get("/api/approvals").json()["rows"][0]["expires_at"] == until
    time.sleep(3)
    assert rung(both, run) == []
    later(both, run, BRIGHTMOOR, minutes=61)
    ((key, at),) = waited(both, run, BRIGHTMOOR)
    assert key == f"timer:{until}"
    assert at >= until
    after = page(odd, run)
    assert (after["status"], after["final"], after["waiting_on"]) == ("finished", False, [])
    assert after["approvals"] == []
    time.sleep(5)
    assert len(rung(both, run)) == 1


def test_what_ages_while_it_waits_is_seen_by_itself(both: House, tmp_path: Path) -> None:
    """Within the time in which the signature is asked for: the records that the packet cites are verified no more."""
    mila = both.sign_in("u-mila", ("support_trust_team",), tenant=BRIGHTMOOR)
    parameters = {"session_evidence_freshness_hours": 1}
    packet = case_packet(tmp_path / "case", "packet-dispatch", "approver-declines", parameters=parameters)
    run, odd = both.open(packet, mila), approver(both)
    before = page(odd, run)
    assert before["status"] == "waiting", before["outcome"]
    assert [one for one in before["registers"]["holds"] if one["state"] == "open"] == []
    fresh = from_instant(before["artifact"]["fields"]["references_fresh_until"]["value"])
    assert fresh < from_instant(before["waiting_on"][0]["expires_at"])
    later(both, run, BRIGHTMOOR, seconds=(fresh - from_instant(before["now"])).total_seconds() + 5)
    ((key, _),) = waited(both, run, BRIGHTMOOR)
    assert key == f"timer:{instant(fresh + timedelta(seconds=1))}"
    after = page(odd, run)
    assert (after["status"], after["outcome"], after["waiting_on"]) == ("finished", "held", [])
    assert "freshness" in {one["kind"] for one in after["registers"]["holds"] if one["state"] == "open"}


def test_what_came_while_no_server_ran_is_noticed_by_the_next_one(house: House, tmp_path: Path) -> None:
    run = dispatched(house, tmp_path / "case")
    until = page(approver(house), run)["waiting_on"][0]["expires_at"]
    house.stop()
    later(house, run, BRIGHTMOOR, minutes=90)
    house.start()
    ((key, _),) = waited(house, run, BRIGHTMOOR)
    assert key == f"timer:{until}"
    odd = approver(house)
    after = page(odd, run)
    assert after["waiting_on"] == []
    late = {"revision": after["artifact"]["revision"]}
    assert odd.decide(run, "dispatch_manifest_signature", "too-late-000001", **late).status_code == 410


def test_a_role_that_lapses_ends_the_wait_for_it(house: House, intake: Client, tmp_path: Path) -> None:
    people = [
        {"id": "u-intake", "name": "Iris Okafor", "roles": ["support_intake_specialist"]},
        {"id": "u-duty", "name": "Dag", "roles": ["duty_manager"], "valid_until": "2026-05-05T03:00:00Z"},
    ]
    run = house.open(live_packet(tmp_path / "packet", people=people), intake)
    assert page(intake, run)["status"] == "waiting"
    later(house, run, TENANT, days=2)
    assert [key for key, _ in waited(house, run, TENANT)] == ["timer:2026-05-05T03:00:00Z"]
    assert page(intake, run)["status"] == "finished"


def test_two_servers_give_a_deadline_once(both: House, tmp_path: Path) -> None:
    other = House(both.url, tmp_path / "other").start()
    try:
        run = dispatched(both, tmp_path / "case")
        later(both, run, BRIGHTMOOR, hours=2)
        waited(both, run, BRIGHTMOOR)
        time.sleep(5)
        assert len(rung(both, run)) == 1
        assert approver(both).post(f"/api/runs/{run}/lineage/verify").json()["intact"]
    finally:
        other.stop()


def test_a_deadline_that_a_pattern_keeps(house: House, run: str, intake: Client) -> None:
    """The service level of a hold, for example: an instant before anything of the gate is over."""
    soon = from_instant(page(intake, run)["now"]) + timedelta(minutes=5)

    async def keep(database: Database) -> None:
        mine = (work.c.tenant == TENANT, work.c.run == run, work.c.name == DEADLINES)
        kept = work.update().where(*mine).values(body=f'["{instant(soon)}"]')
        done = await database.together(lambda connection: connection.execute(kept))
        assert done.rowcount == 1

    house.store(keep)
    assert intake.post(f"/api/runs/{run}/chat", json={"text": "Which regions are affected?"}).status_code == 202
    house.rest(TENANT, run)
    later(house, run, TENANT, minutes=6)
    ((key, at),) = waited(house, run, TENANT)
    assert key == f"timer:{instant(soon)}"
    assert from_instant(at) <= datetime.now(UTC)
    assert page(intake, run)["status"] == "waiting"


def test_a_restart_works_out_no_deadline_again(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = dispatched(house, tmp_path / "case")
    until = page(approver(house), run)["waiting_on"][0]["expires_at"]
    timers = house.store(lambda database: database.rows(select(run_timers.c.run, run_timers.c.due)))
    wanted = time.monotonic() + 15
    while not timers and time.monotonic() < wanted:
        time.sleep(0.2)
        timers = house.store(lambda database: database.rows(select(run_timers.c.run, run_timers.c.due)))
    assert [tuple(one) for one in timers] == [(run, int(from_instant(until).timestamp()))]
    house.stop()

    async def unwanted(_context: RunContext) -> datetime | None:
        raise AssertionError("worked out again")

    monkeypatch.setattr("server.timers.next_deadline", unwanted)
    later(house, run, BRIGHTMOOR, minutes=90)
    house.start()
    ((key, _),) = waited(house, run, BRIGHTMOOR)
    assert key == f"timer:{until}"
