"""R3 for the statements of sections: what no quote carries is unverified, and looks so."""

from __future__ import annotations

from agents.verification import standing_sections
from casefile.claims import Citation, Claim, Section, Status
from casefile.evidence import Reading

LOG = {"log": Reading("log", lines=["one", "two at 06:12", "three"])}


def _cited(locator: str, quote: str, evidence: str = "log") -> Citation:
    return Citation(evidence=evidence, locator=locator, quote=quote, sha256="sha256:" + "0" * 64)


def _after(status: Status, *citations: Citation) -> Claim:
    claim = Claim(id="c", text="It was at 06:12.", status=status, author="agent:drafting", citations=list(citations))
    return standing_sections([Section(id="s", title="S", claims=[claim])], LOG)[0].claims[0]


def test_a_quote_that_stands_keeps_its_statement() -> None:
    assert _after("confirmed", _cited("line=2", "06:12")).status == "confirmed"


def test_what_no_standing_quote_carries_is_unverified() -> None:
    for wrong in (_cited("line=2", "06:13"), _cited("line=9", "06:12"), _cited("line=2", "06:12", "nowhere")):
        found = _after("confirmed", wrong)
        assert (found.status, found.citations) == ("unverified", [])
    assert _after("confirmed").status == "unverified"


def test_a_quote_that_does_not_stand_goes_and_the_other_carries() -> None:
    found = _after("confirmed", _cited("line=2", "06:13"), _cited("line=2", "06:12"))
    assert (found.status, [one.quote for one in found.citations]) == ("confirmed", ["06:12"])


def test_what_is_held_keeps_the_place_whose_words_are_not_shown() -> None:
    assert _after("held", _cited("line=2", "")).citations
