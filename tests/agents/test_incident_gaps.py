"""Where a log tells that its own records are missing: in a stretch, in minutes, or by stopping and going on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from test_incident_impact import opened

from agents.incident_gaps import gaps
from agents.incident_window import Scope

DAY = datetime(2026, 11, 3, tzinfo=UTC)
STOPPED = "2026-11-03T01:40:10Z WARN shard=eu-1 log shipping interrupted"


def _told(text: str) -> list[tuple[str, str]]:
    view, item = opened("shard.log", text)
    found = gaps(view, "configuration", [item], [], Scope(since=DAY, until=DAY.replace(hour=10)))
    return [(f"{one.since:%H:%M:%S}", f"{one.until:%H:%M:%S}") for one in found]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "2026-11-03T02:20:10Z WARN resumed; 40 minutes missing from 2026-11-03T01:40:10Z to 2026-11-03T02:20:10Z",
            "x",
        ),
        (f"{STOPPED}\n2026-11-03T02:20:10Z WARN shard=eu-1 log shipping resumed", "x"),
        (f"{STOPPED}\n2026-11-03T02:20:10Z INFO shard=eu-1 heartbeat", "open"),
        ("2026-11-03T01:40:10Z INFO audit_export lost for ad-1\n2026-11-03T02:20:10Z INFO audit_export restored", ""),
        ("2026-11-03T01:40:10Z INFO the job took 40 minutes from 2026-11-03T01:40:10Z to 2026-11-03T02:20:10Z", ""),
    ],
)
def test_a_gap_is_what_the_log_says_is_missing(text: str, told: str) -> None:
    expected = {"x": [("01:40:10", "02:20:10")], "open": [("01:40:10", "10:00:00")], "": []}
    assert _told(f"{text}\n") == expected[told]
