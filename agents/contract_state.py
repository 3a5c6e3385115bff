"""What is known of contracts on a day: the state of each document and term, and what changed it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from agents.agreements import Agreement, ids_in
from agents.contract_terms import Term
from agents.contract_text import Clause
from agents.records import Cell, label_of

State = Literal[
    "in force", "unsigned", "not yet in force", "expired", "superseded", "sunset", "unsupported", "disputed"
]
EARLIEST = date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class Change:
    """A clause that replaces (or, with `partly`, amends) clauses of another document."""

    by: Agreement
    clause: Clause
    target: Agreement
    sections: tuple[str, ...]
    partly: bool
    said: Cell


@dataclass(frozen=True, slots=True)
class Sunset:
    """The end of a legacy offer. `carried` says that something is carried over."""

    offer: str
    on: date | None
    source: str
    said: Cell


@dataclass(slots=True)
class Standing:
    """The state of every document and term on the day.

    `ended_by`: what replaced a document as a whole. `revived`: terms in force that a document had replaced which was
    itself replaced since, with both documents: whether they are in force again is a lawyer's question.
    """

    day: date
    documents: list[Agreement]
    states: dict[str, tuple[State, str]] = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)
    state_of: dict[int, tuple[State, str]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    sunsets: list[Sunset] = field(default_factory=list)
    same_title: list[tuple[Agreement, Agreement]] = field(default_factory=list)
    disputes: list[tuple[Term, Term]] = field(default_factory=list)
    replaced_by: dict[int, Change | Term] = field(default_factory=dict)
    ended_by: dict[str, Agreement] = field(default_factory=dict)
    revived: list[tuple[Term, Agreement, Agreement]] = field(default_factory=list)

    def binding(self) -> list[Agreement]:
        """The documents that bind on the day."""
        return [one for one in self.documents if self.states[one.item][0] == "in force"]

    def state(self, term: Term) -> tuple[State, str]:
        """The state of a term, and why."""
        return self.state_of[id(term)]

    def of(self, spec_id: str, *states: State) -> list[Term]:
        """The terms of one kind in some states, the latest first."""
        found = [one for one in self.terms if one.spec.id == spec_id and self.state(one)[0] in states]
        return sorted(found, key=lambda one: one.document.effective or EARLIEST, reverse=True)


def target_of(one: Agreement, said: str, documents: Sequence[Agreement]) -> Agreement | None:
    """The document that a sentence speaks of: by number, by its kind, else the one that this document amends."""
    others = [other for other in documents if other is not one]
    named = [name.casefold() for name in ids_in(said)]
    for other in others:
        if other.number and other.number.casefold() in named:
            return other
    amended = [other for name in one.amends for other in others if is_named(other, name)]
    parent = [other for other in others if one.parent and is_named(other, one.parent)]
    for other in [*amended, *parent]:
        kind = label_of(other.title).split()[-1:] if other.title else []
        if re.search(r"\b(?:master|agreement|msa)\b", other.title, re.IGNORECASE):
            kind = ["agreement"]
        if any(
            re.search(rf"\b(?:the|said|this)\s+(?:\w+\s+){{0,3}}{re.escape(word)}\b", said, re.IGNORECASE)
            for word in kind
        ):
            return other
    by_title = [other for other in others if len(other.title.split()) > 1 and other.title.casefold() in said.casefold()]
    return next(iter([*by_title, *amended, *parent]), None)


def is_named(other: Agreement, name: str) -> bool:
    if other.number and other.number.casefold() == name.casefold():
        return True
    return len(other.title.split()) > 1 and other.title.casefold() in name.casefold()


def ended(offer: str, found: Standing, offers: Mapping[str, date | None]) -> str:
    """Why a legacy offer supports nothing on the day, or nothing."""
    for sunset in found.sunsets:
        if sunset.offer.casefold() == offer.casefold() and (sunset.on is None or sunset.on <= found.day):
            return f"{sunset.source} ends the offer {offer} on {sunset.on or 'its effective date'}"
    last = next((until for name, until in offers.items() if name.casefold() == offer.casefold()), EARLIEST)
    if last == EARLIEST:
        return f"the legacy offer {offer} is in no current mapping"
    if last is not None and last < found.day:
        return f"the mapping of the legacy offer {offer} ended on {last}"
    return ""
