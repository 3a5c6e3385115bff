"""The fault suite in short: points are declared, off unless switched on, and kills lose and repeat nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from command import casegate

from evals.faults import invariants, kills
from evals.faults.enduring import DISTURBANCES, endure
from evals.faults.invariants import Found, as_undisturbed
from evals.faults.kills import LEAST, Trial
from evals.faults.reading import Seen, look
from evals.faults.stores import has_postgresql
from evals.faults.table import keep, kept, row, table
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


SENT = ("flags", "POST", "/f/7/on")


def _journals(folder: Path, *applies: str | None) -> Path:
    """The own log of a system that was asked for the same change so often, and made it or not."""
    lines = [{"method": "POST", "path": "/f/7/on", "rule": "act", "applies": one} for one in applies]
    (folder / "flags.jsonl").write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    return folder


def _acted(state: str, *kinds: str, repeatable: bool = False) -> Seen:
    entries = [(n, "", "", kind) for n, kind in enumerate(kinds)]
    seen = Seen("c", "tn", "finished", None, False, effects={"k": state}, asked={"k": SENT}, entries=entries)
    seen.repeatable = {"k"} if repeatable else set()
    return seen


def test_a_doubt_that_nobody_marked_or_that_was_sent_again_is_seen() -> None:
    marked = _acted("in_doubt", "effect_sent", "effect_in_doubt")
    planned, sent, doubt = _acted("planned"), _acted("sent"), _acted("in_doubt")
    told = invariants.doubts_marked
    assert list(told(marked, None, [], [SENT])) == []
    assert list(told(marked, planned, [], [SENT])) == []
    assert "an entry for each" in next(told(_acted("in_doubt", "effect_sent"), None, [], [SENT]))
    assert "not to be sent again" in next(told(marked, None, [], [SENT, SENT]))
    assert "not to be sent again" in next(told(marked, sent, [], [SENT]))
    assert "not to be sent again" in next(told(marked, doubt, [SENT], [SENT, SENT]))
    twice = _acted("in_doubt", "effect_sent", "effect_sent", "effect_in_doubt", repeatable=True)
    assert list(told(twice, sent, [SENT], [SENT, SENT])) == [], "its system takes the key again"
    assert list(told(twice, doubt, [SENT], [SENT, SENT])), "once in doubt, never again"


def test_what_stands_as_done_and_was_never_made_is_seen(tmp_path: Path) -> None:
    done = _acted("done", "effect_sent", "effect_done")
    assert list(invariants.settled(done, _journals(tmp_path, "on"))) == []
    assert "its own log has it never" in next(invariants.settled(done, _journals(tmp_path, None)))
    assert "still stands as sent" in next(invariants.settled(_acted("sent", "effect_sent"), tmp_path))
    assert "each request on record" in next(invariants.settled(done, _journals(tmp_path, "on", None)))


def test_the_workflows_have_effects_several_and_in_doubt() -> None:
    named = {one.name: one.packet for one in workflows()}
    assert "sev1-receipt/not-idempotent-and-no-answer" in named
    assert "sev1-receipt/alertmanager-and-servicenow-closed" in named
    assert workflow("obligations/an-addendum-without-clause-numbers").packet.is_dir()


def test_the_table_says_beside_each_zero_what_it_can_hide(tmp_path: Path) -> None:
    trials = [Trial(f"transaction.after:{n}", Found(), 0.4) for n in range(60)]
    good = row("one", "sqlite", trials)
    assert (good.kills, good.points, good.holds, good.enough) == (60, 1, True, True)
    bad = row("two", "sqlite", [*trials[:10], Trial("receipt.before:1", Found(turns=["lost"], doubtful=1), 6.0)])
    assert (bad.kills, bad.lost_turns, bad.in_doubt, bad.slow, bad.holds, bad.enough) == (11, 1, 1, 1, False, False)
    lines = table([good, bad]).splitlines()
    assert "| 0 (≤ 5.00%)" in lines[2]
    assert "| 1 " in lines[3]
    assert lines[4].startswith("| 2 workflows")
    assert "| 71 " in lines[4]
    for one in (good, bad, good):
        keep(tmp_path / "rows", one)
    assert kept(tmp_path / "rows") == [good, bad]


def test_a_workflow_that_was_killed_at_too_few_moments_does_not_pass() -> None:
    few = [Trial("transaction.after:1", Found(), 0.4) for _ in range(LEAST)]
    assert any("different moments" in line for line in kills.result("x", few).misses)
    many = [Trial(f"transaction.after:{n}", Found(), 0.4) for n in range(LEAST)]
    assert kills.result("x", many).misses == []


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
