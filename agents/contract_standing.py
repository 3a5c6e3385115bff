"""Which terms are in force on a day: execution, dates, replacement by later documents, sunset of legacy offers.

The order of the tests: does the document bind at all (executed, begun, not ended, not replaced as a whole, no legacy
offer that has ended); was the clause replaced by a document that binds; does a later document of the same line state
another value. What is left and still disagrees is disputed, and a lawyer settles it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import Literal

from agents.agreements import Agreement, ids_in
from agents.contract_terms import Term, amounts_of, terms
from agents.contract_text import Clause, sentences
from agents.records import Cell, label_of
from agents.synthesis_words import Words, regex
from agents.times import dates

State = Literal[
    "in force", "unsigned", "not yet in force", "expired", "superseded", "sunset", "unsupported", "disputed"
]
_EARLIEST = date(1, 1, 1)
_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"")


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
    """The state of every document and term on the day."""

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

    def binding(self) -> list[Agreement]:
        """The documents that bind on the day."""
        return [one for one in self.documents if self.states[one.item][0] == "in force"]

    def state(self, term: Term) -> tuple[State, str]:
        """The state of a term, and why."""
        return self.state_of[id(term)]

    def of(self, spec_id: str, *states: State) -> list[Term]:
        """The terms of one kind in some states, the latest first."""
        found = [one for one in self.terms if one.spec.id == spec_id and self.state(one)[0] in states]
        return sorted(found, key=lambda one: one.document.effective or _EARLIEST, reverse=True)


def standing(documents: Sequence[Agreement], words: Words, day: date, offers: Mapping[str, date | None]) -> Standing:
    """Settle what binds on `day`. `offers` maps legacy offers to the last day of their mapping (None: no end)."""
    found = Standing(day, list(documents))
    for one in documents:
        found.states[one.item] = _own_state(one, day)
    _extend(found, words)
    found.sunsets = list(_sunsets(found, words, offers))
    _legacy(found, words, offers)
    _orders_alone(found)
    _whole(found, words)
    _same_title(found, words)
    _with_their_base(found)
    found.changes = [change for one in found.binding() for change in _changes(one, found, words)]
    for one in documents:
        for term in terms(one, words):
            found.terms.append(term)
            found.state_of[id(term)] = found.states[one.item]
    _exchanged(found, words)
    _legacy_terms(found, words, offers)
    _replaced(found, words)
    _later(found, words)
    return found


def _own_state(one: Agreement, day: date) -> tuple[State, str]:
    if one.unsigned:
        return "unsigned", one.unsigned
    if one.effective is None:
        return "unsupported", "it does not say from when it applies"
    if one.effective > day:
        return "not yet in force", f"it applies from {one.effective}"
    if one.ends is not None and one.ends < day and not one.renews_itself:
        return "expired", f"it ended on {one.ends}"
    return "in force", ""


def _extend(found: Standing, words: Words) -> None:
    """Terms of documents that a later executed document prolongs."""
    for one in found.documents:
        if found.states[one.item][0] != "in force":
            continue
        for clause in one.clauses:
            for said in sentences(clause.text):
                if not regex(words.extends).search(said) or not dates(said):
                    continue
                target = _target(one, said, found.documents)
                until = dates(said)[-1][1]
                if target is not None and until > (target.ends or _EARLIEST):
                    target.ends = until
                    found.states[target.item] = _own_state(target, found.day)


def _target(one: Agreement, said: str, documents: Sequence[Agreement]) -> Agreement | None:
    """The document that a sentence speaks of: by number, by its kind, else the one that this document amends."""
    others = [other for other in documents if other is not one]
    named = [name.casefold() for name in ids_in(said)]
    for other in others:
        if other.number and other.number.casefold() in named:
            return other
    amended = [other for name in one.amends for other in others if _is_named(other, name)]
    parent = [other for other in others if one.parent and _is_named(other, one.parent)]
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


def _is_named(other: Agreement, name: str) -> bool:
    if other.number and other.number.casefold() == name.casefold():
        return True
    return len(other.title.split()) > 1 and other.title.casefold() in name.casefold()


def _sunsets(found: Standing, words: Words, offers: Mapping[str, date | None]) -> Iterator[Sunset]:
    """Sentences of binding documents that end an offer."""
    for one in found.binding():
        for clause in one.clauses:
            for piece in clause.pieces:
                for said in sentences(piece.text):
                    if not regex(words.sunset).search(said):
                        continue
                    for offer in _offers_in(said, offers, words):
                        told = dates(said)
                        yield Sunset(offer, told[-1][1] if told else one.effective, one.name, Cell(said, piece.locator))


def _offers_in(said: str, offers: Mapping[str, date | None], words: Words) -> list[str]:
    known = [offer for offer in offers if offer.casefold() in said.casefold()]
    match = regex(words.legacy).search(said)
    return known or ([match["offer"].strip()] if match and match["offer"] else [])


def _legacy(found: Standing, words: Words, offers: Mapping[str, date | None]) -> None:
    """Documents of an offer that has ended, or that no current mapping carries."""
    for one in found.binding():
        for offer in _own_offers(one, found, offers):
            why = ended(offer, found, offers)
            if why:
                found.states[one.item] = ("sunset", why)


def _own_offers(one: Agreement, found: Standing, offers: Mapping[str, date | None]) -> list[str]:
    names = {*offers, *(sunset.offer for sunset in found.sunsets)}
    said = f"{one.title} | {one.plan}".casefold()
    return sorted(name for name in names if name.casefold() in said)


def ended(offer: str, found: Standing, offers: Mapping[str, date | None]) -> str:
    """Why a legacy offer supports nothing on the day, or nothing."""
    for sunset in found.sunsets:
        if sunset.offer.casefold() == offer.casefold() and (sunset.on is None or sunset.on <= found.day):
            return f"{sunset.source} ends the offer {offer} on {sunset.on or 'its effective date'}"
    last = next((until for name, until in offers.items() if name.casefold() == offer.casefold()), _EARLIEST)
    if last == _EARLIEST:
        return f"the legacy offer {offer} is in no current mapping"
    if last is not None and last < found.day:
        return f"the mapping of the legacy offer {offer} ended on {last}"
    return ""


def _orders_alone(found: Standing) -> None:
    """An order form says what was bought; without its agreement it carries no promise."""
    bound = found.binding()
    for one in bound:
        if one.ordering and all(other.ordering for other in bound):
            found.states[one.item] = (
                "unsupported",
                "only an order form was found, without the agreement that it names",
            )


def _whole(found: Standing, words: Words) -> None:
    """Documents that a binding document replaces as a whole."""
    for one in found.binding():
        label = next((one.cells[label_of(n)] for n in words.labels["supersedes"] if label_of(n) in one.cells), None)
        said = [label] if label is not None else []
        said += [Cell(s, p.locator) for p in one.front for s in sentences(p.text) if _replaces_whole(s, words)]
        said += [
            Cell(s, p.locator)
            for c in one.clauses
            for p in c.pieces
            for s in sentences(p.text)
            if _replaces_whole(s, words)
        ]
        for cell in said:
            for other in _named_whole(one, cell.text, found):
                found.states[other.item] = ("superseded", f"{one.name} replaces it from {one.effective}")


def _replaces_whole(said: str, words: Words) -> bool:
    strong = regex(words.replaces).search(said)
    return bool(strong) and not regex(words.sections).search(said) and not regex(words.keeps).search(said)


def _named_whole(one: Agreement, said: str, found: Standing) -> list[Agreement]:
    others = [other for other in found.documents if other is not one and not other.ordering]
    named = [name.casefold() for name in ids_in(said)]
    by_number = [other for other in others if other.number.casefold() in named and other.number]
    by_number = [other for other in by_number if other.number != one.parent]
    by_title = [other for other in others if len(other.title.split()) > 1 and other.title.casefold() in said.casefold()]
    if by_number or by_title:
        return [other for other in by_number or by_title if _before(other, one)]
    if re.search(r"\ball\s+(?:prior|previous|earlier)\b|\bany\s+(?:prior|previous|earlier)\b", said, re.IGNORECASE):
        kinds = set(
            label_of(said)
            .replace("addenda", "addendum")
            .replace("riders", "rider")
            .replace("amendments", "amendment")
            .split()
        )
        return [
            o
            for o in others
            if label_of(o.title).split()[-1:] and label_of(o.title).split()[-1] in kinds and _before(o, one)
        ]
    return []


def _before(other: Agreement, one: Agreement) -> bool:
    return (other.effective or _EARLIEST) <= (one.effective or _EARLIEST)


def _same_title(found: Standing, words: Words) -> None:
    """Two documents of one title: the later one is cited, and both are listed."""
    plain = [one for one in found.documents if not one.amends and not one.ordering and one.title]
    for first, second in combinations(sorted(plain, key=lambda d: d.effective or _EARLIEST), 2):
        if label_of(first.title) != label_of(second.title) or first.effective == second.effective:
            continue
        found.same_title.append((first, second))
        both = {found.states[first.item][0], found.states[second.item][0]}
        if both == {"in force"}:
            why = f"{second.name} has the same title and applies from {second.effective}"
            found.states[first.item] = ("superseded", why)


def _with_their_base(found: Standing) -> None:
    """An amendment falls with the document that it amends, unless it is what replaced it."""
    for _ in found.documents:  # as many rounds as a chain of amendments can be long
        for one in found.binding():
            bases = [other for other in found.documents if any(_is_named(other, name) for name in one.amends)]
            for base in bases:
                state, why = found.states[base.item]
                if base is not one and state in ("expired", "superseded", "sunset") and one.name not in why:
                    found.states[one.item] = (state, f"it amends {base.name}, which is {state}: {why}")


def _changes(one: Agreement, found: Standing, words: Words) -> Iterator[Change]:
    """What the clauses of a document do to clauses of others."""
    for clause in one.clauses:
        for piece in clause.pieces:
            for said in sentences(piece.text):
                strong, soft = regex(words.replaces).search(said), regex(words.amends).search(said)
                sections = _sections(said, words)
                if not (strong or soft) or not sections or regex(words.keeps).search(said):
                    continue
                target = _target(one, said, found.documents)
                if target is not None:
                    yield Change(one, clause, target, sections, not strong, Cell(said, piece.locator))


def _sections(said: str, words: Words) -> tuple[str, ...]:
    found: list[str] = []
    for match in regex(words.sections).finditer(said):
        found += re.findall(r"(?:[A-Z]\.)?\d+(?:\.\d+)*|\b[A-Z]\b(?!\.)", match["list"] or match["sign"])
    return tuple(dict.fromkeys(found))


def _touches(change: Change, term: Term, found: Standing, words: Words) -> bool:
    if term.document is change.target:
        own = {term.clause.number, term.clause.part.rpartition(" ")[2]}
    elif _line(term.document, change) and term.document is not change.by:
        own = _stands_for(term, change.target, found)
    else:
        return False
    own -= {""}
    words_replaced = _inline(change)
    if words_replaced is not None and term.raw.casefold() not in words_replaced[0].casefold():
        return False
    if not any(number == section or number.startswith(f"{section}.") for section in change.sections for number in own):
        return False
    cells = [cell.text for grid in change.clause.grids for row in grid.rows for cell in row.values()]
    whole = " ".join([change.clause.text, *cells])
    others_only = regex(words.other_severity).search(whole) and not regex(words.severity).search(whole)
    return not (term.spec.by_severity and others_only)


def _inline(change: Change) -> tuple[str, str] | None:
    """The old and the new words where a clause only exchanges words; None where it replaces a text."""
    quoted = [match for pair in _QUOTED.findall(change.said.text) for match in pair if match]
    if len(quoted) != 2:
        return None
    return (quoted[1], quoted[0]) if "substituted for" in change.said.text.casefold() else (quoted[0], quoted[1])


def _exchanged(found: Standing, words: Words) -> None:
    """The terms that come from an exchange of words: the old clause with the new number."""
    for change in found.changes:
        exchanged = _inline(change)
        for term in list(found.terms) if exchanged is not None else ():
            if exchanged is None or term.document is not change.target or not _touches(change, term, found, words):
                continue
            for amount in amounts_of(term.spec, exchanged[1])[:1]:
                new = Term(term.spec, change.by, change.clause, amount.value, amount.raw, change.said, change.said)
                found.terms.append(new)
                found.state_of[id(new)] = found.states[change.by.item]


def _line(document: Agreement, change: Change) -> bool:
    return any(_is_named(change.target, name) for name in document.amends)


def _stands_for(term: Term, target: Agreement, found: Standing) -> set[str]:
    """The sections of an amended document in whose place the term of an earlier amendment stands."""
    named = {n for one in found.changes if one.by is term.document and one.clause is term.clause for n in one.sections}
    same = {one.clause.number for one in found.terms if one.document is target and one.spec is term.spec}
    return named | same


def _replaced(found: Standing, words: Words) -> None:
    """Terms in clauses that a later binding document replaces."""
    for term in found.terms:
        if found.state(term)[0] != "in force":
            continue
        for change in sorted(found.changes, key=lambda one: one.by.effective or _EARLIEST):
            later = (change.by.effective or _EARLIEST) >= (term.document.effective or _EARLIEST)
            if change.by is term.document or not later or not _touches(change, term, found, words):
                continue
            if term.document is not change.target and change.by.effective == term.document.effective:
                continue
            states_it = any(
                t.spec is term.spec and t.document is change.by and t.clause is change.clause for t in found.terms
            )
            if change.partly and not states_it:
                continue
            why = f"{change.by.name} Section {change.clause.name} replaces it from {change.by.effective}"
            found.state_of[id(term)] = ("superseded", why)
            found.replaced_by[id(term)] = change


def _legacy_terms(found: Standing, words: Words, offers: Mapping[str, date | None]) -> None:
    """Clauses for a legacy offer inside a document that binds."""
    names = {*offers, *(sunset.offer for sunset in found.sunsets)}
    for term in found.terms:
        if found.state(term)[0] != "in force":
            continue
        for offer in names:
            if offer.casefold() in term.clause.text.casefold() and not regex(words.sunset).search(term.clause.text):
                why = ended(offer, found, offers)
                if why:
                    found.state_of[id(term)] = ("sunset", why)


def _later(found: Standing, words: Words) -> None:
    """Terms that state one thing twice: the later document of a line wins, others stay disputed."""
    for spec in words.terms:
        if not spec.single:
            continue
        for first, second in combinations(found.of(spec.id, "in force"), 2):
            if _same(first.value, second.value) or "in force" not in (found.state(first)[0], found.state(second)[0]):
                continue
            if found.state(first)[0] != "in force" or found.state(second)[0] != "in force":
                continue
            winner, loser = _winner(first, second)
            if winner is None or loser is None:
                found.disputes.append((first, second))
                continue
            why = f"{winner.place} states another value and prevails from {winner.document.effective}"
            found.state_of[id(loser)] = ("superseded", why)
            found.replaced_by[id(loser)] = winner
    for first, second in found.disputes:
        for one in (first, second):
            if found.state(one)[0] == "in force":
                found.state_of[id(one)] = ("disputed", "executed documents state different values, and none prevails")


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _winner(first: Term, second: Term) -> tuple[Term, Term] | tuple[None, None]:
    """Which of two terms prevails. `first` is of the later document, or of one as old."""
    late, early = first.document, second.document
    if late is early:
        return None, None
    if _above(late, early) and late.effective == early.effective:
        return second, first
    if _related(late, early):
        return first, second
    return None, None


def _above(one: Agreement, other: Agreement) -> bool:
    """Whether `one` is the agreement under which `other` was made."""
    return bool(other.parent and _is_named(one, other.parent)) or any(_is_named(one, name) for name in other.amends)


def _related(late: Agreement, early: Agreement) -> bool:
    if _above(early, late):
        return True
    shared = {name.casefold() for name in late.amends} & {name.casefold() for name in early.amends}
    return bool(shared) and late.effective != early.effective
