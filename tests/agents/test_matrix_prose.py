"""A matrix that tells of its options in paragraphs, lists, or columns of its own names, and what binds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest

from agents.case_view import CaseView
from agents.matrix_head import of_another
from agents.matrix_prose import bindings, limits_in_prose, menu_in_prose
from agents.matrix_row import CLASS, RULE_ID, binds
from agents.matrix_tables import menus
from agents.option_ground import names_of
from agents.option_spec import RankingSpec, spec_of
from agents.quantities import duration_in
from agents.records import label_of
from casefile.evidence import Evidence, Reading
from graphs import catalogue
from tools.readers import read

ITEM = Evidence.model_construct(id="m", file="m.md", system="authority_matrix", sha256="sha256:" + "0" * 64)
LETTER = """# Delegation letter

## What the desk may grant

The desk may take one of these paths, and no other.

Path DL-LOG is the verbose logging extension, at most twelve hours. Data exposure: medium. It may be offered only where
the log retention is known and ten days or less (rule DL4.1).

Path DL-UP is the upload window. It is open for a day. Data exposure: low (rule DL4.2).

Path DL-GO is to go on with the standard collection. It adds no data exposure (rule DL4.3).

## Other rules

DL-UP is not to be used on bank holidays. No path may be used while a breach is being handled.
Retention of logs above forty-five days is never granted here (rule DL7/2).
"""
LIST = """The manager may accept:
  A-LOG  verbose logging extension, up to 6 hours.  Data exposure medium.
         Closed as soon as a second tenant is seen. (rule A3.1)
  A-UP   upload window, single use.  Data exposure low. (rule A3.2)
Standard rounds are counted by the desk.
"""
ACROSS = """,First,Second
Accommodation,Verbose logging,Upload window
Code,ZZ-1,ZZ-2
Exposure,medium,low
Bound to,tenancy evidence of the week,none
"""
DOWN = """Code,What we may do,Exposure,Remarks
ZZ-1,Verbose logging,medium,paused since the audit
ZZ-2,Upload window,low,
"""
NO_MENU = """Ceiling,Figure
Hours of verbose logging,24
Length of an upload window,24
"""
BY_PLACE = """Region,Verbose logging,Upload window,Exposure
Chile,yes,no,low
"""
LOG = """when,what,exposure
2026-01-02,verbose logging,low
2026-02-02,upload window,low
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


def _view(text: str, file: str) -> CaseView:
    return cast(CaseView, _View(read(text.encode(), file)))


def test_a_paragraph_for_each_option_is_a_menu(spec: RankingSpec) -> None:
    found = menu_in_prose(_view(LETTER, "m.md"), ITEM, spec)
    assert {name: row.text("rule") for name, row in found.items()} == {
        "option 1": "DL4.1",
        "option 2": "DL4.2",
        "option 3": "DL4.3",
    }
    log = found["option 1"]
    assert (log.text("exposure"), log.record.cells["duration"].text) == ("medium", "twelve hours")
    assert [one.text for one in log.said] == [
        "It may be offered only where the log retention is known and ten days or less (rule DL4.1)."
    ]
    assert not found["option 3"].said
    assert log.keys == ["DL4.1", "DL-LOG"]


def test_an_item_of_a_list_goes_on_in_the_lines_set_in_under_it(spec: RankingSpec) -> None:
    found = menu_in_prose(_view(LIST, "m.txt"), ITEM, spec)
    assert sorted(found) == ["option 1", "option 2"]
    assert [one.text for one in found["option 1"].conditions()] == ["Closed as soon as a second tenant is seen."]
    assert found["option 1"].text("rule") == "A3.1"


def test_what_binds_an_option_elsewhere_binds_it(spec: RankingSpec) -> None:
    view = _view(LETTER, "m.md")
    said = [(option, one.text) for option, one in bindings(view, ITEM, spec, menu_in_prose(view, ITEM, spec))]
    assert ("option 2", "DL-UP is not to be used on bank holidays.") in said
    assert [option for option, text in said if "breach" in text] == ["option 1", "option 2", "option 3"]


def test_a_sentence_sets_a_limit_with_its_rule(spec: RankingSpec) -> None:
    found = [row for row in limits_in_prose(_view(LETTER, "m.md"), ITEM, spec) if "etention of" in row.text("limit")]
    assert [(row.text("value"), row.text("rule")) for row in found] == [("forty-five days", "DL7/2")]


def test_what_only_speaks_of_options_is_no_menu(spec: RankingSpec) -> None:
    text = "Notes on the paths.\n\nVerbose logging holds names.\n\nThe upload window was new in spring.\n"
    assert not menu_in_prose(_view(text, "m.md"), ITEM, spec)


@pytest.mark.parametrize("text", [ACROSS, DOWN])
def test_an_option_a_column_or_a_row_under_whatever_names(spec: RankingSpec, text: str) -> None:
    found = dict(menus(_view(text, "m.csv"), ITEM, spec))
    assert list(found) == ["option 1", "option 2"]
    assert [row.text("name") or row.text("option") for row in found.values()] in (
        ["ZZ-1", "ZZ-2"],
        ["Verbose logging", "Upload window"],
    )
    assert [row.text("exposure") for row in found.values()] == ["medium", "low"]
    assert [len(row.conditions()) for row in found.values()] == [1, 0]
    assert found["option 2"].keys == ["ZZ-2"]


@pytest.mark.parametrize("text", [NO_MENU, BY_PLACE, LOG])
def test_a_table_of_limits_of_places_or_of_events_is_no_menu(spec: RankingSpec, text: str) -> None:
    assert not list(menus(_view(text, "m.csv"), ITEM, spec))


@pytest.mark.parametrize(
    ("text", "version", "another"),
    [
        ("DL-7 was approved by Ada", "DL-8", True),
        ("DL-8 was approved by Ada, after DL-7", "DL-8", False),
        ("approved by Ada on 2 May 2026", "DL-8", False),
        ("edition 3 approved by Ada", "4", True),
        ("approved by Ada on 3 May", "4", False),
    ],
)
def test_an_approval_of_another_version_is_none_of_this_one(text: str, version: str, another: bool) -> None:
    assert of_another(text, version) is another


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("see DL4.1 and DL-12/E1", ["DL4.1", "DL-12/E1"]),
        ("by CP-31-SE.", ["CP-31-SE"]),
        ("ZR14-21", ["ZR14-21"]),
        ("in Q1/2026 on 2026-01-02", []),
    ],
)
def test_a_rule_is_known_by_its_form(text: str, rules: list[str]) -> None:
    assert [found[0] for found in RULE_ID.finditer(text)] == rules


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("closes after twenty-four hours", False),
        ("goes on with the evidence-collection path", False),
        ("only with consent of the customer", True),
        ("suspended since May", True),
    ],
)
def test_what_binds_an_option_is_told_by_its_words(text: str, bound: bool) -> None:
    assert binds(text) is bound


@pytest.mark.parametrize(
    "text", ["Higher approval only", "never_local", "Barred", "must not be granted: never granted"]
)
def test_an_action_is_treated_by_many_words(text: str) -> None:
    assert CLASS.search(label_of(text))


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("Sweden (SE)", ["Sweden (SE)", "SE", "Sweden"]),
        ("CZ-H Czech health data", ["CZ-H Czech health data", "CZ-H", "Czech health data"]),
        ("eu-west-1", ["eu-west-1"]),
    ],
)
def test_a_place_has_a_code_and_a_name(value: str, names: list[str]) -> None:
    assert names_of(value) == names


def test_a_sheet_that_begins_with_a_name_and_a_code_is_a_form() -> None:
    text = "Edition,DL-8,,\nValid,2026-05-01,to,2026-11-01\nOwner,Support,,\nSigned by,Ada Lund,,\n"
    spans = {span.label: span.value for span in read(text.encode(), "m.csv").spans if span.locator.endswith("col=B")}
    assert (spans["Edition"], spans["Signed by"]) == ("DL-8", "Ada Lund")


def test_any_number_of_two_words_is_read() -> None:
    assert duration_in("forty-five days") == (45, 1440)
