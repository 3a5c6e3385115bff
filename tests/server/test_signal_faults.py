"""A cluster that cannot become a case, or whose case stops, keeps no other back: it says why, and is tried later."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from house import Client, House
from scanning import found
from sqlalchemy.ext.asyncio import AsyncConnection
from test_signal_story import PATIENCE, clusters, integrator, send

from agents.case_view import CaseView
from agents.signal_analysis import Analysis
from evals import signal_burst as burst
from evals.signal_burst import TENANT
from graphs import critical_signal_corroboration_triage as triage
from runtime.store import signal_faults, signal_rows
from runtime.store.bulk import put_rows
from runtime.store.database import Database
from runtime.store.signal_faults import Fault
from runtime.store.signal_tables import signal_clusters, signal_rounds
from server import opening
from server.opening import Given
from server.service import Service
from server.signals import faults

OTHERS = ("eng-0418", "eng-0419")


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """A stream whose ground knows two operators more, with the sessions of `another`."""
    file = burst.stream(tmp_path / "signals")
    for name, members, row in (("roles.json", "people", 0), ("idp.json", "chains", 0), ("idp.json", "chains", 1)):
        path = file.parent / "ground" / name
        told = orjson.loads(path.read_bytes())
        whole = orjson.dumps(told[members][row]).decode()
        told[members] += [orjson.loads(_renamed(whole, operator)) for operator in OTHERS]
        path.write_bytes(orjson.dumps(told))
    started = House(sqlite_url, tmp_path / "data", {"signals": file}).start()
    yield started
    started.stop()


def another(operator: str) -> list[dict[str, Any]]:
    """The same burst by another operator, in sessions and an export of its own: a cluster of its own."""
    mine = [one for one in burst.events() if "eng-0417" in str(one)]
    found: list[dict[str, Any]] = orjson.loads(_renamed(orjson.dumps(mine).decode(), operator))
    return found


def _renamed(text: str, operator: str) -> str:
    for name in ("sess-71", "sess-72", "EXQ-551", "RD-7", "NM-31", "A-10"):
        text = text.replace(name, f"{name[:-1]}{operator[-2:]}{name[-1]}")
    return text.replace("eng-0417", operator)


def waits(client: Client, ready: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    """The clusters that are to be cases, once something holds for them."""
    until = time.monotonic() + PATIENCE
    while not ready(rows := [row for row in clusters(client) if row["state"] != "watched"]):
        assert time.monotonic() < until, rows
        time.sleep(0.1)
    return sorted(rows, key=lambda row: int(row["number"]))


def by_state(rows: list[dict[str, Any]]) -> list[str]:
    return [row["state"] for row in rows]


def test_what_cannot_be_opened_keeps_no_other_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: dict[str, list[float]] = {}
    whole, broken = opening.opened, {"SIGNALS-1"}

    async def opened(here: Service, given: Given) -> Any:
        assert given.folder is not None
        case = given.folder.packet.case
        tries.setdefault(case, []).append(time.monotonic())
        if case in broken:
            raise ValueError("eng-0417 is more than it can take")
        return await whole(here, given)

    monkeypatch.setattr(opening, "opened", opened)
    machine = integrator(house)
    send(machine, [*burst.watermarks(), *burst.events()])
    lead = house.sign_in("u-queue", ("support_lead",), tenant=TENANT)
    waits(lead, lambda rows: by_state(rows) == ["failed"])
    send(machine, [*another(OTHERS[0]), *another(OTHERS[1])])
    bad, *good = waits(lead, lambda rows: sorted(by_state(rows)) == ["failed", "waiting", "waiting"])
    assert by_state(good) == ["waiting", "waiting"]
    assert "its case cannot be opened or refreshed: ValueError; tried" in bad["waits"][0]
    assert found(burst.PLANTED, orjson.dumps(bad)) == set()
    reviewer = house.sign_in("u-omar", ("support_trust_reviewer",), tenant=TENANT)
    address = f"/api/monitor/{TENANT}/clusters/{bad['number']}/reveal"
    shown = reviewer.post(address, json={"reason": "why is there no case"}).json()["cluster"]["waits"][0]
    assert "(eng-0417 is more than it can take)" in shown
    # More of the same cluster does not hurry it: between two tries lie two seconds, then four, then eight.
    until = time.monotonic() + 8
    for n in itertools.count(1):
        more = {"ledger_ref": f"A-{n}", "actorId": "eng-0417", "tenantId": "tn-mercy-trust", "sessionId": "sess-72"}
        send(machine, [burst.event(f"A-{n}", "console", "2026-03-03T09:40:00Z", more)])
        if time.monotonic() > until:
            break
        time.sleep(0.1)
    pauses = [later - sooner for sooner, later in itertools.pairwise(tries["SIGNALS-1"])]
    assert len(pauses) >= 2
    assert all(pause > faults.FIRST_SECONDS * 2**n - 0.1 for n, pause in enumerate(pauses)), pauses
    broken.clear()
    mended = waits(lead, lambda rows: by_state(rows) == ["waiting"] * 3)[0]
    assert mended["waits"] == ["a decision at routing confirmation"]


def test_a_ground_that_is_broken_is_named_and_mended(house: House) -> None:
    packet = house.settings["signals"].parent / "ground" / "packet.yaml"
    good = packet.read_text(encoding="utf-8")
    packet.write_text(good.replace("as_of:", "as_off:"), encoding="utf-8")
    send(integrator(house), [*burst.watermarks(), *burst.events()])
    lead = house.sign_in("u-queue", ("support_lead",), tenant=TENANT)
    (row,) = waits(lead, lambda rows: by_state(rows) == ["failed"])
    assert "InputError at packet.yaml as_of" in row["waits"][0]
    packet.write_text(good, encoding="utf-8")
    waits(lead, lambda rows: by_state(rows) == ["waiting"])


def test_a_case_that_stops_is_woken_and_keeps_no_other_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, broken = triage.analyse, {"SIGNALS-1"}
    tried: list[float] = []

    def analyse(view: CaseView) -> Analysis:
        if view.packet.case in broken:
            tried.append(time.monotonic())
            raise ValueError("eng-0417 opened settlement keys in sess-71")
        return whole(view)

    monkeypatch.setattr(triage, "analyse", analyse)
    send(integrator(house), [*burst.watermarks(), *burst.events(), *another(OTHERS[0])])
    lead = house.sign_in("u-queue", ("support_lead",), tenant=TENANT)
    rows = waits(lead, lambda rows: sorted(by_state(rows)) == ["failed", "waiting"] and "tried 3" in str(rows))
    stopped = next(row for row in rows if row["state"] == "failed")
    assert stopped["waits"][0].startswith("whoever runs the server: its case stopped: ValueError; tried 3 times")
    assert found(burst.PLANTED, orjson.dumps(rows)) == set()
    pauses = [later - sooner for sooner, later in itertools.pairwise(tried)]
    assert all(pause > faults.FIRST_SECONDS * 2**n - 0.1 for n, pause in enumerate(pauses)), pauses
    broken.clear()
    mended = waits(lead, lambda rows: by_state(rows) == ["waiting", "waiting"])
    assert [row["waits"] for row in mended] == [["a decision at routing confirmation"]] * 2


async def test_a_fault_keeps_its_cluster_back_until_its_time(database: Database) -> None:
    row = (TENANT, 1, 1, None, 1, 1, 1, 1, "{}", True, None, 0)

    async def begin(connection: AsyncConnection) -> None:
        await put_rows(connection, signal_rounds, [(TENANT, 1, 1)])
        await put_rows(connection, signal_clusters, [row])

    await database.together(begin)
    for tries in (1, 2):
        await signal_faults.put(database, TENANT, Fault(1, "opening", "ValueError", "", "x" * 900, tries, 5_000))
    (known,) = (await signal_faults.of(database, TENANT, [1, 2])).values()
    assert (known.tries, len(known.reason)) == (2, 500)
    assert await signal_rows.claim(database, TENANT, 4_999, 20) == []
    (claimed,) = await signal_rows.claim(database, TENANT, 5_000, 20)
    assert claimed.version == 3
    assert await signal_rows.claim(database, TENANT, 5_001, 20) == [], "it is claimed"
    assert await signal_faults.stopped(database, TENANT, 9_000) == []
    await signal_rows.settle(database, TENANT, 1, claimed.version, "run_1")
    await signal_faults.heal(database, TENANT)
    assert await signal_faults.of(database, TENANT, [1]) == {}
