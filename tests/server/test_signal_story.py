"""A burst arrives live: it becomes a case that waits for the reviewer; what comes late is a revision or is listed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from house import Client, House

from evals import signal_burst as burst
from evals.signal_burst import TENANT
from runtime.store.chain import rows_after
from runtime.store.database import Database

BATCH = {"content-type": "application/cloudevents-batch+json"}
PATIENCE = 40.0


@pytest.fixture
def signalled(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """A server that takes in the signals of the burst's tenant."""
    file = burst.stream(tmp_path / "signals")
    house = House(sqlite_url, tmp_path / "data", {"signals": file}).start()
    yield house
    house.stop()


def integrator(house: House, scope: str = "signals") -> httpx.Client:
    """A machine's account, by a token of that scope."""
    made = house.sign_in("svc-siem", tenant=TENANT).post("/api/tokens", json={"name": "siem", "scopes": [scope]})
    return httpx.Client(base_url=house.base, headers={"Authorization": f"Bearer {made.json()['token']}"}, timeout=30)


def send(client: httpx.Client, events: list[dict[str, Any]]) -> dict[str, Any]:
    answer = client.post(f"/api/signals/{TENANT}", json=events, headers=BATCH)
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    return told


def clusters(client: Client) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get(f"/api/monitor/{TENANT}/clusters").json()["rows"]
    return rows


def awaited(client: Client, ready: Any) -> dict[str, Any]:
    """The heaviest cluster, once something holds for it."""
    until, row = time.monotonic() + PATIENCE, None
    while time.monotonic() < until:
        row = next(iter(clusters(client)), None)
        if row is not None and ready(row):
            return row
        time.sleep(0.1)
    raise AssertionError(f"it does not come to that: {row}")


def test_a_burst_becomes_one_case_and_late_signals_its_next_revision(signalled: House) -> None:
    machine = integrator(signalled)
    reviewer = signalled.sign_in("u-omar", ("support_trust_reviewer",), tenant=TENANT)
    events = burst.events()
    late = next(one for one in events if one["id"] == "RD-7")
    assert send(machine, [one for one in events if one is not late])["stored"] == len(events) - 1
    held = awaited(reviewer, lambda row: row["state"] == "resting")
    assert "held preconditions unmet" in held["waits"][0]  # no ledger has said yet that it is complete
    send(machine, burst.watermarks())
    waiting = awaited(reviewer, lambda row: row["state"] == "waiting")
    assert waiting["waits"] == ["a decision at routing confirmation"]
    before = reviewer.get(f"/api/runs/{waiting['run']}/revisions").json()
    assert send(machine, [late, late]) == {"stored": 1, "repeated": 1, "dead": 0, "letters": []}
    grown = awaited(reviewer, lambda row: row["kinds"].get("redaction") == 1 and row["state"] == "waiting")
    assert grown["number"] == waiting["number"]
    assert grown["run"] == waiting["run"]
    address, until = f"/api/runs/{waiting['run']}/revisions", time.monotonic() + PATIENCE
    while "RD-7" not in reviewer.get(f"{address}/{reviewer.get(address).json()['revisions'][-1]['revision']}").text:
        assert time.monotonic() < until, "the late signal makes no revision"
        time.sleep(0.2)
    assert len(reviewer.get(address).json()["revisions"]) > len(before["revisions"])
    # Out of the frozen window: it joins the cluster, and the case lists it as out of scope.
    outside = burst.event("A-1999", "console", "2026-03-03T10:10:00Z", {
        "ledger_ref": "A-1999", "actorId": "eng-0417", "tenantId": "tn-mercy-trust",
        "sessionId": "sess-72"})  # fmt: skip
    send(machine, [outside])
    until = time.monotonic() + PATIENCE
    while "outside the frozen window" not in reviewer.get(f"/api/runs/{waiting['run']}").text:
        assert time.monotonic() < until, "what lies outside the window is not listed"
        time.sleep(0.2)


def test_a_source_that_lags_is_a_blocker_with_its_expected_time(signalled: House) -> None:
    machine = integrator(signalled)
    reviewer = signalled.sign_in("u-omar", ("support_trust_reviewer",), tenant=TENANT)
    console, exports = burst.watermarks()

    def blockers(ready: Any) -> list[str]:
        until = time.monotonic() + PATIENCE
        while True:
            rows = reviewer.get(f"/api/runs/{held['run']}").json()["registers"]["blockers"]
            found = sorted(one["detail"] for one in rows if one["state"] == "open")
            if ready(found):
                return found
            assert time.monotonic() < until, found
            time.sleep(0.1)

    send(machine, burst.events())  # the last at 09:35; each ledger owes a word every five minutes
    held = awaited(reviewer, lambda row: row["state"] == "resting")
    silent = "nothing says until when the {} ledger is complete; its next word is expected at 2026-03-03T09:40:00Z"
    assert blockers(lambda found: len(found) == 2) == [silent.format("console"), silent.format("export")]
    early = {**console["data"], "complete_through": "2026-03-03T08:58:00Z"}
    send(machine, [{**console, "id": "wm-early", "data": early}])
    late = "the console ledger is complete through 2026-03-03T08:55:00Z only, before the window ends"
    late += "; its next word is expected at 2026-03-03T09:00:00Z"
    assert blockers(lambda found: silent.format("console") not in found) == [silent.format("export"), late]
    send(machine, [console])
    assert blockers(lambda found: late not in found) == [silent.format("export")]
    send(machine, [exports])
    assert blockers(lambda found: not found) == []
    awaited(reviewer, lambda row: row["state"] == "waiting")


def test_the_queue_sees_no_name_and_the_reviewer_sees_them_on_record(signalled: House) -> None:
    machine = integrator(signalled)
    lead = signalled.sign_in("u-queue", ("support_lead",), tenant=TENANT)
    second = signalled.sign_in("u-other", ("support_intake_specialist",), tenant=TENANT)
    reviewer = signalled.sign_in("u-omar", ("support_trust_reviewer",), tenant=TENANT)
    send(machine, [*burst.events(), burst.event("NM-31-bad", "dlp", "yesterday", {"operator": "eng-0417"})])
    row = awaited(lead, lambda one: one["kinds"].get("redaction"))
    assert (
        awaited(second, lambda _: True)["operators"] == row["operators"]
    )  # the same pseudonyms: work can be shared out
    assert row["operators"][0].startswith("operator-")
    paths = [f"/api/monitor/{TENANT}{rest}" for rest in
             ("", "/clusters", f"/clusters/{row['number']}", "/signals", "/dead")]  # fmt: skip
    whole = b"".join(lead.get(path).content for path in paths) + lead.get("/api/monitor").content
    assert [name for name in burst.PLANTED if name.encode() in whole] == []
    assert (
        lead.post(f"/api/monitor/{TENANT}/clusters/{row['number']}/reveal", json={"reason": "curious"}).status_code
        == 403
    )
    shown = reviewer.post(f"/api/monitor/{TENANT}/clusters/{row['number']}/reveal", json={"reason": "corroborating"})
    assert shown.json()["cluster"]["operators"] == ["eng-0417"]
    assert {one["reason"] for one in shown.json()["links"]} >= {"session", "operator and case"}
    assert _chain(signalled) == ["restricted_view_opened"]
    dead = lead.get(f"/api/monitor/{TENANT}/dead").json()
    assert dead["total"] == 1
    assert dead["rows"][0]["reason"] == "time: RFC 3339, for example 2026-05-14T05:52:10Z was expected"
    assert dead["rows"][0]["body"] is None


def test_a_split_stays_split_when_more_arrives(signalled: House) -> None:
    machine = integrator(signalled)
    reviewer = signalled.sign_in("u-omar", ("support_trust_reviewer",), tenant=TENANT)
    send(machine, burst.events())
    row = awaited(reviewer, lambda one: one["kinds"].get("redaction"))
    page = reviewer.get(f"/api/monitor/{TENANT}/clusters/{row['number']}").json()
    mercy = {one["tenant"] for one in page["signals"]} - {page["signals"][0]["tenant"]}
    seqs = [one["seq"] for one in page["signals"] if one["tenant"] in mercy]
    address = f"/api/monitor/{TENANT}/clusters/{row['number']}/split"
    body = {"signals": seqs, "reason": "the second session was a handover"}
    made = reviewer.post(address, json=body)
    assert made.status_code == 200, made.text
    assert len(made.json()["clusters"]) == 2
    assert signalled.sign_in("u-queue", ("support_lead",), tenant=TENANT).post(address, json=body).status_code == 403
    more = {"ledger_ref": "A-1013", "actorId": "eng-0417", "tenantId": "tn-baltic-clear", "sessionId": "sess-71"}
    send(machine, [burst.event("A-1013", "console", "2026-03-03T09:29:00Z", more)])
    until = time.monotonic() + PATIENCE
    while (left := reviewer.get(f"/api/monitor/{TENANT}/clusters/{row['number']}").json())["cluster"]["size"] != row[
        "size"
    ] - len(seqs) + 1:
        assert time.monotonic() < until, left["cluster"]
        time.sleep(0.1)
    assert not {one["seq"] for one in left["signals"]} & set(seqs)
    assert left["splits"][0]["signals"] == len(seqs)
    assert reviewer.post(address, json={"signals": seqs[:1], "reason": "not among its signals"}).status_code == 422


def _chain(house: House) -> list[str]:
    """The kinds of the entries of the stream's own chain."""

    async def kinds(database: Database) -> list[str]:
        rows = await rows_after(database, TENANT, "signals", -1, 50, contents=False)
        return [orjson.loads(row.header)["kind"] for row in rows]

    return house.store(kinds)
