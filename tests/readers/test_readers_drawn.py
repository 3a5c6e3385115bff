"""Tables that are drawn with bars in Markdown: their rows are records, each cell cited by its line."""

from __future__ import annotations

import pytest
from reader_samples import mail

from agents.records import records
from guardrails.places import Places
from tools.readers import read
from tools.readers.limits import Limits
from tools.readers.text import read_text

ROSTER = b"""# Roster

| Reviewer ID | Name | Group |
|:---|:---:|---|
| r-1 | **Eva Dahl** | PSR |
| r-2 | Ole Lie | |

Done.
"""


def test_every_row_is_a_record_with_its_line() -> None:
    reading = read_text(ROSTER, "md", Limits())
    found = list(records(reading))
    assert [record.cells["reviewer id"].text for record in found] == ["r-1", "r-2"]
    assert "group" not in found[1].cells
    for record in found:
        for cell in record.cells.values():
            assert cell.text in (Places(reading).text_at(cell.locator) or "")


def test_a_table_without_outer_bars_needs_its_rule() -> None:
    ruled = read_text(b"id | state\n--- | ---\na | open\n", "md", Limits())
    assert [row.cells for table in ruled.drawn for row in table.rows] == [{"id": "a", "state": "open"}]
    assert not read_text(b"either this | or that\nand then | nothing\n", "md", Limits()).drawn


@pytest.mark.parametrize("kind", ["log"])
def test_bars_of_a_log_are_no_columns(kind: str) -> None:
    assert not read_text(ROSTER, kind, Limits()).drawn


def test_what_is_fenced_is_an_example_and_no_table() -> None:
    assert not read_text(b"```\n| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |\n```\n", "md", Limits()).drawn


def test_an_escaped_bar_is_part_of_its_cell() -> None:
    reading = read_text(b"| id | rule | owner |\n|---|---|---|\n| p1 | a \\| b | Ana |\n", "md", Limits())
    assert reading.drawn[0].rows[0].cells == {"id": "p1", "rule": "a \\| b", "owner": "Ana"}


def test_the_table_of_a_mail_is_read_from_its_own_words_and_cited_by_pointer() -> None:
    own = "See:\n\n| Name | E-mail |\n|---|---|\n| Odd Lien | odd@a.example |\n\n"
    body = own + "> | Name | E-mail |\n> |---|---|\n> | Old One | old@a.example |\n"
    reading = read(mail(body), "a.eml")
    found = list(records(reading))
    named = [record for record in found if "e mail" in record.cells]
    assert [record.cells["name"].text for record in named] == ["Odd Lien"]
    cell = named[0].cells["e mail"]
    assert cell.locator == "/parts/0/messages/0/lines/4"
    assert cell.text in (Places(reading).text_at(cell.locator) or "")
