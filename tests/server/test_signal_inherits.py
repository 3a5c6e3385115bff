"""What a live case inherits from the stream's earlier cases, with its place in the lineage; and that news reach it."""

from __future__ import annotations

import time
from typing import Any

import orjson
from house import Client, House
from test_signal_faults import OTHERS, another, by_state, house, waits
from test_signal_story import PATIENCE, integrator, send

from evals import signal_burst as burst
from evals.signal_burst import TENANT
from server.signals.earlier import FILE, NAME

__all__ = ["house"]
GATE = "routing_confirmation"


def lineage_of(client: Client, run: str, kind: str) -> list[dict[str, Any]]:
    entries = client.get(f"/api/runs/{run}/lineage?limit=1000").json()["entries"]
    return [one for one in entries if one["kind"] == kind]


def told(client: Client, run: str) -> list[dict[str, Any]]:
    """What the agent of the lineage told, oldest first."""
    found = lineage_of(client, run, "lineage_traced")
    return [part["value"] for one in found for part in one["content"] if part["name"] == "found"]


def until(ready: Any, says: str) -> None:
    end = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < end, says
        time.sleep(0.2)


def first_and_second(house: House) -> tuple[Client, dict[str, Any], dict[str, Any]]:
    """Two clusters of one stream, of two operators in the same tenants, each a case that waits."""
    machine = integrator(house)
    reviewer = house.sign_in("u-omar", ("support_trust_reviewer",), tenant=TENANT)
    send(machine, [*burst.watermarks(), *burst.events()])
    waits(reviewer, lambda rows: by_state(rows) == ["waiting"])
    send(machine, another(OTHERS[0]))
    one, other = waits(reviewer, lambda rows: by_state(rows) == ["waiting", "waiting"])
    return reviewer, one, other


def test_a_later_case_inherits_an_earlier_one_and_the_earlier_nothing_of_it(house: House) -> None:
    reviewer, one, other = first_and_second(house)
    earlier = f"SIGNALS-{one['number']}"
    assert earlier in told(reviewer, other["run"])[-1]["clusters"]
    assert earlier not in told(reviewer, other["run"])[-1]["critical_cases"]
    assert f"SIGNALS-{other['number']}" not in orjson.dumps(told(reviewer, one["run"])).decode()
    items = {item["id"]: item for item in reviewer.get(f"/api/runs/{other['run']}/evidence").json()["items"]}
    handed = items[f"live-{NAME}"]
    assert handed["file"] == FILE
    [entry] = lineage_of(reviewer, other["run"], "lineage_traced")
    assert handed["sha256"] in entry["citations"], "inherited with its place and hash"
    own = [item["id"] for item in reviewer.get(f"/api/runs/{one['run']}/evidence").json()["items"]]
    assert not any(name.startswith(f"live-{NAME}") for name in own)
    assert earlier in reviewer.get(f"/api/runs/{other['run']}").text, "the packet names what it inherited"


def test_that_an_earlier_case_was_routed_reaches_the_later_one(house: House) -> None:
    reviewer, one, other = first_and_second(house)
    shown = reviewer.get(f"/api/runs/{one['run']}/gates/{GATE}").json()["revision"]["sha256"]
    answer = reviewer.decide(one["run"], GATE, "route-the-first", revision=shown)
    assert answer.status_code == 201, answer.text
    house.rest(TENANT, one["run"])
    assert reviewer.get(f"/api/runs/{one['run']}").json()["outcome"] == "routed_to_misuse_governance_lane"
    earlier = f"SIGNALS-{one['number']}"
    until(lambda: earlier in told(reviewer, other["run"])[-1]["critical_cases"], "the later case does not hear of it")
    # They share a pair of tenants and nothing more: whether both are one is for a person.
    until(
        lambda: (
            [gate["gate"] for gate in reviewer.get(f"/api/runs/{other['run']}").json()["waiting_on"]]
            == ["weak_overlap_merge_approval"]
        ),
        "nobody is asked whether they are one",
    )
