"""On which days a tuning cycle finds something else by itself: no such day is missed, whatever the evidence."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from packets import read_packet, write_packet
from running import CASES, run

from agents.case_view import Assessment, CaseView
from agents.sampling_clock import ends
from agents.sampling_cycle import Tuning, cooling, tune
from graphs import adaptive_review_sampling_rate_tuning as pattern

CASE = CASES / "sampling-tuning" / "cases"
HORIZON = 150
NAMES = [
    "a-second-move-in-the-cooldown-is-rejected",
    "many-small-raises-are-one-large-one",
    "hours-of-each-analyst-and-no-total",
    "one-figure-of-minutes-and-a-row-for-each-week",
    "a-regression-after-a-cut-rolls-back",
]


def _view_of(case: str, out: Path, monkeypatch: pytest.MonkeyPatch) -> CaseView:
    """The first view that the agents of a case are given."""
    seen: list[CaseView] = []
    whole = pattern.assess

    def assess(view: CaseView) -> Assessment:
        seen.append(view)
        return whole(view)

    monkeypatch.setattr(pattern, "assess", assess)
    packet = out / "packet"
    shutil.copytree(CASE / case, packet)
    write_packet(packet, {**read_packet(packet), "timeline": []})
    run(packet, out / "out")
    return seen[0]


def _found(view: CaseView, this: Tuning) -> dict[str, Any]:
    """All that a cycle rests on, by value: not the days as such."""
    counts = {name: dict(one.counts) for name, one in this.windows.items()}
    before = {name: dict(one.counts) for name, one in this.found.baseline.items()}
    moved = {one.name: (one.moved, one.cooling) for one in this.cycle.cohorts} if this.cycle else {}
    hours = this.hours.number if this.hours else None
    cold = {name: cooling(view, this, one) for name, one in this.cohorts.items()}
    allowed = this.bounds.approved
    return {"window": counts, "baseline": before, "rooms": moved, "hours": hours, "cooling": cold, "bounds": allowed}


@pytest.mark.parametrize("case", NAMES)
def test_nothing_changes_by_the_clock_on_a_day_that_was_not_told(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = _view_of(case, tmp_path, monkeypatch)
    told = {one + timedelta(seconds=1) for one in ends(view, tune(view))}
    assert told
    changed = set()
    first = datetime.combine(view.now.date(), datetime.min.time(), UTC)
    before = _found(view, tune(view))
    for n in range(1, HORIZON):
        day = first + timedelta(days=n)
        later = replace(view, now=day, worked={})
        now = _found(later, tune(later))
        if now != before:
            changed.add(day)
        before = now
    assert changed, "nothing of this case ends by the clock"
    assert changed <= told, sorted(changed - told)


def test_a_cooldown_that_ends_is_noticed_by_itself(tmp_path: Path) -> None:
    """No step of the packet happens on that day: the run is woken for it, by the timer that every deadline has."""
    packet = tmp_path / "packet"
    shutil.copytree(CASE / "a-second-move-in-the-cooldown-is-rejected", packet)
    after = [{"at": "2026-09-22T00:00:30Z", "passes": {}}]
    write_packet(packet, {**read_packet(packet), "timeline": after})
    outcome = run(packet, tmp_path / "out")
    artifact = (tmp_path / "out" / "artifact.json").read_text(encoding="utf-8")
    assert "identity-recovery: not in cooldown" in artifact
    blockers = [one for one in outcome["registers"]["blockers"] if "in cooldown until 2026-09-22" in str(one)]
    assert {one["state"] for one in blockers} == {"closed"}, "what stood in the way is over, and stays on the record"
    lines = (tmp_path / "out" / "lineage.jsonl").read_text(encoding="utf-8").splitlines()
    assert any('"at":"2026-09-22T00:00:00Z"' in line for line in lines), "it was looked at when the cooldown ended"
