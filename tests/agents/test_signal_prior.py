"""Earlier packets written as documents: the window that they froze, and the critical cases that they name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.case_view import CaseView, Happening
from agents.signal_lineage import PriorCluster, lineage
from agents.signal_snapshots import Captured
from agents.signal_window import Window, window
from casefile.evidence import Evidence
from casefile.packet import Packet
from graphs.catalogue import scenario
from tools.readers import read

NOW = datetime(2026, 3, 11, 6, tzinfo=UTC)
CARD = scenario("tenant-boundary")


def view(body: str) -> CaseView:
    """A case with one written packet."""
    item = Evidence(id="v2", file="v2.md", system="", sha256="sha256:" + "0" * 64, size=1, arrived_at=NOW, prior=True)
    reading = read(body.encode(), item.file)
    packet = Packet(scenario="x", case="c", tenant={"id": "tn-a"}, as_of=NOW, requested_by="o")  # type: ignore[arg-type]
    return CaseView(
        CARD, {}, "v", packet, NOW, Happening("open", "{}"), [item], [], frozenset(),
        lambda _: reading, [], [], {},
    )  # fmt: skip


def frozen(body: str) -> Window | None:
    """The window in force."""
    return window(view(body))


def clusters(body: str) -> list[PriorCluster]:
    """What the packet hands down."""
    return lineage(view(body), Captured()).clusters


@pytest.mark.parametrize(
    "form",
    [
        "## Evidence window\n\nStart: 2026-03-11T01:10:00Z\nEnd: 2026-03-11T03:40:00Z\nFrozen: yes",
        "EVIDENCE WINDOW\n- From: 2026-03-11 01:10 UTC\n- Until: 2026-03-11 03:40 UTC\n- Frozen by: the reviewer",
        "Window start: 2026-03-11T01:10:00Z\nWindow end: 2026-03-11T03:40:00Z",
        "## Window\n\n| from | to | frozen |\n|---|---|---|\n| 2026-03-11T01:10:00Z | 2026-03-11T03:40:00Z | yes |",
    ],
)
def test_a_window_in_lines_or_in_a_titled_table_was_frozen(form: str) -> None:
    found = frozen(f"# Packet v2\n\nMade at: 2026-03-11T05:20:00Z\n\n{form}\n\n## Open uncertainty\n\n- none\n")
    assert found is not None
    assert (found.start.isoformat(), found.end.isoformat(), found.frozen) == (
        "2026-03-11T01:10:00+00:00", "2026-03-11T03:40:00+00:00", True,
    )  # fmt: skip


@pytest.mark.parametrize("said", ["Frozen: no", "Frozen: not yet", "Frozen at: -", "Window state: open"])
@pytest.mark.parametrize(
    "bounds",
    [
        "Window start: 2026-03-11T01:10:00Z\nWindow end: 2026-03-11T03:40:00Z",
        "Evidence window: 2026-03-11T01:10:00Z to 2026-03-11T03:40:00Z",
    ],
)
def test_a_window_that_its_own_lines_call_open_was_frozen_by_nobody(bounds: str, said: str) -> None:
    found = frozen(f"# Packet v2\n\n## Evidence window\n\n{bounds}\n{said}\n")
    assert found is None or not found.frozen


TABLE = "| {head} | state | operator |\n| --- | --- | --- |\n| MG-31 | {state} | op-7 |"


@pytest.mark.parametrize(
    ("title", "head", "state", "critical"),
    [
        ("## Open critical cases", "case", "active", [True]),
        ("## What is open", "Critical case", "active", [True]),
        ("## Open critical cases", "case", "closed", []),
        ("## Duplicate clusters", "cluster", "merged", [False]),
        ("## Clusters of critical signals", "cluster", "merged", [False]),
        ("## What is open", "case", "active", []),
    ],
)
def test_a_critical_case_is_one_by_its_title_or_its_column(
    title: str, head: str, state: str, critical: list[bool]
) -> None:
    found = clusters(f"# Packet v2\n\n{title}\n\n{TABLE.format(head=head, state=state)}\n")
    assert [one.critical for one in found] == critical
    assert all(one.id == "MG-31" and one.operators == {"op-7"} for one in found)
