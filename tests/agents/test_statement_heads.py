"""When a comment of a text was written, by its own head: a clock without a date in it is of that day, and no other."""

from __future__ import annotations

import pytest

from agents.statements import statements
from casefile.scenario import FieldSpec
from graphs.catalogue import scenario
from tools.readers import read

FIELDS: dict[str, FieldSpec] = scenario("outage-intake").fields


def written(text: str) -> list[str]:
    """The times at which the statements about the first observation were written."""
    found = statements("t", read(text.encode(), "ticket.md"), FIELDS)
    return [one.at.isoformat() if one.at else "" for one in found if one.field == "first_observed_at"]


@pytest.mark.parametrize(
    "head",
    [
        "**1** 2026-08-20T03:31:40Z, Zdeněk Horák (customer):",
        "2026-08-20T03:31:40Z Zdeněk Horák:",
        "- 3. 2026-08-20 03:31:40 UTC – Zdeněk Horák (customer, portal):",
        "[2026-08-20 05:31:40 CEST] Zdeněk:",
        "Comment 4, 20 August 2026 03:31:40 UTC, Zdeněk Horák:",
    ],
)
def test_the_head_of_a_comment_dates_it(head: str) -> None:
    assert set(written(f"# T\n\n{head} Production federation is down since 03:10 UTC.")) == {
        "2026-08-20T03:31:40+00:00"
    }


def test_a_heading_dates_what_stands_under_it_until_the_next_one() -> None:
    said = "Production federation is down since 03:10 UTC."
    assert set(written(f"### 2026-08-20T03:31:40Z, Zdeněk\n\n{said}")) == {"2026-08-20T03:31:40+00:00"}
    assert set(written(f"### 2026-08-20T03:31:40Z, Zdeněk\n\n## Summary\n\n{said}")) == {""}


def test_what_has_no_head_has_no_time() -> None:
    assert set(written("Production federation is down since 03:10 UTC.")) == {""}
    assert set(written("Seen 2026-08-20T03:31:40Z.\n\nProduction federation is down since 03:10 UTC.")) == {""}
