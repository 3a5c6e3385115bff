"""What an agreement says of itself: its number, whose it is, from when until when it runs, and whether it was executed.

A status line alone is believed only where nothing speaks against it: a signature that is missing, a party that has not
signed, a register of countersignatures that says otherwise, a draft mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from agents.contract_dates import dated
from agents.contract_text import Clause, layout, numbered
from agents.records import Cell, label_of
from agents.synthesis_words import Words, regex
from agents.times import dates
from casefile.evidence import Reading

_ID = re.compile(r"\b(?=[A-Z0-9./-]*\d)[A-Z]{1,8}(?:[-/.][A-Z0-9]+)+\b|\b[A-Z]{2,6}\d{2,}\b")
_BARRED = re.compile(r"(?:^|\|)\s*(?P<label>[^\W\d][\w .'/-]{1,40}?)\s*:\s*(?P<value>[^|]+)")
_FILLED = re.compile(r"/s/|\w{2,}")
# What stands beside a signature in one line: `By: ____ Name: … Title: … Date: …`.
_ASIDE = re.compile(
    r"(?:^|\s)(?:printed |typed )?(?:name|title|position|role|function|capacity|date|place|its)\s*:", re.IGNORECASE
)
_SHORT, _SIGNING = 12, 24


@dataclass(slots=True)
class Agreement:
    """A document of the contract repository. `item` is its evidence id, `unsigned` says why it binds nothing.

    `amends` and `parent` are numbers of other documents; `plan` is the offer that it belongs to, where it says so.
    `cells` are its labelled lines, `at` the places that carry number, dates and state.
    """

    item: str
    number: str
    title: str
    clauses: list[Clause]
    parts: list[str]
    cells: Mapping[str, Cell]
    lines: list[Cell]
    front: list[Cell]
    effective: date | None = None
    ends: date | None = None
    renews_itself: bool = False
    unsigned: str = ""
    parent: str = ""
    amends: list[str] = field(default_factory=list)
    plan: str = ""
    ordering: bool = False
    at: dict[str, Cell] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How it is called in the brief."""
        return self.number or self.title


def agreement(item: str, reading: Reading, words: Words) -> Agreement:
    """Read one document."""
    laid = layout(reading, regex(words.party))
    cells = _labelled(reading, laid.front)
    front = [cell.text.strip("# ") for cell in laid.front]
    title = next(
        (text for text in front if not _BARRED.match(text) and numbered(text)[0] == ""), front[0] if front else ""
    )
    number = _first(cells, words.labels["number"]) or _beside(laid.front, words.labels["number"])
    found = Agreement(item, "", title, laid.clauses, laid.parts, cells, laid.lines, laid.front)
    if number is not None:
        found.number, found.at["number"] = _number(number.text), number
    elif ids := [one for one in _ID.findall(title) if one not in _amended(title, words)]:
        found.number = ids[0]
        found.at["number"] = next(cell for cell in laid.front if ids[0] in cell.text)
    found.ordering = bool(regex(words.ordering).search(title))
    plan = _first(cells, words.labels["plan"])
    found.plan = plan.text.strip() if plan is not None else ""
    _relations(found, words)
    told = dated(_first(cells, words.labels["effective"]), _first(cells, words.labels["ends"]), laid.lines, words)
    found.effective, found.ends, found.renews_itself = told.effective, told.ends, told.renews_itself
    found.at |= told.at
    found.unsigned = _unsigned(found, reading, words)
    return found


def _labelled(reading: Reading, front: Sequence[Cell]) -> dict[str, Cell]:
    """The labelled lines, by label; a label in two languages ("Référence / Reference") counts as each of them."""
    found: dict[str, Cell] = {}
    for label, cell in _lines_with_labels(reading, front):
        for name in (label, *label.split(" / ")):
            found.setdefault(label_of(name), cell)
    return found


def _lines_with_labels(reading: Reading, front: Sequence[Cell]) -> Iterator[tuple[str, Cell]]:
    for cell in front:
        if "|" in cell.text:
            for match in _BARRED.finditer(cell.text):
                yield match["label"], Cell(match["value"].strip(), cell.locator)
    for span in reading.spans:
        if span.label and span.value.strip() and not span.hidden:
            yield span.label, Cell(span.value.strip(), span.locator)
    for cell in front:
        named = _BARRED.match(cell.text.strip("# -*"))
        if named and "|" not in cell.text:
            yield named["label"], Cell(named["value"].strip(), cell.locator)


def _first(cells: Mapping[str, Cell], names: Iterable[str]) -> Cell | None:
    return next((cells[label_of(name)] for name in names if label_of(name) in cells), None)


def _beside(front: Sequence[Cell], names: Iterable[str]) -> Cell | None:
    """An id beside its label in a line, with nothing between them: `Document number A-1 to B-2`."""
    for cell in front:
        for label in names:
            words = r"[\s_.-]+".join(map(re.escape, label_of(label).split()))
            match = re.match(rf"(?i:{words})[.:]?\s+(?={_ID.pattern})", cell.text.strip("# -*"))
            if match and len(label.split()) > 1 and len(cell.text.split()) <= _SHORT:
                return Cell(cell.text.strip("# -*")[match.end() :], cell.locator)
    return None


def _amended(title: str, words: Words) -> list[str]:
    """The documents that a title says are amended: `Amendment No. 2 to A-1`."""
    if not regex(words.amends).search(title):
        return []
    return [
        match[1] for match in re.finditer(rf"\b(?:to|of|zu[rm]?|à|a|al)\s+(?:\w+\s+){{0,4}}?({_ID.pattern})", title)
    ]


def _number(text: str) -> str:
    ids = _ID.findall(text)
    return ids[0] if ids else text.strip().rstrip(".")


def ids_in(text: str) -> list[str]:
    """The document numbers in a text, in order."""
    return list(dict.fromkeys(_ID.findall(text)))


def _relations(found: Agreement, words: Words) -> None:
    amends, parent = _first(found.cells, words.labels["amends"]), _first(found.cells, words.labels["agreement"])
    if amends is not None:
        named = ids_in(amends.text)
        found.amends = named[:1] or [amends.text.strip()]
        found.parent = named[1] if len(named) > 1 else ""
        found.at["amends"] = amends
    if parent is not None and not found.parent:
        found.parent = (ids_in(parent.text) or [parent.text.strip()])[0]
        found.at["agreement"] = parent
    if not found.amends:
        found.amends = [one for one in _amended(found.title, words) if one != found.number][:1]
    told = found.at.get("number")
    if told is not None and not (found.parent or found.amends):
        found.parent = next((one for one in ids_in(told.text) if one != found.number), "")
    preamble = " ".join(cell.text for cell in found.front if len(cell.text.split()) > 8)
    if not found.amends and regex(words.amends).search(f"{found.title}. {preamble}"):
        found.amends = [one for one in ids_in(preamble) if one not in (found.number, found.parent)][:1]


def _unsigned(found: Agreement, reading: Reading, words: Words) -> str:
    """Why the document is not executed, or nothing."""
    status = _first(found.cells, words.labels["status"])
    if status is not None:
        found.at["status"] = status
        if regex(words.unsigned).search(status.text):
            return f"its status is “{status.text.strip()}”"
    for cell in [*found.front, *found.lines]:
        text = cell.text.strip()
        loose = len(text.split()) <= _SHORT and not numbered(text)[0]
        if loose and (regex(words.unsigned).search(text) or regex(words.draft).match(text)):
            found.at["status"] = cell
            return f"it says “{text}”"
    filled, empty, parties = _signatures(found, reading, words)
    if empty:
        return "a signature is missing: " + ", ".join(empty)
    if filled == 1 or 0 < filled < parties:
        return "only one party has signed; the countersignature is missing"
    if filled == 0 and parties:
        return "nobody has signed the signature block"
    if filled == 0 and (status is None or not regex(words.executed).search(status.text)):
        return "nothing shows that both parties signed it"
    return ""


def _signatures(found: Agreement, reading: Reading, words: Words) -> tuple[int, list[str], int]:
    """How many signatures are filled in, whose are empty, and how many parties have a block."""
    filled, empty, parties, party = 0, list[str](), 0, ""
    for cell in found.lines:
        text = cell.text.strip()
        beside = ""
        if block := regex(words.party).match(text):
            name, _, beside = text[block.end() :].strip(" ,").partition(":")
            parties, party = parties + 1, name.strip(" :,")
        loose = not numbered(text)[0] and len(text.split()) <= _SIGNING
        values = [match["value"] for match in regex(words.signature).finditer(text)] if loose else []
        if not values and beside.strip() and party and loose:
            values = [beside.strip()]
        for value in values:
            several = [part for part in re.split(r";|\band\b", value) if dates(part)]
            if _is_blank(value, words):
                empty.append(party or "a party")
            else:
                filled += max(1, len(several))
        if not values and regex(words.signed_line).match(text) and dates(text):
            filled += 1
        elif not values:
            filled += text.count("/s/")
    for table in reading.tables:
        for row in table.rows:
            cells = list(row.cells.values())
            if cells and regex(words.signature).match(f"{cells[0].strip()}:"):
                rest = [row.cells.get(column, "") for column in table.columns[1:]]
                filled += sum(not _is_blank(one, words) for one in rest)
                empty += ["a party" for one in rest if _is_blank(one, words)]
    return filled, empty, parties


def _is_blank(value: str, words: Words) -> bool:
    text = _ASIDE.split(value)[0].strip(" _.-–—[]()…\t")
    return not _FILLED.search(text) or regex(words.blank).search(text) is not None


@dataclass(frozen=True, slots=True)
class Countersigned:
    """What a register of signatures says about a document: why it is not countersigned, or nothing."""

    number: str
    missing: str
    item: str
    cell: Cell


def apply_register(found: Sequence[Agreement], told: Sequence[Countersigned]) -> None:
    """A register of countersignatures decides over a document's own status line."""
    for one in found:
        for row in told:
            if row.number.casefold() == one.number.casefold() and row.missing and not one.unsigned:
                one.unsigned = f"{row.item} says “{row.missing}”"
