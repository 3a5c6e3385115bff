"""The sieve: what agents state gets nowhere with a secret in it, whichever agent stated it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from casefile.claims import Citation, Claim, FieldValue, Normalization, Section
from casefile.exhibits import Shown
from casefile.registers import BlockedRequest, Contradiction, ExceptionItem, Hold, Objection, OpenQuestion, Side
from guardrails.sieve import secret_free

SECRET = "AKIAQ7RT2MLP4XKD9WZC"
SAID = f"the key is {SECRET} here"
HIDDEN = "the key is ▓▓▓▓ here"
ROOT = Path(__file__).parents[2]


def cited(quote: str, locator: str = "line=3") -> Citation:
    return Citation(evidence="E1", locator=locator, quote=quote, sha256="sha256:00")


@pytest.mark.parametrize(
    "stated",
    [
        FieldValue(value=SAID, raw=SAID, note=SAID, status="unverified"),
        FieldValue(value=[SAID], status="unverified"),
        FieldValue(value=[{"key": SAID, "count": 2}], status="unverified"),
        FieldValue(
            normalization=[Normalization.model_validate({"rule": "r", "from": SAID, "to": SAID})], status="held"
        ),
        Section(id="s", title=SAID, claims=[Claim(id="c", text=SAID, status="unverified", author="agent:drafting")]),
        Contradiction(key="k", about=SAID, sides=[Side(value=SAID, citations=[cited(SAID)])], rule=SAID),
        Hold(key="k", kind="x", trigger="t", effect="e", about=SAID, detail=SAID),
        Objection(key="k", kind="agent", by="agent:objections", to=SAID, text=SAID, citations=[cited(SAID)]),
        OpenQuestion(key=SAID, about="a", question=SAID),
        BlockedRequest(key=SAID, evidence="E1", locator=f"/{SAID}", quote=SAID, asks_for=SAID, effect=SAID),
        ExceptionItem(key="k", kind="x", about=SAID, reason=SAID),
        Shown(text=SAID, citations=[cited("plain", f"/headers/{SAID}")]),
    ],
    ids=lambda one: type(one).__name__,
)
def test_no_text_of_what_is_stated_keeps_a_secret(stated):
    kept = secret_free(stated)
    assert SECRET in repr(stated)
    assert SECRET not in repr(kept)


def test_what_stands_around_a_secret_is_kept():
    assert secret_free(ExceptionItem(key="k", kind="x", about="E1", reason=SAID)).reason == HIDDEN


def test_a_place_that_shows_a_secret_is_not_cited_and_others_are():
    plain = cited("severity 1")
    kept = secret_free(FieldValue(value="1", status="confirmed", citations=[cited(SAID), plain]))
    assert kept.citations == [plain]
    assert kept.status == "confirmed"


def test_what_only_such_places_confirmed_is_unverified():
    kept = secret_free(
        Claim(id="c", text="a key stands in the log", status="confirmed", author="a", citations=[cited(SAID)])
    )
    assert kept.citations == []
    assert kept.status == "unverified"


def test_what_has_no_secret_is_the_same_object():
    claim = Claim(id="c", text="The gateway failed.", status="confirmed", author="a", citations=[cited("failed")])
    stated = Section(id="s", title="Facts", claims=[claim])
    again = Section.model_validate_json(stated.model_dump_json())
    assert secret_free(stated) is stated
    assert secret_free(again) is again


def test_nothing_becomes_a_register_item_or_an_artifact_past_the_sieve():
    """The graphs put registers and artifacts together in one module, which sieves."""
    past = []
    for path in sorted((ROOT / "graphs").rglob("*.py")):
        if path.name == "stating.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module in ("casefile.registers", "casefile.artifact"):
                past += [f"{path.name}: {one.name}" for one in node.names if one.name in ("merge", "compose")]
    assert past == []
