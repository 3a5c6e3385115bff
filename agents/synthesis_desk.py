"""What a brief is written from, and how it cites a term: the clause, what dates its document, the shortest excerpt."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agents.case_view import CaseView
from agents.contract_state import Change, Standing
from agents.contract_terms import Term
from agents.synthesis_gaps import Gaps
from agents.synthesis_scope import Scope
from agents.synthesis_sources import Sources, item_of
from agents.synthesis_words import Words
from casefile.claims import Citation
from guardrails.citations import quote_stands


@dataclass(frozen=True, slots=True)
class Desk:
    """What the brief is written from."""

    view: CaseView
    words: Words
    scope: Scope
    found: Sources
    standing: Standing
    gaps: Gaps

    @property
    def longest(self) -> int:
        """How many words an excerpt may have."""
        return int(self.view.parameters["excerpt_max_words"])


def cites(desk: Desk, term: Term) -> list[Citation]:
    """The clause that states a term, and what dates its document."""
    item = item_of(desk.view, term.document.item)
    whole = term.spec.kind == "sentence"
    first = desk.view.cite(item, term.cell, excerpt(term.cell.text, term.raw, desk.longest) if whole else term.raw)
    more = [desk.view.cite(item, cell, excerpt(cell.text, "", desk.longest)) for cell in term.more]
    dated = [term.document.at[name] for name in ("number", "effective") if name in term.document.at]
    return [first, *more, *(desk.view.cite(item, cell) for cell in dated)]


def excerpt(text: str, about: str, longest: int) -> str:
    """The shortest excerpt that still stands: at most `longest` words around what it is about."""
    words = list(re.finditer(r"\S+", text))
    if len(words) <= longest:
        return text.strip()
    at = text.find(about) if about else 0
    first = max(0, next((n for n, word in enumerate(words) if word.end() > max(at, 0)), 0) - longest // 2)
    first = 0 if len(about.split()) >= longest and at <= 0 else min(first, len(words) - longest)
    for last in range(first + longest, first, -1):
        part = text[words[first].start() : words[last - 1].end()].rstrip(",;:")
        if quote_stands(part, text):
            return part
    return text[words[first].start() : words[first].end()]


def replaces(desk: Desk, term: Term, old: Term) -> bool:
    """Whether a term took the place of another."""
    by = desk.standing.replaced_by.get(id(old))
    if isinstance(by, Change):
        return by.by is term.document and by.clause is term.clause and old.spec is term.spec
    return by is term
