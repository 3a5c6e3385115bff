"""What the workspace draws of real cases: each declared exhibit is there, and says no more than the document."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from running import CASES, run

from casefile.claims import Citation
from casefile.exhibits import (
    Axis,
    Drawn,
    Exhibits,
    Matrix,
    Obligations,
    Options,
    Rates,
    Table,
    Week,
)
from casefile.scenario import Scenario
from graphs import catalogue
from guardrails.citations import Places, check_citation
from tools.packet_folder import load
from tools.readers import read

CASE_OF = {
    "bridge-scheduling": "the-week-in-which-clocks-differ",
    "contractor-access": "preview-26-hours-later",
    "credit-options": "a-tenth-of-a-percent-above-the-cap",
    "entitlement-rca": "the-shard-log-is-missing-for-forty-minutes",
    "obligations": "a-renewal-supersedes-the-legacy-plan",
    "packet-dispatch": "references-age-while-the-packet-waits",
    "sampling-tuning": "half-of-the-analysts-leave-and-floors-do-not-fit",
    "sev1-receipt": "two-follow-ups-open-at-closure",
    "telemetry-options": "note-says-enable-now",
    "tenant-boundary": "a-critical-case-shares-only-the-operator",
}
_folder: dict[str, Path] = {}


@pytest.fixture(scope="module", autouse=True)
def _room(tmp_path_factory: pytest.TempPathFactory) -> None:
    _folder["room"] = tmp_path_factory.mktemp("exhibits")


@cache
def played(short: str) -> tuple[Mapping[str, Any], Mapping[str, Drawn], Scenario]:
    """A case, run once: its outcome, its last exhibits, its scenario."""
    out = _folder["room"] / short
    outcome = run(CASES / short / "cases" / CASE_OF[short], out)
    with sqlite3.connect(out / ".casegate" / "casegate.db") as database:
        rows = dict(database.execute("select name, body from work where name like 'exhibits:%'").fetchall())
    last = max(rows, key=lambda name: int(name.rpartition("r")[2]))
    made = Exhibits.model_validate_json(rows[last])
    return outcome, {one.name: one.drawn for one in made.exhibits}, catalogue.find(outcome["scenario"])


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(one)


@pytest.mark.parametrize("short", sorted(CASE_OF))
def test_every_exhibit_that_a_scenario_declares_is_drawn_in_its_kind(short: str) -> None:
    _, drawn, scenario = played(short)
    assert scenario.workspace
    assert {one.name: one.kind for one in scenario.workspace} == {name: one.kind for name, one in drawn.items()}


@pytest.mark.parametrize("short", sorted(CASE_OF))
def test_what_is_drawn_names_statements_of_the_artifact(short: str) -> None:
    outcome, drawn, scenario = played(short)
    artifact = outcome["artifact"]
    known = set(artifact["fields"]) | {f"{s['id']}/{c['id']}" for s in artifact["sections"] for c in s["claims"]}
    named = {one["of"] for d in drawn.values() for one in objects(d.model_dump(mode="json")) if one.get("of")}
    assert named, "nothing of it leads to the document"
    assert named <= known, sorted(named - known)
    sections = {one["id"] for one in artifact["sections"]}
    assert {name for spec in scenario.workspace for name in spec.sections} <= sections


@pytest.mark.parametrize("short", sorted(CASE_OF))
def test_every_quote_of_an_exhibit_stands_where_it_says(short: str) -> None:
    _, drawn, _ = played(short)
    folder = CASES / short / "cases" / CASE_OF[short]
    files = load(folder).files
    places: dict[str, Places] = {}
    cited = [
        Citation.model_validate(one)
        for d in drawn.values()
        for one in objects(d.model_dump(mode="json"))
        if one.get("quote")
    ]
    assert len(cited) > 5
    for one in cited:
        if one.evidence in files:
            file = files[one.evidence]
            if one.evidence not in places:
                places[one.evidence] = Places(read((folder / file.source.file).read_bytes(), file.source.file))
            assert check_citation(one, places[one.evidence]) == [], (one.evidence, one.locator, one.quote)


def drawn_as(short: str, name: str, kind: type[Any]) -> Any:
    made = played(short)[1][name]
    assert isinstance(made, kind)
    return made


def test_an_old_promise_is_never_among_those_in_force() -> None:
    table = drawn_as("obligations", "obligations", Obligations)
    titles = [row.title for row in table.rows if row.in_force]
    assert len(titles) == len(set(titles))
    gone = [row for row in table.rows if not row.in_force]
    assert gone
    assert all(row.state != "in force" and row.why for row in gone)
    assert all((row.since or "") <= table.day and (row.until or "9") >= table.day for row in table.rows if row.in_force)


def test_a_missing_stretch_is_drawn_as_a_gap_and_leaves_its_hypothesis_open() -> None:
    axis = drawn_as("entitlement-rca", "timeline", Axis)
    gap = next(one for one in axis.marks if one.kind == "gap")
    assert (gap.lane, gap.said.status) == ("configuration", "missing")
    matrix = drawn_as("entitlement-rca", "hypotheses", Matrix)
    stands = {row.id: {one.stance for one in row.arguments} for row in matrix.rows}
    assert stands["H3"] == {"open"}
    assert [row.id for row in matrix.rows if row.leads] == ["H2"]
    zones = {lane.id: lane.zone for lane in axis.lanes}
    assert zones["entitlement"] == "UTC"


def test_a_frozen_cycle_moves_no_rate_and_says_why() -> None:
    rates = drawn_as("sampling-tuning", "rates", Rates)
    assert rates.frozen
    assert rates.causes
    assert all(row.before == row.after for row in rates.rows)
    assert rates.hours is not None
    assert float(rates.hours.before.text) > float(rates.hours.ceiling.text)
    assert all(row.floor is not None for row in rates.rows if row.protected)


def test_the_week_knows_the_zones_the_changes_of_clocks_and_the_slot() -> None:
    week = drawn_as("bridge-scheduling", "week", Week)
    assert week.zones == ["America/New_York", "Europe/Berlin", "Europe/Prague", "UTC"]
    told = {(one.zone, one.at, one.after) for one in week.changes}
    assert ("America/New_York", "2026-03-08T07:00:00Z", "UTC-04:00") in told
    assert ("Europe/Berlin", "2026-03-29T01:00:00Z", "UTC+02:00") in told
    chosen = next(one for one in week.slots if one.state == "chosen")
    for person in week.people:
        work = [one for one in person.spans if one.kind == "work"]
        busy = [one for one in person.spans if one.kind in ("busy", "focus", "immovable")]
        assert any(one.at <= chosen.at and chosen.until <= one.until for one in work), person.role
        assert not any(one.at < chosen.until and chosen.at < one.until for one in busy), person.role


def test_an_option_above_its_cap_shows_value_limit_and_rule() -> None:
    options = drawn_as("credit-options", "options", Options)
    first = next(one for one in options.rows if one.id == "option 1")
    over = next(test for test in first.tests if test.title == "Credit within the cap")
    assert (first.class_, first.rank, over.state) == ("blocked", None, "failed")
    assert (over.value, over.limit, over.rule) == ("6006.00 USD", "6000.00 USD", "L-01")
    assert {path.title for path in options.blocked} >= {"permanent rate reduction"}
    assert [one.rank for one in options.rows if one.preferred] == [1]


def test_the_plan_has_a_receipt_for_what_was_done() -> None:
    plan = drawn_as("sev1-receipt", "plan", Table)
    done = [row for row in plan.rows if not row.open]
    assert done
    assert all("reference" in row.cells["result"].text for row in done if "result" in row.cells)


def test_drawings_are_no_content_and_change_no_hash() -> None:
    outcome, drawn, _ = played("bridge-scheduling")
    assert drawn
    whole = orjson.dumps([outcome["artifact"], outcome["releases"]]).decode()
    assert '"spans"' not in whole
    assert '"exhibits"' not in whole
