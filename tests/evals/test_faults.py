"""The fault suite in short: points are declared, off unless switched on, and kills lose and repeat nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from command import casegate

from evals.faults import kills
from evals.faults.enduring import DISTURBANCES, endure
from evals.faults.invariants import as_undisturbed
from evals.faults.reading import Seen, look
from evals.faults.stores import has_postgresql
from evals.faults.workflows import Workflow, bench, something_leaves, workflow, workflows
from runtime import faults

pytestmark = pytest.mark.xdist_group("killed")

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("agents", "casefile", "graphs", "guardrails", "lineage", "runtime", "server", "tools")
SHORT = "packet-dispatch"


def _sources() -> list[Path]:
    return [path for room in PRODUCT for path in (ROOT / room).rglob("*.py")]


def test_every_point_in_the_code_is_declared_and_every_declared_one_is_in_the_code() -> None:
    named = {name for path in _sources() for name in re.findall(r'fault_point\(f?"([a-z_.]+)"\)', path.read_text())}
    around = {f"{one}.{end}" for one in ("checkpoint", "writes") for end in ("before", "after")}
    assert named | around == set(faults.POINTS)


def test_nothing_that_serves_requests_can_switch_points_on() -> None:
    switches = re.compile(r"\b(?:arm|killing)\(")
    users = {path.relative_to(ROOT).as_posix() for path in _sources() if switches.search(path.read_text())}
    assert users == {"runtime/faults.py"}
    assert not faults.armed()


def test_the_server_does_not_start_with_points_switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(faults.VARIABLE, "transaction.after:1")
    answer = casegate("serve", "--port", "0")
    assert answer.code == 2
    assert faults.VARIABLE in answer.err


def test_an_unknown_point_is_refused() -> None:
    with pytest.raises(ValueError, match="nowhere:1"):
        faults.killing("nowhere:1")


def test_every_scenario_has_a_workflow_and_a_run_passes_fifty_points() -> None:
    assert len(workflows()) >= 11
    assert all(something_leaves(one.packet) for one in workflows())
    with bench("sqlite") as where:
        whole = where.undisturbed(workflow(SHORT).packet)
    assert len(whole.points) >= 50
    assert {"delivery.sent", "delivery.recorded", "receipt.written"} <= set(whole.passed)
    assert len(set(whole.points)) == len(whole.points)
    chosen = kills.spread(whole.points, 50)
    assert len(chosen) == 50
    assert {one for one in whole.points if one.endswith(":1")} <= set(chosen)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_a_kill_loses_nothing_and_repeats_nothing(backend: str) -> None:
    if backend == "postgresql" and not has_postgresql():
        pytest.skip("no PostgreSQL programs (Debian: apt-get install postgresql)")
    one = workflow(SHORT)
    with bench(backend) as where:
        whole = where.undisturbed(one.packet)
        points = ["transaction.written:9", "writes.after:5", "delivery.sent:1", "receipt.written:1"]
        for n, point in enumerate(points):
            done = kills.trial(where, one.packet, whole, point, f"trial{n}")
            assert done.killed, point
            assert done.found.lines == []


def test_a_lost_turn_and_a_repeated_entry_are_seen() -> None:
    """The judge itself: what it is given differs in one thing, and it says so."""
    with bench("sqlite") as where:
        whole = where.undisturbed(workflow(SHORT).packet)
        job = whole.job
        after = look(job.url)
        (run,) = after
        assert kills.judged(where, job, whole, after, after).lines == []
        lost = kills.judged(where, job, whole, {run: _and_turn(whole.seen, "event:gone")}, after)
        assert any("event:gone" in line for line in lost.turns)
        with where.receiver.lock:
            where.receiver.taken[job.folder.name]["another"] = b""
        assert kills.judged(where, job, whole, after, after).effects
        with job.acks.open("a") as acks:
            acks.write("admitted run_nowhere\nevent run_nowhere open\n")
        assert kills.judged(where, job, whole, after, after).admissions


def test_of_two_players_only_the_place_of_a_weighing_is_not_held_against_the_run() -> None:
    with bench("sqlite") as where:
        whole = where.undisturbed(workflow(SHORT).packet).seen
    last = max(n for n, one in enumerate(whole.entries) if one[3] == "decided")
    weighed, decided, rest = whole.entries[last - 2 : last], whole.entries[last], whole.entries[last + 1 :]
    assert [one[3] for one in weighed] == ["reconciled", "checked"]
    earlier = replace(whole, entries=[*whole.entries[: last - 2], decided, *weighed, *rest])
    assert list(as_undisturbed(earlier, whole))
    assert not list(as_undisturbed(earlier, whole, players=2))
    assert rest[-1][3] == "delivered"
    undue = replace(whole, entries=[*whole.entries[:last], rest[-1], decided, *rest[:-1]])
    assert list(as_undisturbed(undue, whole, players=2)), "what left stands before the decision"
    assert list(as_undisturbed(replace(whole, entries=whole.entries[:-1]), whole, players=2))


def _and_turn(seen: Seen, key: str) -> Seen:
    return replace(seen, turns=seen.turns | {key})


@pytest.mark.parametrize("kind", [kind for kind in DISTURBANCES if kind != "database"])
def test_a_few_runs_endure(kind: str) -> None:
    flows: list[Workflow] = [workflow(SHORT)]
    done = endure(flows, "sqlite", kind, 1)
    assert done.found.lines == []
    assert done.runs == 1


def test_a_crash_of_the_database_under_load_loses_nothing() -> None:
    if not has_postgresql():
        pytest.skip("no PostgreSQL programs (Debian: apt-get install postgresql)")
    done = endure([workflow(SHORT)], "postgresql", "database", 1)
    assert done.found.lines == []
