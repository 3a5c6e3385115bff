"""What was not used, and why: every exception that stands is told, also one that waits for nobody."""

from __future__ import annotations

import pytest

from agents.answer_lists import View
from agents.answers import answer
from casefile.artifact import Artifact, Revision
from casefile.registers import ExceptionItem, State

SHA = "sha256:" + "0" * 64


@pytest.mark.parametrize(("state", "told"), [("open", True), ("noted", True), ("closed", False)])
def test_an_exception_that_stands_is_told(state: State, told: bool) -> None:
    revision = Revision(
        revision="r1", sha256=SHA, supersedes=[], artifact=Artifact(name="w", fields={}, sections=[], registers={})
    )
    reason = "precedents: P-71 is of another tier"
    item = ExceptionItem(key="k", id="x1", kind="other", about="precedents", reason=reason, state=state)
    view = View(revision, [revision], {"exceptions": [item]})
    said = answer(view, "What was not used, and why?", [], 0.5, alone=True)
    assert [line.text for line in said.lines] == (["x1 precedents: P-71 is of another tier"] if told else [])
