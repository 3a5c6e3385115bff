"""What changed since a revision: every difference in content is told, and only differences are."""

from __future__ import annotations

from typing import Any

import pytest

from agents.answer_lists import View
from agents.answers import answer
from agents.revision_changes import changes
from casefile.artifact import Artifact, Revision
from casefile.claims import Citation, Claim, FieldValue, Section

SHA = "sha256:" + "0" * 64
CITED = [Citation(evidence="idp", locator="/user/state", quote="ACTIVE", sha256=SHA)]


def revision(name: str, **other: Any) -> Revision:
    """A revision with one value, one statement and one open question, or other ones."""
    value = FieldValue(title="Identity status", value="DEACTIVATED", status="confirmed", citations=CITED)
    claim = Claim(id="c1", text="The account is gone.", status="confirmed", author="agent:drafting")
    question = {"id": "q1", "key": "k", "state": "open", "question": "Who used it?", "about": "t"}
    parts: dict[str, Any] = {"fields": {"identity_status": value}, "claims": [claim], "questions": [question], **other}
    sections = [Section(id="summary", title="Summary", claims=parts["claims"])]
    artifact = Artifact(
        name="w", fields=parts["fields"], sections=sections, registers={"open_questions": parts["questions"]}
    )
    return Revision(revision=name, sha256=SHA, supersedes=[], artifact=artifact)


def told(**other: Any) -> list[str]:
    return [text for text, _, _ in changes(revision("r1"), revision("r2", **other))]


def _claim(**other: Any) -> list[Claim]:
    given = {"id": "c1", "text": "The account is gone.", "status": "confirmed", "author": "agent:drafting", **other}
    return [Claim.model_validate(given)]


def _question(**other: Any) -> dict[str, Any]:
    return {"id": "q1", "key": "k", "state": "open", "question": "Who used it?", "about": "t", **other}


ACTIVE = FieldValue(title="Identity status", value="ACTIVE", status="conflicting", citations=CITED)
TABLE: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({}, []),
    "a value": (
        {"fields": {"identity_status": ACTIVE}},
        ["since r1, Identity status: DEACTIVATED [confirmed] → ACTIVE [conflicting]"],
    ),
    "a value that is gone": ({"fields": {}}, ["since r1, Identity status: DEACTIVATED [confirmed] → nothing"]),
    "the words of a statement": (
        {"claims": _claim(text="It is off.")},
        ["since r1, summary: “The account is gone.” → “It is off.”"],
    ),
    "its standing": (
        {"claims": _claim(status="unverified")},
        ["since r1, summary: The account is gone. [confirmed → unverified]"],
    ),
    "another statement": (
        {"claims": _claim(id="c2", text="New.")},
        ["since r1, new in summary: New.", "since r1, gone from summary: The account is gone."],
    ),
    "a question that is closed": (
        {"questions": [_question(state="closed")]},
        ["since r1, open questions: q1 Who used it? [open → closed]"],
    ),
    "a question more": (
        {"questions": [_question(), _question(id="q2", question="And who else?")]},
        ["since r1, open questions: q2 And who else? [new, open]"],
    ),
}


@pytest.mark.parametrize("what", TABLE)
def test_every_difference_is_told_and_nothing_else(what: str) -> None:
    other, expected = TABLE[what]
    assert told(**other) == expected


def test_a_question_in_the_chat_is_answered_with_it_and_its_evidence() -> None:
    now = revision("r2", fields={"identity_status": ACTIVE})
    view = View(now, [revision("r1"), now], {})
    reply = answer(view, "What changed since r1?", [], 0.7, alone=True)
    assert [line.text for line in reply.lines] == TABLE["a value"][1]
    assert reply.lines[0].citations == tuple(CITED)
    assert reply.note == "from the case file"
