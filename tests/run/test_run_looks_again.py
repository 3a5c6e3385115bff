"""When a run has to be looked at again though nothing happens to it: at the end of whatever was found to hold."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from packets import read_packet, write_packet
from running import CASES, run

from agents.material import Findings, Signal
from graphs.governed_pass import DEADLINES

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_what_holds_until_a_moment_is_looked_at_right_after_it_and_what_is_past_is_not() -> None:
    found = Findings()
    found.until(NOW + HOUR)
    found.until(NOW - HOUR)
    found.signals += [
        Signal(name="a", about="x", detail="", until=NOW + 2 * HOUR),
        Signal(name="b", about="x", detail="", since=NOW + 3 * HOUR),
        Signal(name="c", about="x", detail="", since=NOW - HOUR),
        Signal(name="d", about="x", detail=""),
    ]
    assert found.moments(NOW) == [NOW + HOUR + timedelta(seconds=1), NOW + 2 * HOUR, NOW + 3 * HOUR]


@pytest.mark.parametrize(
    ("scenario", "case", "moments"),
    [
        # A change window opens, and closes.
        ("sev1-receipt", "approved-before-the-window-opens", {"2026-05-19T08:30:00Z", "2026-05-19T10:00:00Z"}),
        ("packet-dispatch", "approver-declines", {"2026-03-09T13:10:01Z"}),  # what it cites is fresh no more
        # A snapshot of the day before at four, which proves a plan for a day.
        ("outage-intake", "two-customer-documents-name-different-products", {"2026-10-07T04:00:01Z"}),
        # A cooldown ends on a day; the weeks of findings leave their window.
        ("sampling-tuning", "a-second-move-in-the-cooldown-is-rejected", {"2026-09-22T00:00:00Z"}),
        ("bridge-scheduling", "the-week-in-which-clocks-differ", {"2026-03-18T13:00:00Z"}),  # an hour to answer
    ],
)
def test_a_run_that_waits_knows_when(scenario: str, case: str, moments: set[str], tmp_path: Path) -> None:
    source, packet = CASES / scenario / "cases" / case, tmp_path / "packet"
    shutil.copytree(source, packet)
    write_packet(packet, {**read_packet(packet), "timeline": []})
    run(packet, tmp_path / "out", f"sqlite:///{tmp_path / 'store.db'}")
    with sqlite3.connect(tmp_path / "store.db") as store:
        [(body,)] = store.execute("SELECT body FROM work WHERE name = ?", (DEADLINES,)).fetchall()
    assert moments <= set(orjson.loads(body)), body
