"""Another tenant's ids on every route and every read of the store: nothing is found, nothing tells that it is there.

A short run by default; `CASEGATE_FULL=1` (`make hostile`) makes more than five thousand calls.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import random
import secrets
from dataclasses import fields, is_dataclass
from typing import Any

import httpx
from house import Client, House
from packets import TENANT
from test_server_access import FOREIGN, ON_RUN

from runtime.store.database import Database
from runtime.store.run_store import RunStore

FULL = bool(os.environ.get("CASEGATE_FULL"))
ROUNDS = 26 if FULL else 2
# What one call says of itself and not of the case.
OWN = ("instance", "request_id")


def _strangers(house: House) -> dict[str, Client]:
    return {
        "duty of another tenant": house.sign_in("u-duty", ("duty_manager",), tenant=FOREIGN),
        "auditor of another tenant": house.sign_in("x-audit", tenant=FOREIGN, global_roles=("auditor",)),
        "admin of another tenant": house.sign_in("x-admin", tenant=FOREIGN, global_roles=("admin",)),
        "colleague who is not on the roster": house.sign_in("u-other", ("duty_manager",)),
    }


def _said(answer: httpx.Response) -> tuple[int, dict[str, Any], frozenset[str]]:
    body = {name: value for name, value in answer.json().items() if name not in OWN}
    return answer.status_code, body, frozenset(answer.headers) - {"date", "content-length"}


def test_another_tenants_ids_find_nothing_on_any_route(house: House, run: str) -> None:
    chance = random.Random(5)
    calls, told = 0, []
    for name, client in _strangers(house).items():
        asked = [(route, n) for route in ON_RUN for n in range(ROUNDS)]
        chance.shuffle(asked)
        for route, _ in asked:
            method, address, sent = ON_RUN[route]
            nothing = f"run_{secrets.token_hex(8)}"
            there, absent = (_said(client.request(method, address.format(run=one), **sent)) for one in (run, nothing))
            calls += 2
            if there != absent or there[0] != 404:
                told.append(f"{name}: {route}: {there} for what is there, {absent} for what is not")
    for name, client in _strangers(house).items():
        for address in (
            f"/api/cases?q={run}",
            "/api/cases?q=CASE-90001",
            f"/api/cases?tenant={TENANT}",
            "/api/approvals",
        ):
            calls += 1
            if client.get(address).json()["rows"]:
                told.append(f"{name}: {address} has rows")
    assert told == []
    assert calls > (4_900 if FULL else 300)


def test_another_tenants_ids_find_nothing_in_any_read_of_the_store(house: House, run: str) -> None:
    async def read(database: Database) -> tuple[int, list[str]]:
        real = RunStore(database, TENANT, "CASE-90001", run)
        hashes = [one.sha256 for one in await real.evidence()]
        assert hashes
        calls, found = 0, []
        for _ in range(ROUNDS):
            store = RunStore(database, FOREIGN, "CASE-90001", run)
            for name, arguments in _reads(hashes):
                calls += 1
                try:
                    given = await getattr(store, name)(*arguments)
                except KeyError:
                    continue
                if _anything(given):
                    found.append(f"{name}{arguments}: {given!r}")
        return calls, found

    calls, found = house.store(read)
    assert found == []
    assert calls >= (300 if FULL else 20)


def _reads(hashes: list[str]) -> list[tuple[str, tuple[Any, ...]]]:
    """Every public read, with the ids that are right for the other tenant."""
    given: dict[str, list[tuple[Any, ...]]] = {
        "blob": [(one,) for one in hashes],
        "work": [("*",), ("reading:*", "kept:*")],
        "known_edits": [(hashes,)],
        "last_rejected": [(50,)],
        "open_event": [("open",)],
        "done": [("event:open",)],
    }
    writes = {"take_lease", "give_lease", "admit", "commit"}
    public = [
        name
        for name, one in inspect.getmembers(RunStore, asyncio.iscoroutinefunction)
        if not name.startswith("_") and name not in writes
    ]
    return [(name, arguments) for name in public for arguments in given.get(name, [()])]


def _anything(given: Any) -> bool:
    """Whether there is a row in it, at any depth."""
    if is_dataclass(given) and not isinstance(given, type):
        return any(_anything(getattr(given, one.name)) for one in fields(given))
    if isinstance(given, dict):
        return any(map(_anything, given.values()))
    if isinstance(given, list | tuple | set | frozenset):
        return any(map(_anything, given))
    return bool(given)
