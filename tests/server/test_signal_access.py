"""Every route about live signals × every role: who gets in, and who is told that there is nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from house import House
from test_server_access import routes
from test_signal_story import integrator

from evals import signal_burst as burst
from evals.signal_burst import TENANT

ONE = {"headers": {"content-type": "application/cloudevents+json"}, "json": burst.events()[0]}
WHY = {"json": {"reason": "because of the table"}}
ROUTES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "send_signals": ("POST", "/api/signals/{tenant}", ONE),
    "monitor": ("GET", "/api/monitor/{tenant}", {}),
    "clusters": ("GET", "/api/monitor/{tenant}/clusters", {}),
    "cluster_page": ("GET", "/api/monitor/{tenant}/clusters/1", {}),
    "reveal_cluster": ("POST", "/api/monitor/{tenant}/clusters/1/reveal", WHY),
    "split_cluster": ("POST", "/api/monitor/{tenant}/clusters/1/split", {"json": {"signals": [99], "reason": "none"}}),
    "latest_signals": ("GET", "/api/monitor/{tenant}/signals", {}),
    "dead_letters": ("GET", "/api/monitor/{tenant}/dead", {}),
    "reveal_dead": ("POST", "/api/monitor/{tenant}/dead/1/reveal", WHY),
    "monitor_events": ("GET", "/api/monitor/{tenant}/events", {}),
}
HOOK = "call_hook"  # let in by a signature and by nothing else: test_signal_intake.py
WATCHES = dict.fromkeys(
    ("monitor", "clusters", "cluster_page", "latest_signals", "dead_letters", "monitor_events"), 200
)
ROLES: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "lead": ({"person": "u-lead", "roles": ("support_lead",)}, WATCHES),
    "reviewer": (
        {"person": "u-omar", "roles": ("support_trust_reviewer",)},
        {**WATCHES, "reveal_cluster": 200, "split_cluster": 422, "reveal_dead": 200},
    ),
    "customer": ({"person": "u-customer", "roles": ("customer_admin",)}, {}),
    "no role": ({"person": "u-none"}, {}),
    "auditor": ({"person": "x-audit", "global_roles": ("auditor",)}, WATCHES),
    "admin": ({"person": "x-admin", "global_roles": ("admin",)}, {}),
}


@pytest.fixture
def house(sqlite_url: str, tmp_path: Any) -> Iterator[House]:
    """A stream with one cluster and one dead letter; no case is opened."""
    started = House(sqlite_url, tmp_path / "data", {"signals": burst.stream(tmp_path / "signals", ground=None)}).start()
    machine = integrator(started)
    machine.post(f"/api/signals/{TENANT}", **ONE).raise_for_status()
    bad = {**burst.events()[1], "time": "never"}
    machine.post(f"/api/signals/{TENANT}", json=bad, headers=ONE["headers"]).raise_for_status()
    lead = started.sign_in("u-first", ("support_lead",), tenant=TENANT)
    while not lead.get(f"/api/monitor/{TENANT}/clusters").json()["rows"]:
        pass
    yield started
    started.stop()


def ask(client: httpx.Client, route: str, tenant: str) -> int:
    method, address, sent = ROUTES[route]
    with client.stream(method, address.format(tenant=tenant), **sent) as answer:
        return answer.status_code


def test_the_table_has_every_route_about_a_stream() -> None:
    about = ("/api/signals/{tenant}", "/api/monitor/{tenant}")
    assert {one.name for one in routes() if str(one.path).startswith(about)} == {*ROUTES, HOOK}


def test_who_gets_in(house: House) -> None:
    wrong = []
    for name, (who, expected) in ROLES.items():
        client = house.sign_in(**{"roles": (), **who}, tenant=TENANT)
        wrong += [
            f"{name} {route}: {got}, expected {expected.get(route, 403)}"
            for route in ROUTES
            if (got := ask(client, route, TENANT)) != expected.get(route, 403)
        ]
    stranger = house.sign_in("u-omar", ("support_trust_reviewer",), tenant="tn-osprey-us")
    wrong += [f"stranger {route}: {got}" for route in ROUTES if (got := ask(stranger, route, TENANT)) != 404]
    wrong += [f"no stream {route}: {got}" for route in ROUTES if (got := ask(stranger, route, "tn-osprey-us")) != 404]
    anonymous = httpx.Client(base_url=house.base)
    wrong += [f"anonymous {route}: {got}" for route in ROUTES if (got := ask(anonymous, route, TENANT)) != 401]
    machine = integrator(house)
    wrong += [f"token {r}: {got}" for r in ROUTES if (got := ask(machine, r, TENANT)) != (202 if "send" in r else 403)]
    assert wrong == []
    assert stranger.get("/api/monitor").json() == {"streams": []}
