"""Matrices as a desk writes them: ceilings of two clauses, actions with a rule alone, papers with a review date."""

from __future__ import annotations

import re
from typing import cast

import pytest

from agents.authority_matrix import Matrix, _row, _with_values
from agents.case_view import CaseView
from agents.matrix_head import _period
from agents.matrix_row import CLASS, RULE_ID, MatrixRow
from agents.option_ground import Ground
from agents.option_permission import _said
from agents.option_spec import RankingSpec, spec_of
from agents.option_uses import _below
from agents.records import Cell, Record, label_of
from casefile.evidence import Evidence, Reading
from graphs import catalogue
from tools.readers import read

ITEM = Evidence.model_construct(id="m", file="m.md", system="authority_matrix", sha256="sha256:" + "0" * 64)


@pytest.fixture(scope="module")
def spec() -> RankingSpec:
    return spec_of(catalogue.scenario("telemetry-options"))


def _of(spec: RankingSpec, **cells: str) -> MatrixRow:
    record = Record({label_of(name): Cell(text, f"/{name}", name) for name, text in cells.items()})
    return MatrixRow(ITEM, record, spec.matrix.columns)


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("1 March 2026 to 31 August 2026", "2026-03-01", "2026-08-31"),
        ("2026-03-01 - 2026-08-31", "2026-03-01", "2026-08-31"),
        ("20 May 2026, next review 20 May 2027", "2026-05-20", ""),
        ("2026-05-20 (review due 2027-05-20)", "2026-05-20", ""),
        ("20 May 2026", "2026-05-20", ""),
        ("until further notice", "", ""),
    ],
)
def test_a_period_has_two_days_and_a_review_is_none(value: str, first: str, last: str) -> None:
    assert [f"{one.at:%Y-%m-%d}" if one is not None else "" for one in _period(value)] == [first, last]


def test_each_clause_of_a_ceiling_is_a_limit_of_its_own(spec: RankingSpec) -> None:
    row = _of(spec, code="Z-1", ceiling="18 hours a time; the logs are kept 20 days at most")
    told = [(one.text("limit"), one.text("value")) for one in _with_values(row)]
    assert told == [("18 hours a time", "18 hours"), ("the logs are kept 20 days at most", "20 days")]
    cap = spec.limits["retention_cap"]
    matrix = Matrix(limits=_with_values(row))
    found = matrix.limit(cap)
    assert found is not None
    assert found.text("value") == "20 days"


def test_an_action_with_a_rule_is_one_whatever_its_columns_are_called(spec: RankingSpec) -> None:
    matrix = Matrix()
    _row(_of(spec, what_comes_in="Dump of a production database", here="-", code="ZP-22"), spec, matrix)
    _row(_of(spec, what_comes_in="Verbose logging", here="yes", code="ZP-1"), spec, matrix)
    _row(_of(spec, what_comes_in="Dump of a production database", here="-"), spec, matrix)
    assert [one.text("type") for one in matrix.types] == ["Dump of a production database"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no transfer out of the region takes place", ""),
        ("no further restrictions", ""),
        ("no", "not allowed"),
        ("no, where the statement lists names of patients", "not allowed"),
        ("no transfer out of the region", "not allowed"),
        ("no logging", "not allowed"),
    ],
)
def test_a_no_that_only_tells_forbids_nothing(text: str, said: str) -> None:
    assert _said(Cell(text, "line=1")) == said


@pytest.mark.parametrize("text", ["WX-CH-1 says no", "see (WX-CH-1)"])
def test_a_rule_of_three_parts_is_named_whole(text: str) -> None:
    assert [one[0] for one in RULE_ID.finditer(text)] == ["WX-CH-1"]


def test_what_is_reserved_is_for_others_and_not_what_is_for_the_desk() -> None:
    assert CLASS.search("reserved for security")
    assert not CLASS.search("reserved for the desk")


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ("dedicated, pod 7, no shared component", True, False),
        ("dedicated compute, shared pipeline", True, True),
        ("shared pool 3", False, True),
    ],
)
def test_a_scope_with_nothing_shared_is_not_shared(spec: RankingSpec, text: str, good: bool, bad: bool) -> None:
    test = spec.test("scope_single")
    assert any(re.search(one, text) for one in test.good) is good
    assert any(re.search(one, text) for one in test.bad) is bad


@pytest.mark.parametrize("text", ["not suitable for collection", "unsuitable", "insufficient", "not acceptable"])
def test_a_review_that_says_no_is_not_complete(spec: RankingSpec, text: str) -> None:
    assert any(re.search(one, text) for one in spec.test("privacy_done").bad)


def test_what_an_option_rests_on_is_a_condition(spec: RankingSpec) -> None:
    row = _of(spec, name="Upload window", rests_on="statement of the tenant")
    assert [one.text for one in row.conditions()] == ["statement of the tenant"]


class _View:
    def __init__(self, reading: Reading) -> None:
        self._reading, self._kept = reading, dict[str, object]()

    def readings(self, _item: str) -> Reading:
        return self._reading

    def once(self, what: str, _item: Evidence, work: object) -> object:
        return self._kept.setdefault(what, work()) if callable(work) else None


def test_a_list_of_approved_artifacts_stands_under_its_title(spec: RankingSpec) -> None:
    text = (
        "# Rules\n\n## Uploads\n\nApproved file types:\n\n- trace of a browser\n- clock report\n\n## Others\n\n- none\n"
    )
    view = cast(CaseView, _View(read(text.encode(), "m.md")))
    ground = cast(Ground, type("G", (), {"view": view})())
    below = [one.value for one in _below(ground, spec.test("artifacts_listed"), ITEM)]
    assert below == ["trace of a browser", "clock report"]


@pytest.mark.parametrize(
    ("cells", "keys"),
    [
        ({"name": "One-time upload", "ref": "L2", "exposure": "low"}, ["L2"]),
        ({"name": "One-time upload", "who": "the duty lead", "class": "P1"}, []),
        ({"name": "One-time upload", "who": "the duty lead", "rule": "DSA-14"}, ["DSA-14"]),
    ],
)
def test_a_short_code_names_a_row_at_its_head_only(spec: RankingSpec, cells: dict[str, str], keys: list[str]) -> None:
    assert _of(spec, **cells).keys == keys
