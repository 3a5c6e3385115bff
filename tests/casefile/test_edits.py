"""Rejected edits never come back unmarked, whatever is proposed and in what order."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from casefile.artifact import Edit
from casefile.claims import Citation, Claim, Section
from casefile.edits import Decided, Verdict, apply, difference, fingerprint, placed, screen
from casefile.evidence import Evidence

AT = datetime(2026, 6, 3, tzinfo=UTC)
SHA = "sha256:" + "0" * 64


def _evidence(number: int) -> Evidence:
    return Evidence(id=f"s{number}", file="f.txt", system="x", sha256=SHA, size=1, arrived_at=AT)


def _edit(text: int, cited: int, style: int) -> Edit:
    words = f"statement number {text} of the draft"
    shown = [words, words.upper(), f"  {words}!", " ".join(reversed(words.split()))][style]
    cites = [Citation(evidence=f"s{cited}", locator="line=1", quote="x", sha256=SHA)]
    return Edit(id="", turn=0, target="summary/c1", before="", after=shown, citations=cites)


_TURN = st.tuples(
    st.sampled_from(["propose", "reject", "accept", "arrives"]), st.integers(0, 5), st.integers(0, 4), st.integers(0, 3)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_TURN, min_size=200, max_size=200))
def test_rejected_edits_never_come_back_unmarked_over_200_turns(turns: list[tuple[str, int, int, int]]) -> None:
    ledger = [_evidence(0)]
    rejected: dict[str, Decided] = {}
    open_: dict[str, Edit] = {}
    number = 0
    for turn, (what, text, cited, style) in enumerate(turns):
        if what == "arrives":
            ledger.append(_evidence(len(ledger)))
        elif what == "propose":
            edit = _edit(text, min(cited, len(ledger) - 1), style)
            known = fingerprint(edit)
            kept = screen([edit], rejected, ledger, map(placed, open_.values())).kept
            for one in kept:
                number += 1
                if known in rejected:
                    before = rejected[known]
                    assert one.repeats == before.edit.id
                    assert one.new_evidence
                    late = {item.id for item in ledger[before.verdict.ledger :]}
                    assert set(one.new_evidence) <= late
                open_[known] = one.model_copy(update={"id": f"e{number}"})
        elif open_:
            known, edit = sorted(open_.items())[text % len(open_)]
            del open_[known]
            rejected.pop(known, None)
            if what == "reject":
                given_ = {"edit": edit.id, "state": "rejected", "by": "u", "reason": "", "turn": turn}
                rejected[known] = Decided(edit=edit, verdict=Verdict.model_validate({**given_, "ledger": len(ledger)}))


def test_an_accepted_edit_is_marked_as_approved_by_the_person() -> None:
    claim = Claim(id="c1", text="old", status="unverified", author="agent:drafting")
    edit = Edit(id="e1", turn=1, target="s/c1", before="old", after="new")
    done = apply([Section(id="s", title="S", claims=[claim])], [edit], "u-lead")
    assert [c.text for c in done.sections[0].claims] == ["new"]
    assert done.sections[0].claims[0].mark == "human-approved"


def test_an_edit_of_a_text_that_moved_on_is_stale() -> None:
    claim = Claim(id="c1", text="newer", status="unverified", author="agent:drafting")
    edit = Edit(id="e1", turn=1, target="s/c1", before="old", after="new")
    done = apply([Section(id="s", title="S", claims=[claim])], [edit], "u-lead")
    assert done.stale == [edit]
    assert done.sections[0].claims[0].text == "newer"


def test_the_same_words_are_proposed_in_each_section_once() -> None:
    fact = _edit(1, 0, 0)
    update = fact.model_copy(update={"target": "customer_facts/c1"})
    assert screen([fact, update, fact], {}, [_evidence(0)], []).kept == [fact, update]
    assert screen([fact, update], {}, [_evidence(0)], [placed(fact)]).kept == [update]


def test_a_statement_without_a_record_goes_when_it_is_no_longer_drafted() -> None:
    absent = Claim(id="absent", text="The log was not available.", status="missing", author="agent:drafting")
    words = Claim(id="own", text="Ours.", status="held", author="person:u-lead")
    standing = Section(id="facts", title="F", claims=[absent, words])
    edits = difference([standing], [Section(id="facts", title="F", claims=[])], frozenset({"facts"}))
    assert [(edit.target, edit.after) for edit in edits] == [("facts/absent", "")]
