"""What the chat quotes: values with their labels, cells with their rows, sentences first, and each with its place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.answer_lists import View
from agents.answers import extract
from agents.quotes import Quote, quotes_of
from casefile.artifact import Artifact, Revision
from casefile.evidence import Evidence
from runtime.search import Hit
from tools.readers import read

SHA = "sha256:" + "0" * 64
SOURCES = {
    "sheet.csv": b"incident,region,affected users\nINC-1,EU,8\nINC-2,US,8.14\n",
    "pairs.csv": b"name,value\naffected users,8\nregion,EU\n",
    "ticket.json": b'{"affected_users": 8, "tags": ["eu", "sso"], "log": [{"type": "login", "at": "08:00"}]}',
    "note.txt": b"Eight affected users were counted in Bergen.\n",
}


def quotes(*places: tuple[str, str, str]) -> list[Quote]:
    """The quotes of hits at these places: file, locator, text."""
    at = datetime(2026, 4, 18, tzinfo=UTC)
    evidence = [
        Evidence(id=name.split(".")[0], file=name, system="s", sha256=SHA, size=1, arrived_at=at) for name in SOURCES
    ]
    readings = {item.id: read(SOURCES[item.file], item.file) for item in evidence}
    hits = [
        Hit(f"h{n}", name.split(".")[0], place, text, 1.0, ("bm25",)) for n, (name, place, text) in enumerate(places)
    ]
    return quotes_of(hits, evidence, readings, lambda text: text.replace("Bergen", "[place]"))


EIGHT = ("sheet.csv", "row=2,col=affected users", "8")


@pytest.mark.parametrize(
    ("place", "text", "cited"),
    [
        (EIGHT, "affected users: 8 (incident: INC-1, region: EU)", "8"),
        (("pairs.csv", "row=2,col=value", "8"), "affected users: 8", "8"),
        (("pairs.csv", "row=2,col=name", "affected users"), "affected users: 8", "8"),
        (("ticket.json", "/affected_users", "8"), "affected users: 8", "8"),
        (("ticket.json", "/log/0/at", "08:00"), "at: 08:00 (type: login)", "08:00"),
        (("ticket.json", "/tags/1", "sso"), "tags: sso", "sso"),
        (("note.txt", "line=1", "Eight affected users were counted."), "Eight affected users were counted.", None),
        (("note.txt", "line=1", "Counted in Bergen."), "Counted in [place].", ""),
    ],
)
def test_a_value_is_quoted_with_what_names_it(place: tuple[str, str, str], text: str, cited: str | None) -> None:
    (quote,) = quotes(place)
    assert quote.text == text
    assert quote.citation.quote == (text if cited is None else cited)


def test_a_row_is_told_once() -> None:
    told = quotes(EIGHT, ("sheet.csv", "row=2,col=region", "EU"), ("sheet.csv", "row=3,col=affected users", "8.14"))
    assert [quote.citation.locator for quote in told] == ["row=2,col=affected users", "row=3,col=affected users"]


def test_what_names_a_value_answers_the_question_and_sentences_come_first() -> None:
    nothing = Artifact(name="w", fields={}, sections=[], registers={})
    view = View(Revision(revision="r1", sha256=SHA, supersedes=[], artifact=nothing), [], {})
    line = ("note.txt", "line=1", "Eight affected users were counted.")
    reply = extract(view, "How many affected users?", quotes(EIGHT, line), 0.5)
    assert [line.text for line in reply.lines] == [
        "note: “Eight affected users were counted.”",
        "sheet: “affected users: 8 (incident: INC-1, region: EU)”",
    ]
    assert [cited.locator for line in reply.lines for cited in line.citations] == ["line=1", EIGHT[1]]
    vague = extract(view, "And otherwise?", quotes(EIGHT, line), 0.5)
    assert vague.paused
    assert vague.lines[0].text.startswith("note: “Eight")
