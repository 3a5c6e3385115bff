"""Terms: what a clause promises on a topic, with the number and unit as the clause or its table cell has it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.agreements import Agreement
from agents.amounts import Amount, durations, percents, sums
from agents.contract_text import Clause, Grid, sentences
from agents.records import Cell
from agents.synthesis_words import TermSpec, Words, regex


@dataclass(frozen=True, slots=True)
class Term:
    """One statement of a document on one thing. `cell` holds the value; `said` is the sentence that states it.

    `raw` is the value as it stands in `cell`; `more` are further places that belong to it (the severity of its row).
    """

    spec: TermSpec
    document: Agreement
    clause: Clause
    value: str
    raw: str
    cell: Cell
    said: Cell
    more: tuple[Cell, ...] = ()

    @property
    def place(self) -> str:
        """Document and clause."""
        return f"{self.document.name} Section {self.clause.name}" if self.clause.name else self.document.name

    @property
    def source(self) -> str:
        """Its document as a brief names it: the evidence, its number and its title."""
        names = dict.fromkeys((self.document.name, self.document.title))
        return f"{self.document.item} ({', '.join(name for name in names if name)})"

    def row(self, words: Words) -> str:
        """Which row of its table it stands in, in words: its severity, or the step of a ladder."""
        if self.spec.kind == "sentence" or not self.more:
            return ""
        rated = regex(words.severity).search(self.more[0].text)
        if self.spec.by_severity:
            return f", {rated[0]}" if rated else ""
        return f", {' '.join(filter(None, (self.more[0].head, self.more[0].text.strip())))}"


def terms(document: Agreement, words: Words) -> list[Term]:
    """Everything that a document states on the scenario's topics."""
    found = []
    for clause in document.clauses:
        for spec in words.terms:
            stated = list(_in_grids(document, clause, spec, words)) or list(_in_text(document, clause, spec, words))
            found += stated
    return found


def _in_grids(document: Agreement, clause: Clause, spec: TermSpec, words: Words) -> Iterator[Term]:
    for grid in clause.grids:
        for row, column in _cells(grid, clause, spec, words):
            cell = row[column]
            amounts = amounts_of(spec, cell.text)
            if amounts:
                lead = clause.body[0] if clause.body else cell
                beside = tuple(Cell(o.text, o.locator, name) for name, o in row.items() if name != column)[:1]
                yield Term(spec, document, clause, amounts[0].value, amounts[0].raw, cell, lead, beside)


def _cells(grid: Grid, clause: Clause, spec: TermSpec, words: Words) -> Iterator[tuple[dict[str, Cell], str]]:
    """The cells of a table that state a term: by its column, by its row, or by what the clause says of the table."""
    columns, severity = regex(spec.columns), regex(words.severity)
    upright = [name for name in grid.columns if columns.search(name)]
    across = [name for name in grid.columns if severity.search(name)]
    for row in grid.rows:
        texts = [cell.text for cell in row.values()]
        # In a column `Severity` the figure alone is the severity.
        own = any(severity.fullmatch(f"{name} {cell.text}".strip()) for name, cell in row.items())
        rated = own or any(severity.search(text) for text in texts)
        if upright and (rated or not spec.by_severity):
            yield from ((row, name) for name in upright if name in row)
        elif across and columns.search(texts[0] if texts else ""):
            yield from ((row, name) for name in across if name in row)
        elif len(texts) > 1 and columns.search(texts[0]) and (rated or not spec.by_severity):
            told = [name for name in list(row)[1:] if amounts_of(spec, row[name].text)]
            yield from ((row, name) for name in told[:1])
        elif rated and not _has_topic(grid, words) and _leads(clause, spec):
            yield from ((row, name) for name in list(row)[1:2])


def _has_topic(grid: Grid, words: Words) -> bool:
    return any(regex(spec.columns).search(name) for spec in words.terms for name in grid.columns)


def _leads(clause: Clause, spec: TermSpec) -> bool:
    own = regex(spec.about).search(clause.text)
    return bool(own or regex(spec.about).search(clause.heading)) and not regex(spec.unless).search(clause.text)


def _in_text(document: Agreement, clause: Clause, spec: TermSpec, words: Words) -> Iterator[Term]:
    if spec.kind == "sentence":
        yield from _whole(document, clause, spec)
        return
    for piece in clause.body:
        for part in sentences(piece.text, ".!?" if spec.kind == "list" else ".;!?"):
            if (found := value_in(part, spec, words, clause.heading)) is not None:
                value, raw = found
                yield Term(spec, document, clause, value, raw, piece, Cell(part, piece.locator))
                return
    if spec.by_severity:
        yield from _in_rows(document, clause, spec, words)


def _in_rows(document: Agreement, clause: Clause, spec: TermSpec, words: Words) -> Iterator[Term]:
    """A table without lines around its cells: its rows are short lines below the clause."""
    order: list[str] = []
    leads = _leads(clause, spec)
    for piece in clause.pieces[1:]:  # below the sentence or the heading that leads to them
        found = durations(piece.text)
        if not found:
            at = [(match.start(), one.id) for one in words.terms if (match := regex(one.columns).search(piece.text))]
            order = [name for _, name in sorted(at)] or order
        elif regex(words.severity).search(piece.text) and not regex(words.other_severity).search(piece.text):
            if spec.id not in order and (order or not leads or len(found) > 1):
                continue
            chosen = found[order.index(spec.id)] if len(found) == len(order) and spec.id in order else found[0]
            yield Term(spec, document, clause, chosen.value, chosen.raw, piece, piece)
            return


def _whole(document: Agreement, clause: Clause, spec: TermSpec) -> Iterator[Term]:
    """A clause that counts as a whole, with its list items."""
    for piece in clause.body:
        if regex(spec.about).search(piece.text) and not regex(spec.unless).search(piece.text):
            said = next((s for s in sentences(piece.text) if regex(spec.about).search(s)), piece.text)
            items = tuple(one for one in clause.pieces[clause.pieces.index(piece) + 1 :])
            value = " ".join([_without_number(said), *(one.text for one in items)])
            yield Term(spec, document, clause, value, said, Cell(said, piece.locator), Cell(said, piece.locator), items)
            return


def _without_number(text: str) -> str:
    return re.sub(r"^(?:[A-Z]\.)?\d+(?:\.\d+)*[.)]?\s+", "", text)


def value_in(text: str, spec: TermSpec, words: Words, heading: str = "") -> tuple[str, str] | None:
    """The value of a term in a sentence, in one form and as it stands; None where the sentence does not state it."""
    about = regex(spec.about).search(text)
    headed = not about and regex(spec.about).search(heading) is not None
    if not (about or headed) or regex(spec.unless).search(text):
        return None
    if headed and _other_topic(text, spec, words):
        return None
    if spec.by_severity and regex(words.other_severity).search(text) and not regex(words.severity).search(text):
        return None
    if spec.kind == "list":
        return _listed(text)
    if spec.kind == "phrase":
        match = _nearest(list(regex(spec.value).finditer(text)), regex(words.severity).search(text))
        return (" ".join(match[0].split()), match[0]) if match else None
    stop = regex(spec.stops_at).search(text)
    amounts = [one for one in amounts_of(spec, text) if stop is None or one.start < stop.start()]
    if not amounts:
        return None
    chosen = _chosen(text, amounts, about.end() if about else 0, spec, words)
    return chosen.value, chosen.raw


def _nearest(found: Sequence[re.Match[str]], severity: re.Match[str] | None) -> re.Match[str] | None:
    """Of several phrases the one beside the severity: "in business hours and, for Severity 1, at all times"."""
    if not found or severity is None:
        return found[0] if found else None
    return min(found, key=lambda one: max(severity.start() - one.end(), one.start() - severity.end()))


def _other_topic(text: str, spec: TermSpec, words: Words) -> bool:
    """Whether a sentence below a heading of several topics speaks of another one."""
    return any(regex(one.about).search(text) for one in words.terms if one is not spec and one.kind == spec.kind)


def amounts_of(spec: TermSpec, text: str) -> list[Amount]:
    """The amounts in a text that can be the value of a term."""
    if spec.kind == "percent":
        return percents(text) or sums(text)
    if spec.kind == "duration":
        return [one for one in durations(text) if regex(spec.value).search(one.value)]
    stripped = text.strip()
    return [Amount(stripped, stripped, 0)] if stripped else []


def _chosen(text: str, amounts: Sequence[Amount], after: int, spec: TermSpec, words: Words) -> Amount:
    """Which of several amounts belongs to the term, and to the severity."""
    if len(amounts) == 1:
        return amounts[0]
    own = [match.start() for match in regex(words.severity).finditer(text)]
    others = [match.start() for match in regex(words.other_severity).finditer(text)]
    marks = sorted(own + others)
    if spec.by_severity and own and others and len(marks) == len(amounts):
        return amounts[marks.index(own[0])]
    later = [one for one in amounts if one.start >= after]
    nearest = later[0] if later else amounts[-1]
    between = text[after : nearest.start] if later else ""
    if any(regex(one.about).search(between) for one in words.terms if one is not spec and one.kind == spec.kind):
        earlier = [one for one in amounts if one.start < after]
        return earlier[-1] if earlier else nearest
    return nearest


def _listed(text: str) -> tuple[str, str] | None:
    match = re.search(
        r"(?:(?:by|are|is|include|includes|following|comprise[sd]?)\s*:|:|\bare\b|\binclude[s]?\b|\breads?\b)\s*(?P<list>[^:]+)$",
        text,
    )
    if match is None:
        return None
    raw = match["list"].strip().strip('“”"').rstrip(".").strip()
    return (", ".join(items(raw)), raw) if items(raw) else None


def items(text: str) -> list[str]:
    """The names in a list that is written as one text."""
    parts = re.split(r",\s*(?:and\s+)?|;\s*|\s+and\s+", text)
    return [part.strip() for part in parts if part.strip()]
