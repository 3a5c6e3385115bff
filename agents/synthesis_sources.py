"""The sources beside the agreements: exceptions, entitlement, policy, precedent, memos, and what people say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from agents.agreements import Agreement, Countersigned, agreement, apply_register, ids_in
from agents.case_view import CaseView
from agents.contract_terms import Term, terms, value_in
from agents.entries import Entry, entries
from agents.figures import labelled
from agents.prose import blocks, place_of
from agents.records import Cell, label_of
from agents.synthesis_scope import Scope, is_ours
from agents.synthesis_words import TermSpec, Words, regex
from agents.times import dates
from casefile.claims import Citation
from casefile.evidence import Evidence, Span
from guardrails import instructions
from tools.readers import line_spans

# A sentence of a chat also ends where the next line of it begins with its clock.
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z(\"“])|\s+(?=\[\d{1,4}[-:.])")
_FEW = 2
_SAID = ("text", "line", "paragraph", "ocr", "leaf", "cell")


@dataclass(frozen=True, slots=True)
class Granted:
    """A row of the exception register about the customer. `why` says why it is not used, or nothing."""

    number: str
    topic: str
    commitment: Cell
    item: Evidence
    since: date | None
    until: date | None
    cells: list[Citation]
    why: str
    pending: bool


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence of a note, a mail or a letter. `value` is what it says of `spec`."""

    item: Evidence
    text: str
    citation: Citation
    spec: TermSpec | None = None
    value: str = ""


@dataclass(slots=True)
class Account:
    """What the entitlement system says: state, never a promise. `over` are SKUs that it calls active, with the day on
    which they ended by the same record."""

    state: list[tuple[str, str, Citation]] = field(default_factory=list)
    offers: list[tuple[str, Citation]] = field(default_factory=list)
    numbers: list[tuple[str, Citation]] = field(default_factory=list)
    over: list[tuple[str, date, Citation]] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    fresh_until: list[datetime] = field(default_factory=list)


@dataclass(slots=True)
class Sources:
    """Everything that was retrieved. `others` counts, by item, the exceptions of other accounts that were left out;
    `not_understood` are registers and agreements in which nothing was found to read."""

    agreements: list[Agreement] = field(default_factory=list)
    foreign: list[Agreement] = field(default_factory=list)
    others: dict[str, int] = field(default_factory=dict)
    not_understood: list[Evidence] = field(default_factory=list)
    granted: list[Granted] = field(default_factory=list)
    policy: list[Agreement] = field(default_factory=list)
    offers: dict[str, date | None] = field(default_factory=dict)
    memos: list[Agreement] = field(default_factory=list)
    account: Account = field(default_factory=Account)
    precedent: list[Saying] = field(default_factory=list)
    notes: list[Saying] = field(default_factory=list)
    read: list[Evidence] = field(default_factory=list)


def sources(view: CaseView, words: Words, scope: Scope, opened: bool) -> Sources:
    """Retrieve from the boundary; `opened` says that people added the excluded source class, as context."""
    found = Sources()
    for role, systems in words.systems.items():
        found.read += view.of(*systems) if role != "excluded" or opened else []
    for item in view.of(*words.systems["agreements"]):
        one = agreement(item.id, view.readings(item.id), words)
        if not one.clauses and not one.number:
            if not view.readings(item.id).unusable and not list(entries(view, item)):
                found.not_understood.append(item)
            continue
        (found.agreements if _is_of_customer(view, one, words) else found.foreign).append(one)
    _signed(view, words, found)
    found.granted = list(_granted(view, words, scope, found))
    found.policy = [agreement(item.id, view.readings(item.id), words) for item in view.of(*words.systems["policy"])]
    found.offers = _offers(view, words)
    found.memos = [agreement(item.id, view.readings(item.id), words) for item in view.of(*words.systems["memos"])]
    found.account = _account(view, words, scope.day)
    for name in {name for name, _ in found.account.offers} - set(found.offers):
        found.offers[name] = date.min
    found.precedent = [one for item in view.of(*words.systems["precedent"]) for one in sayings(view, item, words)]
    heard = [*view.of(*words.systems["notes"]), *(view.of(*words.systems["excluded"]) if opened else [])]
    found.notes = [one for item in heard for one in sayings(view, item, words)]
    return found


def item_of(view: CaseView, name: str) -> Evidence:
    """The ledger's row of an item."""
    return next(one for one in view.evidence if one.id == name)


def _is_of_customer(view: CaseView, one: Agreement, words: Words) -> bool:
    cell = next((one.cells[label_of(name)] for name in words.labels["parties"] if label_of(name) in one.cells), None)
    return cell is None or is_ours(view, cell.text) or len(cell.text.split()) < 2


def _signed(view: CaseView, words: Words, found: Sources) -> None:
    """Registers of countersignatures among the contract records: they decide over a document's own line."""
    told = []
    for item in view.of(*words.systems["agreements"]):
        if view.readings(item.id).kind in ("pdf", "docx", "md", "txt"):
            continue
        for entry in entries(view, item):
            number, state = entry.first(words.labels["number"]), entry.first(words.labels["status"])
            if number is None or state is None:
                continue
            bad = regex(words.unsigned).search(state.text) is not None
            told.append(Countersigned(number.text.strip(), state.text.strip() if bad else "", item.id, state))
    registers = {one.item for one in told}
    found.agreements = [one for one in found.agreements if one.clauses and one.item not in registers]
    apply_register(found.agreements, told)


def _day(cell: Cell | None) -> date | None:
    told = dates(cell.text) if cell is not None else []
    return told[0][1] if told else None


def _granted(view: CaseView, words: Words, scope: Scope, found: Sources) -> Iterator[Granted]:
    labels, others = words.labels, found.others
    for item in view.of(*words.systems["exceptions"]):
        all_rows = list(entries(view, item))
        rows = [one for one in all_rows if _numbered(one, words) is not None]
        read, whole = False, _of_document(all_rows, labels["account"])
        for entry in rows or [_one_record(view, item)]:
            number, said = _numbered(entry, words), _promised(entry, words)
            account, status = entry.first(labels["account"]) or whole, entry.first(labels["status"])
            if number is None or said is None:
                continue
            known = entry.first(labels["exception_id"]) and entry.first(labels["commitment"])
            if account is None and not known and not is_ours(view, entry.text):
                continue  # a register in words that nobody foresaw has to say by itself whose row it is
            read = True
            if account is not None and not is_ours(view, account.text):
                others[item.id] = others.get(item.id, 0) + 1
                continue
            since, until = _day(entry.first(labels["from"])), _day(entry.first(labels["to"]))
            topic = entry.first(labels["topic"])
            why = _not_granted(status, since, until, scope, words)
            cells = [
                view.cite(item, cell)
                for cell in (number, said, status, entry.first(labels["from"]), entry.first(labels["to"]))
                if cell is not None
            ]
            pending = bool(why) and not (until and until < scope.day)
            if status is not None:
                decided = regex(words.closed).search(status.text) or regex(words.approved).search(status.text)
                pending = pending and not decided
            yield Granted(
                number.text.strip(), topic.text.strip() if topic else "", said, item, since, until, cells, why, pending
            )
        if not read and (all_rows or not view.readings(item.id).tables) and not view.readings(item.id).unusable:
            found.not_understood.append(item)


def _of_document(rows: Sequence[Entry], names: Sequence[str]) -> Cell | None:
    """What a tree of values says at its root, and so of all that stands in it."""
    said = (row.first(names) for row in rows)
    return next((cell for cell in said if cell is not None and re.fullmatch(r"/[^/]+", cell.locator)), None)


def _numbered(entry: Entry, words: Words) -> Cell | None:
    """The number of a row of the register: what stands under its name, else the first cell that is an id whole."""
    told = entry.first(words.labels["exception_id"])
    return told or next((one for one in _unnamed(entry, words) if ids_in(one.text) == [one.text.strip()]), None)


def _promised(entry: Entry, words: Words) -> Cell | None:
    """What a row grants: what stands under its name, else the longest of the texts that nothing else is said by."""
    told = entry.first(words.labels["commitment"])
    texts = [one for one in _unnamed(entry, words) if len(re.findall(r"[^\W\d_]{2,}", one.text)) > _FEW]
    return told or max(texts, key=lambda one: len(one.text), default=None)


def _unnamed(entry: Entry, words: Words) -> Iterator[Cell]:
    roles = ("exception_id", "account", "topic", "status", "from", "to", "approver")
    named = {label_of(name) for role in roles for name in words.labels[role]}
    return (cell for label, cells in entry.cells.items() if label not in named for cell in cells)


def _one_record(view: CaseView, item: Evidence) -> Entry:
    cells: dict[str, list[Cell]] = {}
    for label, cell in labelled(view, item):
        cells.setdefault(label, []).append(cell)
    return Entry(item, cells)


def _not_granted(status: Cell | None, since: date | None, until: date | None, scope: Scope, words: Words) -> str:
    if status is None:
        return "no status is recorded"
    if not regex(words.approved).search(status.text):
        return f"its status is “{status.text.strip()}”"
    if since is not None and since > scope.day:
        return f"it applies from {since}"
    return f"it ended on {until}" if until is not None and until < scope.day else ""


def _offers(view: CaseView, words: Words) -> dict[str, date | None]:
    """The legacy offers that a policy maps, with the last day of the mapping."""
    found: dict[str, date | None] = {}
    for item in view.of(*words.systems["policy"]):
        one = agreement(item.id, view.readings(item.id), words)
        for grid in [g for clause in one.clauses for g in clause.grids]:
            offer = next((name for name in grid.columns if label_of(name) in words.labels["legacy_offer"]), None)
            until = next((name for name in grid.columns if label_of(name) in words.labels["to"]), None)
            for row in grid.rows:
                if offer is not None and offer in row:
                    found[row[offer].text.strip()] = _day(row.get(until)) if until else None
        for entry in entries(view, item):
            cell = entry.first(words.labels["legacy_offer"])
            if cell is not None:
                found[cell.text.strip()] = _day(entry.first(words.labels["to"]))
    return found


def _is_active(entry: Entry, words: Words) -> bool:
    status = entry.first(words.labels["entitlement_status"])
    return status is not None and label_of(status.text) in ("active", "in force", "enabled", "valid")


def _account(view: CaseView, words: Words, day: date) -> Account:
    found = Account()
    known: set[tuple[str, str]] = set()
    hours = float(view.parameters["entitlement_snapshot_max_age"])
    limit = timedelta(hours=hours)
    for item in view.of(*words.systems["entitlement"]):
        made = view.readings(item.id).made_at or item.captured_at
        if made is not None and view.now - made > limit:
            found.stale.append(f"{item.id}: the snapshot of {made:%Y-%m-%dT%H:%MZ} is older than {hours:g} hours")
        elif made is not None:
            found.fresh_until.append(made + limit)
        rows = list(entries(view, item)) or [_one_record(view, item)]
        for entry in rows:
            own = entry.first(words.labels["account"])
            if own is not None and not re.search(r"\d", own.text) and not is_ours(view, own.text):
                continue
            for role in ("tier", "service_window", "entitlement_status", "sku"):
                cell = entry.first(words.labels[role])
                if (
                    cell is not None
                    and (role, cell.text.strip()) not in known
                    and (role != "entitlement_status" or entry.first(words.labels["tier"]))
                ):
                    known.add((role, cell.text.strip()))
                    found.state.append((role, cell.text.strip(), view.cite(item, cell)))
            sku, until = entry.first(words.labels["sku"]), _day(entry.first(words.labels["to"]))
            if sku is not None and until is not None and until < day and _is_active(entry, words):
                found.over.append((sku.text.strip(), until, view.cite(item, sku)))
            legacy = entry.first(words.labels["legacy_offer"])
            if legacy is not None and label_of(legacy.text) not in ("none", "null", "no", "false", "n a"):
                found.offers.append((legacy.text.strip(), view.cite(item, legacy)))
            for cell in (cell for cells in entry.cells.values() for cell in cells):
                found.numbers.append((cell.text.strip(), view.cite(item, cell)))
    return found


# How long something took or is ago is no term: "your last update is 40 minutes old", "for 2 hours without an update".
_AMOUNT = r"\d+(?:[.,]\d+)?[ -]?(?:minutes?|mins?|hours?|hrs?|h|days?|minuten|stunden|tagen?)\b"
_ELAPSED = re.compile(
    rf"{_AMOUNT}\s+(?:old|ago|late\b|overdue|behind|have passed|passed|elapsed|left|remaining|to go|without|alt|ohne)"
    rf"|\b(?:wait(?:ed|ing)?|silen(?:ce|t)|nothing|down|late by|overdue by|seit|vor)\s+(?:\w+\s+)?(?:for\s+)?{_AMOUNT}",
    re.IGNORECASE,
)


def sayings(view: CaseView, item: Evidence, words: Words) -> Iterator[Saying]:
    """The sentences of an item that say something on a topic, with the value that they give. One that gives orders to
    whoever reads it says nothing."""
    for citation, sentence in _sentences(view, item):
        if instructions.mark([Span(citation.locator, sentence, "line")]):
            continue
        found = [one for spec in words.terms if (one := _on(item, sentence, citation, spec, words)) is not None]
        if found:
            yield from found
        elif any(
            regex(about).search(sentence)
            for about in (*(s.about for s in words.terms), words.exception_word, words.exception_id)
        ):
            yield Saying(item, sentence, citation)


def _on(item: Evidence, text: str, citation: Citation, spec: TermSpec, words: Words) -> Saying | None:
    if spec.kind not in ("duration", "percent") or text.rstrip().endswith("?"):
        return None
    wide = spec.model_copy(update={"about": f"(?:{spec.about})|(?:{spec.also})"})
    value = value_in(_ELAPSED.sub(" ", text), wide, words)
    if value is None or (spec.kind == "percent" and not value[0].endswith("percent")):
        return None  # what was once paid is no rate
    return Saying(item, text, citation, spec, value[0])


def _sentences(view: CaseView, item: Evidence) -> Iterator[tuple[Citation, str]]:
    reading = view.readings(item.id)
    spans = [s for s in [*reading.spans, *line_spans(reading)] if not s.hidden and s.kind in _SAID]
    for block in blocks(spans):
        locator = place_of([span.locator for span in block])
        text = " ".join(span.text.strip() for span in block)
        for part in _END.split(text):
            if len(part.split()) > _FEW:
                yield view.cite(item, Cell(part.strip(), locator)), part.strip()


def defaults(found: Sources, words: Words, day: date) -> list[Term]:
    """What the policy in force on the day says by default; a superseded or future version says nothing."""
    current = [one for one in found.policy if one.effective is None or one.effective <= day]
    current = [one for one in current if one.ends is None or one.ends >= day]
    best: dict[str, Agreement] = {}
    for one in sorted(current, key=lambda p: p.effective or date.min):
        best[label_of(one.title)] = one
    return [term for one in best.values() for term in terms(one, words)]


def covers(product: str, names: Iterable[str]) -> bool:
    """Whether a list of names has the product."""
    own = label_of(product)
    return any(bool(own) and own in label_of(name) for name in names)
