"""The agents that share a triage: each has a step of its own, and each entry names the one that did the work."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest
from running import CASES, run

from agents import signal_access, signal_audit, signal_lineage
from graphs import catalogue
from graphs.critical_signal_corroboration_triage import PATTERN
from graphs.skeleton import LOOKS

WORK = {
    "access_checked": "roster-entitlement",
    "audit_retrieved": "audit-retrieval",
    "lineage_traced": "duplicate-lineage",
    "reconciled": "corroboration",
    "revision_composed": "packet-assembly",
}


def _entries(out: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (out / "lineage.jsonl").read_bytes().splitlines()]


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    out = tmp_path_factory.mktemp("triage") / "out"
    run(CASES / "tenant-boundary" / "cases" / "a-critical-case-shares-only-the-operator", out)
    return _entries(out)


def test_each_part_of_a_triage_is_entered_by_the_agent_that_did_it(entries: list[dict[str, Any]]) -> None:
    found = {(one["header"]["kind"], one["header"]["actor"]["id"]) for one in entries}
    assert {(kind, agent) for kind, agent in found if kind in WORK} == set(WORK.items())
    for one in (entry["header"] for entry in entries if entry["header"]["kind"] in WORK):
        assert one["actor"]["type"] == "agent"
        assert one["agent"]["name"] == one["actor"]["id"]


def test_an_agent_cites_the_evidence_that_it_worked_on(entries: list[dict[str, Any]]) -> None:
    frozen = [one for one in entries if one["header"]["kind"] == "evidence_frozen"]
    hashes = {one["content"]["item"]["value"]["id"]: one["header"]["citations"][0] for one in frozen}
    [first] = [one["header"] for one in entries if one["header"]["kind"] == "lineage_traced"]
    prior = [name for name in hashes if hashes[name] in first["citations"]]
    assert prior
    for kind in ("access_checked", "audit_retrieved"):
        [entry] = [one["header"] for one in entries if one["header"]["kind"] == kind]
        assert entry["citations"]
        assert set(entry["citations"]) <= set(hashes.values())


def test_what_an_agent_found_again_on_the_same_evidence_is_entered_once(entries: list[dict[str, Any]]) -> None:
    kinds = Counter(one["header"]["kind"] for one in entries)
    assert kinds["access_checked"] == kinds["audit_retrieved"] == kinds["lineage_traced"] == 1


def test_new_evidence_is_retrieved_anew_and_under_the_same_name(tmp_path: Path) -> None:
    cases = CASES / "tenant-boundary" / "cases"
    told = []
    for case in sorted(cases.iterdir()):
        packet = (case / "packet.yaml").read_text(encoding="utf-8")
        if "arrives:" in packet:
            run(case, tmp_path / case.name)
            told += [one["header"] for one in _entries(tmp_path / case.name)]
            break
    again = [one for one in told if one["kind"] == "audit_retrieved"]
    assert len(again) > 1
    assert {one["agent"]["name"] for one in again} == {"audit-retrieval"}
    assert len({tuple(one["citations"]) for one in again}) > 1


def test_the_graph_has_a_step_for_each_agent_before_they_are_weighed() -> None:
    graph = catalogue.pattern("critical-signal-corroboration-triage")()
    steps = [signal_access.STEP, signal_audit.STEP, signal_lineage.STEP]
    assert list(PATTERN.before) == steps
    chain = ["extract", *steps, "reconcile", "compose", "challenge", "check"]
    assert set(itertools.pairwise(chain)) <= set(graph.edges)
    assert all(graph.nodes[name].metadata[LOOKS] for name in chain), "a rehearsal goes through them"
    assert not any((graph.nodes[name].metadata or {}).get(LOOKS) for name in ("release", "gate"))
    drawn = catalogue.pattern("document-to-structured-data-handoff")()
    assert not set(steps) & set(drawn.nodes), "other patterns have no such agents"
