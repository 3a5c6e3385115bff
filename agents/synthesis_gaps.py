"""What the sources leave open: documents that are referred to and not there, a product without a clear place, stale
account records, disagreements between sources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from agents.agreements import Agreement, ids_in
from agents.case_view import CaseView
from agents.contract_state import Standing, ended
from agents.contract_terms import Term, items, value_in
from agents.contract_text import sentences
from agents.records import Cell, label_of
from agents.synthesis_scope import Scope
from agents.synthesis_sources import Granted, Saying, Sources, covers, item_of
from agents.synthesis_words import Words, regex
from casefile.claims import Citation

_ENTITLES = re.compile(r"\b(?:moved|removed|no longer|excluded|not covered|withdrawn)\b", re.IGNORECASE)
_SUPPLEMENT = re.compile(r"\b(?:addendum|rider|supplement|schedule|exhibit|annex|appendix)\b.*")
_COVERED = re.compile(
    r"\b(?:is|are|shall be|becomes?|remains?|counts? as)(?: also)? (?:an? )?(?:covered\b|included\b|in scope\b)",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:where|if|when|while|unless|only|except|provided|subject to|conditions?|as long as|from release)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Missing:
    """A document or a record that somebody refers to and that is not there. `by` says who refers to it."""

    name: str
    by: str
    text: str
    citation: Citation
    scoped: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether the product is covered: `yes`, `open` (why), or `unasked` where no agreement limits products."""

    state: str
    text: str
    citations: list[Citation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Clash:
    """An approved exception that gives another value than the agreement in force. `raw` is how the register has it."""

    term: Term
    granted: Granted
    value: str
    raw: str

    @property
    def preferred(self) -> bool:
        """Whether the exception is preferred: its effective date is the later one."""
        since, other = self.granted.since, self.term.document.effective
        return since is not None and other is not None and since > other


@dataclass(slots=True)
class Gaps:
    """Everything that is open."""

    documents: list[Missing] = field(default_factory=list)
    records: list[Missing] = field(default_factory=list)
    coverage: Coverage = field(default_factory=lambda: Coverage("unasked", ""))
    stale: list[tuple[str, Citation]] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    overruled: list[tuple[Term, Saying]] = field(default_factory=list)
    unsupported: list[Saying] = field(default_factory=list)


def gaps(view: CaseView, words: Words, scope: Scope, found: Sources, standing: Standing) -> Gaps:
    """Compare the sources."""
    done = Gaps()
    done.documents = list(_documents(view, words, standing))
    done.coverage = coverage(view, words, scope, standing, done.documents)
    done.records = list(_records(view, words, found))
    done.stale = list(_stale(words, found, standing))
    done.clashes = list(_clashes(words, found, standing))
    for saying in [*found.precedent, *found.notes]:
        if saying.spec is None:
            continue
        terms = standing.of(saying.spec.id, "in force", "disputed")
        if terms and all(saying.value != term.value for term in terms):
            done.overruled.append((terms[0], saying))
        elif not terms:
            done.unsupported.append(saying)
    return done


def _documents(view: CaseView, words: Words, standing: Standing) -> Iterator[Missing]:
    there = standing.binding()
    seen: set[str] = set()
    for one in there:
        for label, name in (("agreement", one.parent), ("amends", one.amends[0] if one.amends else "")):
            known = any(_is(other, name) for other in standing.documents if other is not one)
            if name and not known and name.casefold() not in seen:
                seen.add(name.casefold())
                cell = one.at.get(label) or one.at.get("amends") or one.front[0]
                yield Missing(name, one.name, cell.text, view.cite(item_of(view, one.item), cell))
        for cell in one.lines:
            for match in regex(words.annex).finditer(cell.text):
                name = f"{match['kind']} {match['id']}".casefold()
                if name in seen or any(_has_part(other, name) for other in there):
                    continue
                seen.add(name)
                yield Missing(" ".join(match[0].split()), one.name, cell.text, view.cite(item_of(view, one.item), cell))


def _is(other: Agreement, name: str) -> bool:
    titled = len(other.title.split()) > 1 and other.title.casefold() in name.casefold()
    return other.number.casefold() == name.casefold() or titled


def _has_part(other: Agreement, name: str) -> bool:
    return any(re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE) for text in (*other.parts, other.title))


def coverage(view: CaseView, words: Words, scope: Scope, standing: Standing, missing: Sequence[Missing]) -> Coverage:
    """Whether an agreement in force covers the product."""
    lists = standing.of(words.scope_term, "in force", "disputed")
    if not scope.product:
        return Coverage("unasked", "the question names no product")
    cited = [view.cite(item_of(view, term.document.item), term.cell, term.raw) for term in lists]
    for n, term in enumerate(lists):
        if covers(scope.product, items(term.raw)):
            return Coverage("yes", f"{scope.product} is a covered product ({term.place})", cited[n : n + 1])
    named = [
        (one, cell)
        for one in standing.binding()
        if not one.ordering
        for clause in one.clauses
        for cell in clause.pieces
        if label_of(scope.product) in label_of(cell.text) and not _is_superseded(standing, cell)
    ]
    for one, cell in named:
        gone = [m for m in missing if m.name.casefold() in cell.text.casefold()]
        if gone:
            text = f"{one.name} covers {scope.product} only under {gone[0].name}, which is not in the repository"
            return Coverage("open", text, [view.cite(item_of(view, one.item), cell), *cited])
    granted = _granted(view, scope, lists, named)
    if granted is not None:
        return granted
    if named and not lists and not any(_ENTITLES.search(cell.text) for _, cell in named):
        one, cell = named[0]
        return Coverage("yes", f"{one.name} names {scope.product}", [view.cite(item_of(view, one.item), cell)])
    if lists or named:
        where = f"the covered products of {lists[0].place} do not list it" if lists else "its clause takes it out"
        return Coverage(
            "open", f"{scope.product}: {where}", cited or [view.cite(item_of(view, named[0][0].item), named[0][1])]
        )
    about = regex(next(spec.about for spec in words.terms if spec.id == words.scope_term))
    listed = [m for m in missing if about.search(m.text)]
    if listed:
        text = f"{listed[0].by} lists its products in {listed[0].name}, which is not in the repository"
        return Coverage("open", f"{scope.product}: {text}", [listed[0].citation])
    return Coverage("unasked", f"no agreement in force says which products it covers; {scope.product} is not named")


def _granted(
    view: CaseView, scope: Scope, lists: Sequence[Term], named: Sequence[tuple[Agreement, Cell]]
) -> Coverage | None:
    """What a document says of the product by itself, where it is not older than the list that leaves the product out:
    an annex covers it, or covers it on a condition that a person has to look at."""
    listed = max((term.document.effective for term in lists if term.document.effective), default=None)
    for one, cell in named:
        of_product = (said for said in sentences(cell.text) if label_of(scope.product) in label_of(said))
        said = next((said for said in of_product if _COVERED.search(said) and not _ENTITLES.search(said)), "")
        if not said or (listed is not None and (one.effective is None or one.effective < listed)):
            continue
        cited = [view.cite(item_of(view, one.item), cell)]
        if _CONDITION.search(said):
            return Coverage("open", f"{one.name} covers {scope.product} on a condition: “{said.strip()}”", cited)
        return Coverage("yes", f"{one.name} covers {scope.product}", cited)
    return None


def _is_superseded(standing: Standing, cell: Cell) -> bool:
    return any(one.cell == cell and standing.state(one)[0] not in ("in force", "disputed") for one in standing.terms)


def _records(view: CaseView, words: Words, found: Sources) -> Iterator[Missing]:
    """Exceptions that are referred to and not on the register, and those that are not approved."""
    known = {one.number.casefold() for one in found.granted}
    seen: set[str] = set()
    for one in found.granted:
        if one.pending and one.number.casefold() not in seen:
            seen.add(one.number.casefold())
            yield Missing(one.number, one.item.id, f"{one.commitment.text}: {one.why}", one.cells[0])
    for saying in [*found.notes, *found.precedent]:
        for match in regex(words.exception_id).finditer(saying.text):
            name = match["id"]
            if name.casefold() not in known | seen:
                seen.add(name.casefold())
                yield Missing(name, saying.item.id, "it is not on the register for this account", saying.citation)
        loose = regex(words.exception_word).search(saying.text) and not regex(words.exception_id).search(saying.text)
        if loose and not saying.text.rstrip().endswith("?") and not _on_register(saying, found):
            name = f"the exception of {saying.item.id}"
            if name not in seen:
                seen.add(name)
                yield Missing(name, saying.item.id, f"no record of it: “{saying.text[:160]}”", saying.citation)


def _on_register(saying: Saying, found: Sources) -> bool:
    amounts = re.findall(r"\d+", saying.text)
    return any(set(amounts) & set(re.findall(r"\d+", one.commitment.text)) for one in found.granted)


def _stale(words: Words, found: Sources, standing: Standing) -> Iterator[tuple[str, Citation]]:
    """What the entitlement still shows and no agreement carries any more."""
    seen: set[str] = set()
    offers = {*found.offers, *(one.offer for one in standing.sunsets)}
    dead = {
        one.number.casefold(): one
        for one in standing.documents
        if standing.states[one.item][0] in ("expired", "superseded", "sunset")
    }
    plans = {
        one.plan.casefold(): one
        for one in dead.values()
        if one.plan and not any(b.plan == one.plan for b in standing.binding())
    }
    for text, until, citation in found.account.over:
        yield f"the entitlement shows “{text}” as active; by the same record it ended on {until}", citation
    yield from _tiers(found, standing)
    called = {name: one for one in dead.values() if (name := _called(one))}
    for text, citation in found.account.numbers:
        if text.casefold() in seen:
            continue
        seen.add(text.casefold())
        offer = next((name for name in offers if name.casefold() in text.casefold()), "")
        why = ended(offer, standing, found.offers) if offer else ""
        names = [name.casefold() for name in (text, *ids_in(text))]
        gone = next((dead[name] for name in names if name in dead), None) or plans.get(text.casefold())
        gone = gone or next((one for name, one in called.items() if name in text.casefold()), None)
        if why:
            yield f"the entitlement shows “{text}”; {why}", citation
        elif gone is not None:
            yield (
                f"the entitlement shows “{text}”; {gone.name} is {': '.join(filter(None, standing.states[gone.item]))}",
                citation,
            )


def _tiers(found: Sources, standing: Standing) -> Iterator[tuple[str, Citation]]:
    """A tier that is called as an expired document was, where nothing in force has that title or orders it."""
    over = {one.name: (what, one) for one in standing.documents if (what := _offering(one)) and _expired(standing, one)}
    for role, text, citation in found.account.state:
        for what, one in over.values() if role == "tier" else ():
            ordered = (cell.text for other in standing.binding() if other.ordering for cell in other.lines)
            titles = (other.title for other in standing.binding())
            if what in text.casefold() and not any(what in said.casefold() for said in (*ordered, *titles)):
                yield f"the entitlement shows “{text}”; {one.name} is {': '.join(standing.states[one.item])}", citation


def _expired(standing: Standing, one: Agreement) -> bool:
    return standing.states[one.item][0] == "expired"


def _offering(one: Agreement) -> str:
    """What a supplement is about by its title: "premium support" of a Premium Support Addendum."""
    what = _SUPPLEMENT.sub("", one.title.casefold()).strip()
    return what if _SUPPLEMENT.search(one.title.casefold()) and len(what.split()) > 1 else ""


def _called(one: Agreement) -> str:
    """What people call a document that is numbered in its title: "rider r-2", "amendment 3"."""
    last = one.title.casefold().split()[-2:]
    return " ".join(last) if len(last) > 1 and re.search(r"\d", last[-1]) else ""


def _clashes(words: Words, found: Sources, standing: Standing) -> Iterator[Clash]:
    """Approved exceptions that give another value than the agreement in force."""
    for one in found.granted:
        if one.why:
            continue
        for spec in words.terms:
            if not spec.single or spec.kind not in ("duration", "percent"):
                continue
            text = f"{one.topic}: {one.commitment.text}"
            told = value_in(text, spec, words)
            for term in standing.of(spec.id, "in force")[:1]:
                if told is not None and told[0] != term.value:
                    yield Clash(term, one, *told)
