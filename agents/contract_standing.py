"""Which terms are in force on a day: execution, dates, replacement by later documents, sunset of legacy offers.

The order of the tests: does the document bind at all (executed, begun, not ended, not replaced as a whole, no legacy
offer that has ended); was the clause replaced by a document that binds; does a later document of the same line state
another value. What is left and still disagrees is disputed, and a lawyer settles it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations

from agents.agreements import Agreement, ids_in
from agents.contract_clauses import changes, exchanged, later, legacy_terms, replaced, revived
from agents.contract_state import EARLIEST, Standing, State, Sunset, ended, is_named, target_of
from agents.contract_terms import terms
from agents.contract_text import sentences
from agents.records import Cell, label_of
from agents.synthesis_words import Words, regex
from agents.times import dates


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
    found.changes = [change for one in found.binding() for change in changes(one, found, words)]
    for one in documents:
        for term in terms(one, words):
            found.terms.append(term)
            found.state_of[id(term)] = found.states[one.item]
    exchanged(found, words)
    legacy_terms(found, words, offers)
    replaced(found, words)
    later(found, words)
    found.revived = list(revived(found, words))
    return found


def _own_state(one: Agreement, day: date) -> tuple[State, str]:
    if one.unsigned:
        return "unsigned", one.unsigned
    if one.effective is None:
        start = one.at.get("effective")
        said = f"its start, “{start.text.strip()}”, is no date" if start else "it does not say from when it applies"
        return "unsupported", said
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
                target = target_of(one, said, found.documents)
                until = dates(said)[-1][1]
                if target is not None and until > (target.ends or EARLIEST):
                    target.ends = until
                    found.states[target.item] = _own_state(target, found.day)


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
                found.ended_by[other.item] = one


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
    return (other.effective or EARLIEST) <= (one.effective or EARLIEST)


def _same_title(found: Standing, words: Words) -> None:
    """Two documents of one title: the later one is cited, and both are listed."""
    plain = [one for one in found.documents if not one.amends and not one.ordering and one.title]
    for first, second in combinations(sorted(plain, key=lambda d: d.effective or EARLIEST), 2):
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
            bases = [other for other in found.documents if any(is_named(other, name) for name in one.amends)]
            for base in bases:
                state, why = found.states[base.item]
                if base is not one and state in ("expired", "superseded", "sunset") and one.name not in why:
                    found.states[one.item] = (state, f"it amends {base.name}, which is {state}: {why}")
