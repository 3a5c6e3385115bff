"""R3 for statements and fields: what no quote carries is unverified, and looks so."""

from __future__ import annotations

from agents.material import Findings
from agents.verification import standing_sections, verify_citations
from casefile.claims import Citation, Claim, FieldValue, Normalization, Section, Status
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


def test_a_formula_stands_with_every_place_that_it_counts_with() -> None:
    step = Normalization.model_validate({"rule": "formula", "from": "[1] + [2]", "to": "18", "lossy": False})
    good, bad = _cited("line=2", "06:12"), _cited("line=2", "06:13")
    findings = Findings()
    for name, cites in {"both": [good, good], "one": [good, bad], "none": [bad, bad]}.items():
        findings.fields[name] = FieldValue(
            title=name, value="18", status="confirmed", confidence=99, citations=cites, normalization=[step]
        )
    verify_citations(findings, LOG)
    told = {name: (one.status, len(one.citations), len(one.normalization)) for name, one in findings.fields.items()}
    assert told == {"both": ("confirmed", 2, 1), "one": ("unverified", 1, 0), "none": ("unverified", 0, 0)}
