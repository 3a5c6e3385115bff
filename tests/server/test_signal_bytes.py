"""No byte that a broad-queue viewer receives holds a name of the restricted view."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from house import Client, House
from test_signal_story import awaited, integrator, send

from evals import signal_burst as burst
from evals.signal_burst import TENANT
from runtime.signal_settings import load_signals
from runtime.store import signal_rows
from runtime.store.database import Database
from runtime.store.signal_intake import take_in
from server.service import Service
from server.signals.cases import Openings, reader_of
from server.signals.envelope import Envelope
from server.signals.rounds import Rounds


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    started = House(sqlite_url, tmp_path / "data", {"signals": burst.stream(tmp_path / "signals")}).start()
    yield started
    started.stop()


def poisoned() -> list[dict[str, Any]]:
    """The burst's own events, each broken in another way: what they say must not come back in any reason."""
    ways: list[dict[str, Any]] = [
        {"time": "eng-0417"}, {"source": "/eng-0417/SUP-880"}, {"type": ""}, {"specversion": "sess-71"},
        {"data": {"EXQ-551": {"eng-0417": {"deep": {"a": {"b": {"c": {"d": {"e": {"f": "sess-72"}}}}}}}}}},
        {"data": "settlement keys of eng-0417"}, {"data": {"operator_id": "eng-0417" * 99}}, {"id": "RD-7\n"},
    ]  # fmt: skip
    return [{**one, "id": f"{one['id']}-x", **way} for one, way in zip(burst.events(), ways, strict=False)]


def everything(client: Client, numbers: list[int]) -> Iterator[tuple[str, bytes]]:
    """Every answer that there is for such a viewer, also the errors and the first seconds of the events."""
    base = f"/api/monitor/{TENANT}"
    paths = [
        "",
        "/clusters",
        "/clusters?limit=1",
        "/signals",
        "/dead",
        *(f"/clusters/{n}" for n in (*numbers, 999_999)),
    ]
    for path in ["/api/monitor", "/api/cases", "/api/approvals", "/api/me", *(base + one for one in paths)]:
        yield path, client.get(path).content
    for n in numbers:
        for path, body in (("reveal", {"reason": "let me see"}), ("split", {"signals": [n], "reason": "let me"})):
            answer = client.post(f"{base}/clusters/{n}/{path}", json=body)
            assert answer.status_code == 403
            yield path, answer.content
    with client.stream("GET", f"{base}/events?after=0", timeout=20) as stream:
        told = b""
        for part in stream.iter_bytes():
            told += part
            if b"event: monitor" in told and told.endswith(b"\n\n"):
                break
        yield "events", told


def test_no_planted_name_in_any_byte(house: House) -> None:
    machine = integrator(house)
    sent = send(machine, [*burst.watermarks(), *burst.events(), *poisoned()])
    assert sent["dead"] == len(poisoned())
    lead = house.sign_in("u-queue", ("support_lead",), tenant=TENANT)
    awaited(lead, lambda row: row["state"] == "waiting")
    rows = lead.get(f"/api/monitor/{TENANT}/clusters").json()["rows"]
    whole = dict(everything(lead, [row["number"] for row in rows]))
    found = {(where, name) for where, told in whole.items() for name in burst.PLANTED if name.encode() in told}
    assert found == set()
    assert len(whole) > 12
    assert b"operator-" in whole["events"]
    answer = repr(sent) + httpx.post(f"{house.base}/api/signals/{TENANT}/hooks/console", content=b"eng-0417").text
    assert [name for name in burst.PLANTED if name in answer] == []


async def test_the_files_of_a_case_are_the_same_in_every_order(tmp_path: Path) -> None:
    """What a run is opened with, and so its packet's hash, is a function of the signals and not of their arrival."""
    settings = load_signals(burst.stream(tmp_path / "signals"))
    stream = settings.tenants[TENANT]
    seen = []
    for seed in range(6):
        database = await Database.open(f"sqlite:///{tmp_path / f'{seed}.db'}")
        chance, envelope = Random(seed), Envelope(TENANT, stream, reader_of(settings, TENANT))
        events = [*burst.events(), *burst.watermarks()]
        events += [one for one in events if chance.random() < 0.2]
        chance.shuffle(events)
        rounds = Rounds(database, TENANT, stream)
        for n in range(0, len(events), 4):
            await take_in(database, [envelope.event(one, None) for one in events[n : n + 4]], 1)
            while await rounds.advance():
                pass
        row = (await signal_rows.heaviest(database, TENANT, None, 1))[0]
        here = cast("Service", SimpleNamespace(database=database))
        seen.append(await Openings(here, settings, TENANT)._files(row))
        await database.close()
    assert all(one == seen[0] for one in seen)
    assert set(seen[0]) == {"console", "exports", "dlp", "notes"}
