"""No byte that a broad-queue viewer receives, no export and no line of the log holds a name of the restricted view."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import orjson
import pytest
from apart import Apart
from house import PATIENCE, Client
from scanning import found
from test_server_access import routes
from test_signal_story import awaited, integrator, send

from evals import signal_burst as burst
from evals.signal_burst import TENANT
from runtime.signal_settings import load_signals
from runtime.store import signal_rows
from runtime.store.database import Database
from runtime.store.signal_intake import take_in
from server.signals.cases import files_of, reader_of
from server.signals.envelope import Envelope
from server.signals.rounds import Rounds

FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "another case": str.upper,
    "URL": quote,
    "form": quote_plus,
    "every byte of a URL": lambda word: "".join(f"%{one:02X}" for one in word.encode()),
    "JSON": lambda word: json.dumps({"x": word}),
    "every letter of JSON": lambda word: "".join(f"\\u{ord(one):04x}" for one in word),
    **{f"base64 at {n}": (lambda word, n=n: base64.b64encode(b"~" * n + word.encode()).decode()) for n in range(4)},
    "base64url of JSON": lambda word: base64.urlsafe_b64encode(json.dumps(["\u00ff?>", word]).encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_scan_finds_a_name_in_every_form(form: str) -> None:
    for name in burst.PLANTED:
        whole = f'{{"a": "x {FORMS[form](name)} y"}}'
        assert name in found(burst.PLANTED, whole.encode()), whole


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path) -> Iterator[Apart]:
    started = Apart(sqlite_url, tmp_path / "data", {"signals": burst.stream(tmp_path / "signals")})
    started.start()
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


def everything(client: Client, run: str, numbers: list[int]) -> Iterator[tuple[str, bytes]]:
    """Every answer that there is for such a viewer: each route there is, also those that refuse, and the events."""
    given = {
        "tenant": [TENANT], "run": [run], "number": [str(n) for n in (*numbers, 999_999)], "seq": ["1"],
        "item": ["live-console", "live-exports"], "gate": ["routing_confirmation"], "slug": ["tenant-boundary"],
    }  # fmt: skip
    sent = {
        "reveal_cluster": {"reason": "let me see"}, "reveal_dead": {"reason": "let me see"},
        "split_cluster": {"signals": [1], "reason": "let me"}, "disclose_receipt": {"only": ["result", "signals"]},
    }  # fmt: skip
    for route in routes():
        if route.name in ("monitor_events", "send_signals", "call_hook") or "/session" in str(route.path):
            continue
        for address in _addresses(str(route.path), given):
            for method in sorted(route.methods - {"HEAD"}):
                body = None if method == "GET" else sent.get(route.name, {})
                yield f"{method} {address}", _answer(client, method, address, body)
    base = f"/api/monitor/{TENANT}"
    for path in (f"{base}/clusters?limit=1", "/api/cases?q=eng-0417", f"/api/runs/{run}/search?q=Mercy"):
        yield path, _answer(client, "GET", path, None)
    with client.stream("GET", f"{base}/events?after=0", timeout=20) as stream:
        told = b""
        for part in stream.iter_bytes():
            told += part
            if b"event: monitor" in told and told.endswith(b"\n\n"):
                break
        yield "events", told


def _addresses(path: str, given: dict[str, list[str]]) -> list[str]:
    found = [path]
    for name in [part[1:-1].partition(":")[0] for part in path.split("/") if part.startswith("{")]:
        values = given.get(name, ["r1"])
        found = [one.replace(f"{{{name}}}", value) for one in found for value in values]
    return found


def _answer(client: Client, method: str, address: str, body: object) -> bytes:
    with client.stream(method, address, json=body) as answer:
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items()).encode()
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            return head + next(answer.iter_bytes())
        return head + answer.read()


def test_no_planted_name_in_any_byte(house: Apart) -> None:
    machine = integrator(house)
    sent = send(machine, [*burst.watermarks(), *burst.events(), *poisoned()])
    assert sent["dead"] == len(poisoned())
    folder = house.settings["signals"].parent / "inbox" / "console"
    (folder / "eng-0417.jsonl").symlink_to("nowhere")  # a file that cannot be read, under a name that says something
    (folder / "SUP-880.json").write_bytes(orjson.dumps([{"id": "sess-71", "source": "/eng-0417"}]))
    lead = house.sign_in("u-queue", ("support_lead",), tenant=TENANT)
    row = awaited(lead, lambda row: row["state"] == "waiting")
    reviewer = house.sign_in("u-omar", ("support_trust_reviewer",), tenant=TENANT)
    run = reviewer.get(f"/api/monitor/{TENANT}/clusters").json()["rows"][0]["run"]
    reviewer.post(f"/api/monitor/{TENANT}/clusters/{row['number']}/reveal", json={"reason": "eng-0417 and SUP-880"})
    reviewer.post(f"/api/runs/{run}/chat", json={"text": "What did eng-0417 do in SUP-880?"})
    house.rest(TENANT, run)
    shown = reviewer.get(f"/api/runs/{run}/revisions").json()["revisions"][-1]["revision"]
    decided = reviewer.decide(run, "routing_confirmation", "confirmed", revision=shown, reason="eng-0417, sess-71")
    assert decided.status_code == 201, decided.text
    awaited(lead, lambda row: row["state"] == "ended")
    assert found(burst.PLANTED, reviewer.get(f"/api/runs/{run}/receipt").content), (
        "the export that holds names is there"
    )
    rows = lead.get(f"/api/monitor/{TENANT}/clusters").json()["rows"]
    whole = dict(everything(lead, run, [row["number"] for row in rows]))
    assert {(where, name) for where, told in whole.items() for name in found(burst.PLANTED, told)} == set()
    assert len(whole) > 80
    assert b"operator-" in whole["events"]
    hook = httpx.post(f"{house.base}/api/signals/{TENANT}/hooks/console", content=b"eng-0417")
    assert found(burst.PLANTED, orjson.dumps(sent) + hook.content) == set()
    until = time.monotonic() + PATIENCE
    while b"cannot be read" not in house.log():
        assert time.monotonic() < until, "the file that cannot be read is not told"
        time.sleep(0.1)
    house.stop()
    log = house.log()
    assert b"/{tenant}/clusters/{number}/reveal" in log
    assert b"a cluster became a case" in log
    assert found(burst.PLANTED, log) == set()


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
        seen.append(await files_of(database, TENANT, stream, row))
        await database.close()
    assert all(one == seen[0] for one in seen)
    assert set(seen[0]) == {"console", "exports", "dlp", "notes"}
