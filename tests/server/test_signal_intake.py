"""Every way in: modes of CloudEvents, tokens, signed webhooks, folders; what is poisoned, and what is too much."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import orjson
import pytest
from house import House
from test_signal_story import integrator

from evals import signal_burst as burst
from evals.signal_burst import TENANT
from runtime.store.database import Database
from runtime.store.signal_intake import Arrival, Fate
from server.problems import TooMany
from server.signals import hooks, intake

ADDRESS = f"/api/signals/{TENANT}"
TYPES = {
    "one": "application/cloudevents+json",
    "batch": "application/cloudevents-batch+json",
    "lines": "application/x-ndjson",
}
GOOD = burst.events()[0]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One server for the file: each test sends signals of its own."""
    folder = tmp_path_factory.mktemp("signals")
    file = burst.stream(folder / "signals", ground=None)
    started = House(f"sqlite:///{folder / 'store.db'}", folder / "data", {"signals": file}).start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def machine(house: House) -> httpx.Client:
    return integrator(house)


def told(name: str, **changes: Any) -> dict[str, Any]:
    return {**GOOD, "id": name, **changes}


def post(client: httpx.Client, kind: str, body: bytes) -> httpx.Response:
    return client.post(ADDRESS, content=body, headers={"content-type": TYPES[kind]})


def test_each_mode_of_cloudevents_is_taken_in_once(machine: httpx.Client) -> None:
    once = {"stored": 1, "repeated": 0, "dead": 0, "letters": []}
    again = {"stored": 0, "repeated": 1, "dead": 0, "letters": []}
    assert post(machine, "one", orjson.dumps(told("M-1"))).json() == once
    assert post(machine, "batch", orjson.dumps([told("M-1")])).json() == again
    assert post(machine, "lines", orjson.dumps(told("M-1")) + b"\n\n").json() == again
    head = {f"ce-{name}": GOOD[name] for name in ("specversion", "source", "type", "time")}
    headers = {**head, "ce-id": "M-1", "content-type": "application/json"}
    assert machine.post(ADDRESS, content=orjson.dumps(GOOD["data"]), headers=headers).json() == again
    stream = b"".join(orjson.dumps(told(f"M-{n}")) + b"\n" for n in range(2, 2_002))
    parts = (stream[n : n + 7_001] for n in range(0, len(stream), 7_001))
    found = machine.post(ADDRESS, content=parts, headers={"content-type": TYPES["lines"]})
    assert found.json() == {"stored": 2_000, "repeated": 0, "dead": 0, "letters": []}


POISON: dict[str, Any] = {
    "no time": {k: v for k, v in told("P-1").items() if k != "time"},
    "no zone": told("P-2", time="2026-03-03T09:02:10"),
    "from tomorrow's tomorrow": told("P-3", time="2999-01-01T00:00:00Z"),
    "another source": told("P-4", source="/ledgers/nobody"),
    "about nothing": told("P-5", data={"note": "hello"}),
    "no data": told("P-6", data=None),
    "other version": told("P-7", specversion="0.3"),
    "an endless name": told("P-8" * 500),
    "no object": [1, 2, 3],
    "a control character": told("P-9\u0000"),
    "deep": told("P-10", data=orjson.loads(b'{"a":' * 40 + b"1" + b"}" * 40)),
}


def test_poison_is_listed_with_its_reason_and_stops_nothing(house: House, machine: httpx.Client) -> None:
    good = [told(f"G-{n}") for n in range(len(POISON) + 1)]
    mixed = [one for pair in zip(good, POISON.values(), strict=False) for one in pair] + good[-1:]
    answer = post(machine, "batch", orjson.dumps(mixed))
    assert answer.status_code == 202
    assert (answer.json()["stored"], answer.json()["dead"]) == (len(good), len(POISON))
    assert [one["index"] for one in answer.json()["letters"]] == [2 * n + 1 for n in range(len(POISON))]
    assert post(machine, "one", b'{"id": "cut').json()["letters"][0]["place"].startswith("character")
    other = post(machine, "one", orjson.dumps(told("G-0", data={**GOOD["data"], "actorId": "eng-9"}))).json()
    assert other["letters"][0]["reason"].startswith("other content came under this id")
    lead = house.sign_in("u-queue", ("support_lead",), tenant=TENANT)
    letters = lead.get(f"/api/monitor/{TENANT}/dead").json()
    assert letters["total"] == len(POISON) + 2
    assert not any(name in orjson.dumps(letters).decode() for name in ("P-1", "G-0", "eng-9", "/ledgers/nobody"))


def test_a_body_that_is_no_events_is_refused_as_a_whole(machine: httpx.Client) -> None:
    assert machine.post(ADDRESS, json={"hello": 1}).status_code == 415
    assert post(machine, "batch", b'{"not": "a list"}').status_code == 422
    assert post(machine, "batch", orjson.dumps([GOOD] * 5_001)).status_code == 413
    assert post(machine, "batch", b" " * (17 * 1024 * 1024)).status_code == 413
    answer = machine.post("/api/signals/tn-other", json=[GOOD], headers={"content-type": TYPES["batch"]})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_only_an_integrators_token_may_send(house: House) -> None:
    assert post(integrator(house, "read"), "one", orjson.dumps(GOOD)).status_code == 403
    reviewer = house.sign_in("u-omar", ("support_trust_reviewer",), tenant=TENANT)
    assert post(reviewer, "one", orjson.dumps(GOOD)).status_code == 403
    assert post(httpx.Client(base_url=house.base), "one", orjson.dumps(GOOD)).status_code == 401
    foreign = house.sign_in("svc-x", tenant="tn-osprey-us").post(
        "/api/tokens", json={"name": "x", "scopes": ["signals"]}
    )
    bearer = {"Authorization": f"Bearer {foreign.json()['token']}"}
    assert post(httpx.Client(base_url=house.base, headers=bearer), "one", orjson.dumps(GOOD)).status_code == 404


def test_a_webhook_is_let_in_by_its_signature_alone(house: House) -> None:
    body, now = orjson.dumps(told("H-1")), str(int(time.time()))
    old = str(int(time.time()) - hooks.WINDOW_SECONDS - 60)

    def call(stamp: str, signature: str, sent: bytes = body, name: str = "console") -> httpx.Response:
        headers = {"content-type": TYPES["one"], hooks.TIMESTAMP: stamp, hooks.SIGNATURE: signature}
        return httpx.post(f"{house.base}{ADDRESS}/hooks/{name}", content=sent, headers=headers)

    good = hooks.signature(burst.SECRET, now, body)
    assert call(now, good).json()["stored"] == 1
    assert call(now, f"v1=00,{good}").json()["repeated"] == 1
    assert call(now, good, body + b" ").status_code == 401
    assert call(old, hooks.signature(burst.SECRET, old, body)).status_code == 401
    assert call(now, hooks.signature("another secret", now, body)).status_code == 401
    assert call(now, "").status_code == 401
    assert call(now, good, name="nobody").status_code == 404
    assert call(now, good, name="exports").json()["letters"][0]["place"] == "source"  # not the source of that hook


def test_a_watched_folder_is_taken_in_and_emptied(house: House) -> None:
    folder = house.settings["signals"].parent / "inbox" / "console"
    whole = b"".join(orjson.dumps(told(f"F-{n}")) + b"\n" for n in range(50)) + b"{cut\n"
    (folder / ".coming.jsonl").write_bytes(whole)
    (folder / ".coming.jsonl").rename(folder / "coming.jsonl")
    until = time.monotonic() + 30
    while not (folder / "done" / "coming.jsonl").is_file():
        assert time.monotonic() < until, "the file is not taken in"
        time.sleep(0.1)
    lead = house.sign_in("u-queue", ("support_lead",), tenant=TENANT)
    source = lead.get(f"/api/monitor/{TENANT}").json()["sources"][0]
    assert source["stored"] >= 50
    assert source["lagging"] is False


async def test_a_full_queue_tells_the_sender_to_come_again(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database, gate = await Database.open(sqlite_url), asyncio.Event()

    async def slow(_database: Database, given: list[Arrival], _now: int) -> list[Fate]:
        await gate.wait()
        return ["stored"] * len(given)

    monkeypatch.setattr(intake, "take_in", slow)
    desk = intake.Intake(database, lambda _tenants: None, bound=10)
    desk.start()
    one = Arrival(TENANT, "/x", "1", "", 0, "[]", "{}")
    first = asyncio.create_task(desk.put([one] * 8))
    await asyncio.sleep(0.05)
    with pytest.raises(TooMany) as full:
        await desk.put([one] * 3)
    assert full.value.members["retry_after"] >= 1
    gate.set()
    assert await first == ["stored"] * 8
    assert await desk.put([one] * 3) == ["stored"] * 3
    await desk.stop()
    await database.close()


def test_over_http_a_full_queue_is_429_with_a_time_and_takes_nothing(
    house: House, machine: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, begun = intake.take_in, threading.Event()

    async def slow(database: Database, given: list[Arrival], now: int) -> list[Fate]:
        begun.set()
        await asyncio.sleep(2)
        return await whole(database, given, now)

    monkeypatch.setattr(intake, "take_in", slow)
    assert house._server is not None
    monkeypatch.setattr(house._server.config.app.state.signals.intake, "_bound", 4)  # type: ignore[union-attr]
    first, second = ([told(f"{name}-{n}") for n in range(3)] for name in ("Q", "R"))
    with ThreadPoolExecutor(1) as apart:
        sent = apart.submit(post, machine, "batch", orjson.dumps(first))
        assert begun.wait(10)
        full = [post(integrator(house), kind, body) for kind, body in (
            ("batch", orjson.dumps(second)), ("lines", b"\n".join(map(orjson.dumps, second))))]  # fmt: skip
        assert [one.status_code for one in full] == [429, 429]
        assert all(int(one.headers["retry-after"]) >= 1 for one in full)
        assert full[0].headers["content-type"] == "application/problem+json"
        assert sent.result().json()["stored"] == 3
    again = post(machine, "batch", orjson.dumps([*first, *second])).json()
    assert (again["stored"], again["repeated"]) == (3, 3), "of what was refused nothing was taken"
