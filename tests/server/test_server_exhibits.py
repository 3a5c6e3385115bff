"""Exhibits as the server shows them: only to whom all that feeds them is shown, with the statuses of the document."""

from __future__ import annotations

from casefile.artifact import Artifact, Revision
from casefile.claims import Citation, Claim, Section
from casefile.exhibits import Column, ExhibitSpec, Shown, Table, TableRow
from casefile.views import View
from guardrails.secrets import MASK
from server.models.exhibits import ExhibitView
from server.views.exhibits import shown_as
from server.views.mask import ALL, Mask

SECRET = "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYXNlIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
CITED = Citation(evidence="log", locator="line=1", quote=f"token {SECRET}", sha256="sha256:0")
SPEC = ExhibitSpec(name="plan", kind="table", title="Plan", sections=["plan"], fields=[])


def revision() -> Revision:
    """A document with one statement that is drawn and one that is not."""
    plan = Section(id="plan", title="Plan", claims=[claim("step", "conflicting")])
    notes = Section(id="notes", title="Notes", claims=[claim("hidden", "confirmed")])
    artifact = Artifact(name="a", fields={}, sections=[plan, notes], registers={})
    return Revision(revision="r1", sha256="sha256:1", supersedes=[], artifact=artifact)


def claim(name: str, status: str) -> Claim:
    return Claim.model_validate({"id": name, "text": name, "status": status, "author": "agent:drafting"})


def table(*cells: Shown) -> Table:
    rows = [TableRow(id=f"row-{n}", cells={"one": one}) for n, one in enumerate(cells)]
    return Table(columns=[Column(id="one", title="One")], rows=rows)


def seen(drawn: Table | None, view: View = ALL) -> ExhibitView:
    return shown_as(SPEC, revision(), drawn, Mask("annex", view))


def test_a_drawing_never_looks_more_proven_than_the_document() -> None:
    found = seen(table(Shown(text="step", status="confirmed", of="plan/step"))).drawn
    assert isinstance(found, Table)
    assert found.rows[0].cells["one"].status == "conflicting"


def test_who_does_not_see_what_feeds_it_does_not_see_it() -> None:
    found = seen(table(Shown(text="step", of="plan/step")), View(sections=["notes"]))
    assert (found.drawn, found.withheld) == (None, True)
    assert "step" not in found.model_dump_json()


def test_a_row_about_a_hidden_statement_is_masked_in_an_exhibit_that_is_shown() -> None:
    cells = (Shown(text="step", of="plan/step"), Shown(text="the hidden words", of="notes/hidden", citations=[CITED]))
    found = seen(table(*cells), View(sections=["plan"]))
    assert isinstance(found.drawn, Table)
    assert found.drawn.rows[1].cells["one"] == Shown(text=MASK, status="held")
    assert "hidden words" not in found.model_dump_json()


def test_secrets_and_withheld_quotes_do_not_leave_the_server() -> None:
    drawn = table(Shown(text=f"used {SECRET}", citations=[CITED]))
    assert SECRET not in seen(drawn).model_dump_json()
    closed = seen(drawn, View(sections=["*"], quotes=False))
    assert isinstance(closed.drawn, Table)
    assert closed.drawn.rows[0].cells["one"].citations[0].quote == ""
    assert closed.drawn.rows[0].cells["one"].citations[0].locator == "line=1"


def test_what_no_longer_stands_in_the_document_is_no_link_to_it() -> None:
    found = seen(table(Shown(text="gone", of="plan/gone"))).drawn
    assert isinstance(found, Table)
    assert (found.rows[0].cells["one"].of, found.rows[0].cells["one"].text) == ("", "gone")


def test_without_a_drawing_it_says_so_and_withholds_nothing() -> None:
    found = seen(None)
    assert (found.drawn, found.withheld) == (None, False)
    assert found.sections == ["plan"]
