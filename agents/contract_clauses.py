"""What clauses do to those of other documents: replaced, exchanged in part, ended by a sunset, overtaken, disputed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations

from agents.agreements import Agreement
from agents.amounts import without_bound
from agents.contract_state import EARLIEST, Change, Standing, ended, is_named, target_of
from agents.contract_terms import Term, amounts_of
from agents.contract_text import sentences
from agents.records import Cell
from agents.synthesis_words import Words, regex

# A section as the place of what is replaced, and not as what is replaced: "the table in Section 3" is the section.
_INSIDE = re.compile(
    r"(?<!text )(?<!wording )(?<!table )(?<!whole )(?<!content )(?<!contents )(?<!provisions )(?<!targets )(?<!terms )"
    r"\b(?:in|of|under)\s+$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"")


def changes(one: Agreement, found: Standing, words: Words) -> Iterator[Change]:
    """What the clauses of a document do to clauses of others."""
    for clause in one.clauses:
        for piece in clause.pieces:
            for said in sentences(piece.text):
                strong, soft = regex(words.replaces).search(said), regex(words.amends).search(said)
                sections = _sections(said, words)
                if not (strong or soft) or not sections or regex(words.keeps).search(said):
                    continue
                target = target_of(one, said, found.documents)
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
    if words_replaced is not None and without_bound(term.raw).casefold() not in words_replaced[0].casefold():
        return False
    if not any(number == section or number.startswith(f"{section}.") for section in change.sections for number in own):
        return False
    if _of_another_term(change, term, found, words):
        return False
    cells = [cell.text for grid in change.clause.grids for row in grid.rows for cell in row.values()]
    whole = " ".join([change.clause.text, *cells])
    others_only = regex(words.other_severity).search(whole) and not regex(words.severity).search(whole)
    return not (term.spec.by_severity and others_only)


def _of_another_term(change: Change, term: Term, found: Standing, words: Words) -> bool:
    """Whether a sentence gives one term of a section a new value and does not speak of this other term of it: `In
    Section 3 the initial response is replaced by 20 minutes`. A section that is replaced goes with all its terms."""
    said = change.said.text
    inside = [match for match in regex(words.sections).finditer(said) if _INSIDE.search(said[: match.start()])]
    if not inside or change.clause.grids or _speaks_of(term, said):
        return False
    new = [one for one in found.terms if one.document is change.by and one.clause is change.clause]
    return any(one.spec.id != term.spec.id and one.said.text.strip() in said and _speaks_of(one, said) for one in new)


def _speaks_of(term: Term, said: str) -> bool:
    return any(regex(pattern).search(said) for pattern in (term.spec.about, term.spec.columns, term.spec.also))


def _inline(change: Change) -> tuple[str, str] | None:
    """The old and the new words where a clause only exchanges words; None where it replaces a text."""
    quoted = [match for pair in _QUOTED.findall(change.said.text) for match in pair if match]
    if len(quoted) != 2:
        return None
    return (quoted[1], quoted[0]) if "substituted for" in change.said.text.casefold() else (quoted[0], quoted[1])


def exchanged(found: Standing, words: Words) -> None:
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
    return any(is_named(change.target, name) for name in document.amends)


def _stands_for(term: Term, target: Agreement, found: Standing) -> set[str]:
    """The sections of an amended document in whose place the term of an earlier amendment stands."""
    named = {n for one in found.changes if one.by is term.document and one.clause is term.clause for n in one.sections}
    same = {one.clause.number for one in found.terms if one.document is target and one.spec is term.spec}
    return named | same


def replaced(found: Standing, words: Words) -> None:
    """Terms in clauses that a later binding document replaces."""
    for term in found.terms:
        if found.state(term)[0] != "in force":
            continue
        for change in sorted(found.changes, key=lambda one: one.by.effective or EARLIEST):
            later = (change.by.effective or EARLIEST) >= (term.document.effective or EARLIEST)
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


def revived(found: Standing, words: Words) -> Iterator[tuple[Term, Agreement, Agreement]]:
    """Terms in force that a document had replaced which was itself replaced as a whole."""
    for one in found.documents:
        by = found.ended_by.get(one.item)
        for change in changes(one, found, words) if by is not None else ():
            for term in found.terms:
                own = term.document is change.target and found.state(term)[0] == "in force"
                if by is not None and own and _touches(change, term, found, words):
                    yield term, one, by


def legacy_terms(found: Standing, words: Words, offers: Mapping[str, date | None]) -> None:
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


def later(found: Standing, words: Words) -> None:
    """Terms that state one thing twice: the later document of a line wins, others stay disputed."""
    for spec in words.terms:
        if not spec.single:
            continue
        for first, second in combinations(found.of(spec.id, "in force"), 2):
            if first.clause is second.clause:  # the steps of one ladder, not two promises
                continue
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
    return bool(other.parent and is_named(one, other.parent)) or any(is_named(one, name) for name in other.amends)


def _related(late: Agreement, early: Agreement) -> bool:
    if _above(early, late):
        return True
    shared = {name.casefold() for name in late.amends} & {name.casefold() for name in early.amends}
    return bool(shared) and late.effective != early.effective
