"""What a matrix and a policy say in other forms than a table for each: heads, answers, lines, headings, sentences."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest

from agents.case_view import CaseView
from agents.matrix_lines import told_in_lines
from agents.matrix_row import MatrixRow, placed
from agents.option_asks import blocks, joined
from agents.option_spec import RankingSpec, spec_of
from agents.records import Cell, Record, label_of, records
from agents.sections import Sections
from casefile.evidence import Evidence, Reading
from graphs import catalogue
from guardrails.plain_text import folded
from tools.readers import line_spans, read

ITEM = Evidence.model_construct(id="m", file="m.md", system="authority_matrix", sha256="sha256:" + "0" * 64)
SHEET = """option,name,needs fresh scope evidence,needs retention input,rule
option 1,verbose logging extension,yes,yes,AM-O1
option 2,secure upload window,no,no,AM-O2
option 3,standard path,no,no,AM-O3
"""
SECTIONS = """# Authority matrix AM-3

## Menu
### Option 1: verbose logging extension (AM-O1)
- Data exposure: medium
- Needs: fresh scope evidence
### Secure upload window (AM-O2)
- Data exposure: low

## Limits
- AM-L1 retention of artifacts: 30 days

## Escalation only
- AM-E1 broader packet capture
"""
NUMBERED = """AUTHORITY MATRIX
1. MENU
  AM-O1  Option 1: verbose logging extension; limit: 24 hours; data exposure: medium
2. LIMITS
  AM-L1  retention of artifacts: 30 days
3. NOT DELEGATED
  AM-E1  broader packet capture (escalation-only)
  AM-B1  cross-tenant capture (blocked)
"""


@dataclass
class _View:
    reading: Reading

    def readings(self, _item: str) -> Reading:
        return self.reading

    def once(self, _what: str, _item: Evidence, work: Callable[[], Any]) -> Any:
        return work()


@pytest.fixture(scope="module")
def spec() -> RankingSpec:
    return spec_of(catalogue.scenario("telemetry-options"))


def _row(spec: RankingSpec, **cells: str) -> MatrixRow:
    found = {label_of(name): Cell(text, f"/rows/0/{name}") for name, text in cells.items()}
    return MatrixRow(ITEM, Record(found), spec.matrix.columns)


def _lines(spec: RankingSpec, text: str, file: str) -> list[dict[str, str]]:
    view = cast(CaseView, _View(read(text.encode(), file)))
    return [{name: cell.text for name, cell in row.record.cells.items()} for row in told_in_lines(view, ITEM, spec)]


def test_a_row_of_two_noes_heads_no_table(spec: RankingSpec) -> None:
    heads = frozenset(label_of(name) for names in spec.matrix.columns.values() for name in names)
    found = [one.cells["name"].text for one in records(read(SHEET.encode(), "m.csv"), heads)]
    assert found == ["verbose logging extension", "secure upload window", "standard path"]


def test_a_head_inside_a_sheet_keeps_columns_that_no_role_knows(spec: RankingSpec) -> None:
    heads = frozenset(label_of(name) for names in spec.matrix.columns.values() for name in names)
    text = "limit,value,rule\nretention,30 days,AM-L1\noption,name,colour\nOption 1,verbose logging,red\n"
    assert [
        one.cells["colour"].text for one in records(read(text.encode(), "m.csv"), heads) if "colour" in one.cells
    ] == ["red"]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"needs_fresh_scope_evidence": "yes", "needs_retention_input": "no"}, ["needs fresh scope evidence"]),
        ({"needs_fresh_scope_evidence": "no", "condition": "none"}, []),
        ({"requires": "fresh scope evidence; a signature", "needs_x": "—"}, ["fresh scope evidence", "a signature"]),
    ],
)
def test_a_yes_makes_the_head_a_condition_and_a_no_makes_none(
    spec: RankingSpec, cells: dict[str, str], said: list[str]
) -> None:
    assert [one.text for one in _row(spec, **cells).conditions()] == said


def test_lines_under_headings_are_options_limits_and_actions(spec: RankingSpec) -> None:
    assert _lines(spec, SECTIONS, "m.md") == [
        {
            "option": "Option 1",
            "name": "verbose logging extension",
            "rule": "AM-O1",
            "data exposure": "medium",
            "needs": "fresh scope evidence",
        },
        {"name": "Secure upload window", "rule": "AM-O2", "data exposure": "low"},
        {"limit": "retention of artifacts", "value": "30 days", "rule": "AM-L1"},
        {"type": "broader packet capture", "rule": "AM-E1", "class": "Escalation only"},
    ]


def test_numbered_lines_are_options_limits_and_actions(spec: RankingSpec) -> None:
    found = _lines(spec, NUMBERED, "m.txt")
    assert found[0]["limit"] == "24 hours"
    assert [one.get("class") for one in found[2:]] == ["escalation-only", "blocked"]
    assert [one["rule"] for one in found] == ["AM-O1", "AM-L1", "AM-E1", "AM-B1"]


@pytest.mark.parametrize(
    ("cells", "above", "roles"),
    [
        ({"rule": "AM-B1", "kind": "blocked", "name": "cross-tenant capture"}, [], {"type", "class"}),
        ({"rule": "AM-B1", "request": "cross-tenant capture"}, ["blocked"], {"class", "type"}),
        ({"kind": "limit", "name": "verbose logging extension", "value": "24 hours"}, [], {"limit"}),
        ({"value": "24 hours", "name": "verbose logging extension"}, ["menu"], set()),
        ({"value": "30 days"}, ["limits", "retention of artifacts"], {"limit"}),
        ({"limit": "retention", "value": "30 days"}, ["limits", "AM-L3"], {"rule"}),
        ({"option": "1", "name": "verbose logging extension", "value": "24 hours"}, ["limits"], set()),
    ],
)
def test_the_place_of_a_row_tells_its_roles(
    spec: RankingSpec, cells: dict[str, str], above: list[str], roles: set[str]
) -> None:
    row = _row(spec, **cells)
    assert set(placed(row, above, spec.menu).record.cells) - set(row.record.cells) == roles


def test_a_line_stands_under_its_headings_and_not_under_the_title() -> None:
    reading = read(b"# Policy\n\n## Regions\n### ch-central\n- upload: no\n\nRetention\n- kept 30 days\n", "p.md")
    under = Sections(reading)
    assert [one.text for one in under.above("line=5")] == ["Regions", "ch-central"]
    assert [one.text for one in Sections(read(b"{}", "p.json")).above("/regions/ch-central/upload/allowed")] == [
        "regions",
        "ch-central",
        "upload",
    ]


def test_a_comment_of_several_lines_is_a_list_and_a_row_is_read_from_its_first_text_on() -> None:
    table = read(b"no,wish,detail\n1,packet capture,25 hours\n", "w.csv")
    assert [joined(block)[1] for block in blocks(table.spans)] == ["packet capture 25 hours "]
    told = read(b"We ask for:\n- an upload\n- a snapshot\n", "w.txt")
    assert [len(block) for block in blocks(line_spans(told))] == [3]


@pytest.mark.parametrize(
    ("words", "idle"),
    [
        ("Before we agree to the next step we want you to see more than last time.", True),
        ("so please send your answer before Thursday noon", True),
        ("Could you tell me who will be our contact next week?", True),
        ("Bitte geben Sie mir bis Donnerstag Bescheid.", True),
        ("Pourriez-vous me répondre avant vendredi ?", True),
        ("we want you to see the traffic of the other nodes", False),
        ("please tell us when the memory dump is ready", False),
        ("We want you to replay last week's sign-ins", False),
        ("We expect a written apology signed by your whole board", False),
        ("Please keep the artifacts until we call back", False),
    ],
)
def test_what_asks_for_an_answer_is_no_request_for_anything(spec: RankingSpec, words: str, idle: bool) -> None:
    said = folded(words)
    assert (bool(re.search(spec.idle, said)) and not re.search(spec.concerns, said)) == idle
