"""The obligation table: who owes what by which clause, from when until when, what it replaced and what replaced it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from agents.contract_terms import Term
from agents.synthesis_brief import GONE
from agents.synthesis_desk import Desk, cites, excerpt, replaces
from casefile.claims import Section
from casefile.exhibits import Drawn, Obligation, Obligations, Shown


def exhibits(desk: Desk, sections: Sequence[Section]) -> dict[str, Drawn]:
    """The table, over the statements of the brief that it draws."""
    stated = {f"{s.id}/{c.id}" for s in sections for c in s.claims}
    return {"obligations": Obligations(day=desk.scope.day.isoformat(), rows=list(_rows(desk, stated)))}


def _rows(desk: Desk, stated: set[str]) -> Iterator[Obligation]:
    for spec in desk.words.terms:
        for number, term in enumerate(desk.standing.of(spec.id, "in force", "disputed"), 1):
            yield _row(desk, term, f"verified_obligations/{spec.id}-{number}", stated)
    gone = [term for term in desk.standing.terms if desk.standing.state(term)[0] in GONE]
    for number, term in enumerate(gone, 1):
        yield _row(desk, term, f"superseded_terms/gone-{number}", stated)


def _row(desk: Desk, term: Term, of: str, stated: set[str]) -> Obligation:
    document, (state, why) = term.document, desk.standing.state(term)
    said = term.spec.title if term.spec.kind == "sentence" else term.value
    value = Shown(text=said, status="confirmed", citations=cites(desk, term), of=of if of in stated else "")
    return Obligation(
        id=of.rpartition("/")[2],
        party=term.spec.owed_by,
        title=f"{term.spec.title}{term.row(desk.words)}",
        value=value,
        document=document.number or document.name,
        clause=f"{document.title}, {term.clause.place}",
        excerpt=excerpt(term.said.text, term.raw, desk.longest),
        since=_day(document.effective),
        until=_day(document.ends),
        state=state,
        why=why,
        in_force=state in ("in force", "disputed"),
        replaces=[f"{old.place} ({old.value})" for old in desk.standing.terms if replaces(desk, term, old)],
    )


def _day(on: date | None) -> str | None:
    return on.isoformat() if on is not None else None
