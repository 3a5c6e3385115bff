"""Cumulative drift of sampling rates: what a rate moved in the span, from versions and from records of changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.case_view import CaseView, Happening
from agents.sampling_drift import moved, stands
from agents.sampling_policy import active, policies, trusted
from casefile.evidence import Evidence
from casefile.packet import Packet
from graphs.catalogue import scenario
from guardrails.citations import check_citation
from tools.readers import read

NOW = datetime(2026, 10, 26, 8, tzinfo=UTC)
CARD = scenario("sampling-tuning")


def version(name: str, rate: int, changed: str = "", activated: str = "", history: str = "") -> str:
    """A policy version whose cohort `vault-loss` has this rate."""
    last = f", last_changed: '{changed}'" if changed else ""
    since = f"activated_at: '{activated}'\n" if activated else ""
    return (
        f"version: {name}\nstatus: active\nlast_trusted_version: V-2\n{since}"
        f"cohorts:\n- {{cohort: vault-loss, rate_percent: {rate}{last}}}\n{history}"
    )


def points(now: str, prior: dict[str, str] | None = None, changes: tuple[str, str] | None = None) -> int:
    """By how many points `vault-loss` moved within 90 days, from the version in force, earlier ones and a record."""
    files = {"now": ("now.yaml", now, False)}
    files |= {name: (f"{name}.yaml", told, True) for name, told in (prior or {}).items()}
    if changes is not None:
        files["changes"] = (*changes, False)
    items, readings = [], {}
    for name, (path, told, is_prior) in files.items():
        made = Evidence(
            id=name, file=path, system="qa_configuration_store", prior=is_prior, sha256="sha256:" + "0" * 64,
            size=len(told), arrived_at=NOW, captured_at=NOW,
        )  # fmt: skip
        items.append(made)
        readings[name] = read(told.encode(), path)
    packet = Packet(scenario="x", case="c", tenant={"id": "tn"}, as_of=NOW, requested_by="o")
    view = CaseView(
        CARD, {}, "v", packet, NOW, Happening("open", "{}"), items, items, frozenset(), readings.__getitem__, [], [], {}
    )
    known = policies(view)
    policy = active(view, known)
    assert policy is not None
    on_record = stands(view, known)["vault loss"]
    for one in on_record:
        assert check_citation(one.cell, readings[one.cell.evidence]) == []
    before = trusted(known, policy)
    earlier = before.cohorts.get("vault loss") if before else None
    return moved(view, on_record, policy.cohorts["vault loss"], 90, earlier)


HISTORY = """\
history:
- {version: V-0, effective_from: '2026-02-01', vault-loss: 12}
- {version: V-1, effective_from: '2026-08-10', vault-loss: 16}
- {version: V-2, effective_from: '2026-09-05', vault-loss: 20}
"""
ROWS = """\
rate_history:
- {cohort: vault-loss, effective_from: '2026-02-01', rate_percent: 12}
- {cohort: vault-loss, effective_from: '2026-08-10', rate_percent: 16}
"""


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"now": version("V-3", 23, "2026-10-01", history=HISTORY)}, 11),
        ({"now": version("V-3", 23, "2026-10-01", history=ROWS)}, 11),
        (
            {
                "now": version("V-3", 23, "2026-10-01"),
                "prior": {
                    "a": version("V-0", 12, "2026-02-01"),
                    "b": version("V-1", 16, "2026-08-10"),
                    "c": version("V-2", 20, "2026-09-05"),
                },
            },
            11,
        ),
        (
            {
                "now": version("V-3", 23, "2026-10-01"),
                "changes": (
                    "changes.csv",
                    "changed on;cohort;old rate;new rate\n"
                    "2026-08-10;vault-loss;12;16\n2026-09-05;vault-loss;16;20\n2026-10-01;vault-loss;20;23\n",
                ),
            },
            11,
        ),
    ],
)
def test_all_moves_of_the_span_count(told: dict[str, object], expected: int) -> None:
    assert points(**told) == expected  # type: ignore[arg-type]


def test_a_move_before_the_span_does_not_count() -> None:
    prior = {"a": version("V-1", 12, "2026-01-05"), "b": version("V-2", 20, "2026-06-01")}
    assert points(version("V-3", 23, "2026-10-01"), prior) == 3


def test_a_raise_that_was_taken_back_cancels() -> None:
    prior = {"a": version("V-1", 20, "2026-01-05"), "b": version("V-2", 26, "2026-08-20")}
    assert points(version("V-3", 20, "2026-10-01"), prior) == 0


def test_the_day_of_a_version_counts_where_no_cohort_has_one() -> None:
    prior = {"a": version("V-1", 12, activated="2026-05-01"), "b": version("V-2", 17, activated="2026-08-20")}
    assert points(version("V-3", 21, activated="2026-10-01"), prior) == 9


def test_an_undated_trusted_version_is_what_stood_before() -> None:
    assert points(version("V-3", 23, "2026-10-01"), {"b": version("V-2", 20)}) == 3


def test_a_history_changes_no_rate_in_force() -> None:
    assert points(version("V-3", 12, "2026-01-01", history=ROWS.replace("16", "12"))) == 0
