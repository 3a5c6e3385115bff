"""The impact of an incident: who lost what, when, as people reported it; and who was looked at and lost nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agents.case_view import CaseView
from agents.entries import Entry, entries
from agents.incident_facts import local, under
from agents.labelled import labelled, values
from agents.records import Cell, label_of
from agents.row_times import dated, row_clock
from agents.times import known_zone
from casefile.claims import Citation
from casefile.evidence import Evidence

_DATED = re.compile(r"\d")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_SHORT = 60
_ROW = re.compile(r",row=\d+")
_ELEMENT = re.compile(r"(?<=/)\d+$")
# An id or an account name: one word with a digit or an @ in it, that is no time.
_ID = re.compile(r"(?=\S*[\d@])(?!\d{1,4}[-./:]\d)[A-Za-z][\w.@+-]{1,60}")


@dataclass(frozen=True, slots=True)
class Loss:
    """One capability that one subject lost, at a moment that is known to the minute, or not at all."""

    subject: str
    capability: str
    at: datetime | None
    place: str
    citations: list[Citation]


@dataclass(slots=True)
class Impact:
    """All losses, and the subjects that were checked and lost nothing, with the place that each belongs to."""

    losses: list[Loss] = field(default_factory=list)
    spared: dict[str, list[Citation]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    open_rows: list[tuple[Entry, str, list[Citation]]] = field(default_factory=list)
    """Rows that say who lost something and when, and leave what: with the subject, and the cells that say so."""

    @property
    def subjects(self) -> list[str]:
        """Who lost something."""
        return list(dict.fromkeys(one.subject for one in self.losses))

    @property
    def capabilities(self) -> list[str]:
        """What was lost."""
        return list(dict.fromkeys(one.capability for one in self.losses))

    @property
    def moments(self) -> list[datetime]:
        """When something was lost; nothing where the moment of any loss is not known."""
        dated = [one.at for one in self.losses if one.at is not None]
        return dated if len(dated) == len(self.losses) else []

    @property
    def first(self) -> Loss | None:
        """The earliest loss of which the moment is known."""
        dated = [one for one in self.losses if one.at is not None]
        return min(dated, key=lambda one: (str(one.at), one.subject), default=None)


@dataclass(frozen=True, slots=True)
class Terms:
    """How the scenario's tables of impact speak."""

    labels: dict[str, list[str]]
    lost: re.Pattern[str]
    spared: re.Pattern[str]
    capability: re.Pattern[str]
    history: Sequence[str]


def impact(view: CaseView, items: Sequence[Evidence]) -> Impact:
    """Read the table of impact, in whatever file it stands: a row for each loss, or a column for each capability."""
    found = Impact()
    data = view.scenario.data
    lost, spared, capability = (re.compile(data[n], re.IGNORECASE) for n in ("lost", "spared", "capability"))
    terms = Terms(data["impact"], lost, spared, capability, data["groups"][data["history"]])
    for item in items:
        for entry in (one for rows in _tables(entries(view, item)) for one in by_value(rows, terms)):
            subject = entry.first(terms.labels["subject"])
            if subject is None:
                continue
            _row(view, entry, subject, terms, found)
    if not found.losses:
        _once_for_all(view, items, terms, found)
    for one in found.subjects:
        found.spared.pop(one, None)
    return found


def _once_for_all(view: CaseView, items: Sequence[Evidence], terms: Terms, found: Impact) -> None:
    """What was lost, where a table leaves it because the case's scope says it once for everybody.

    The scope of the table's own document counts before that of another. Where scopes of one rank name different
    capabilities, nobody has said which; where a scope names some of the subjects, it speaks of these.
    """
    history = [item for item in items if item.system in terms.history]
    told = [(item, scope) for item in history for scope in _scopes(view, item, terms)]
    subjects = {subject for _, subject, _ in found.open_rows}
    for entry, subject, cited in found.open_rows:
        near = [one for one in told if one[0].id == entry.item.id] or told
        if not near or any(set(scope) != set(near[0][1]) for _, scope in near):
            continue
        item, scope = near[0]
        said = " ".join(cell.text for cell in scope.values())
        spoken_of = {one for one in subjects if re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", said)}
        if spoken_of and subject not in spoken_of:
            continue
        _, at = under(entry, [*terms.labels["lost_at"], *terms.labels["at"]])
        for name, cell in scope.items():
            cells = [*cited, view.cite(item, cell)]
            found.losses.append(_loss(view, entry, terms, (subject, name, found.places.get(subject, "")), at, cells))


def _scopes(view: CaseView, item: Evidence, terms: Terms) -> list[dict[str, Cell]]:
    """What an item says of the scope, each time: the capabilities with their cells. A list of values says it once."""
    scopes: dict[str, dict[str, Cell]] = {}
    for cell in values(labelled(view.readings(item.id)), terms.labels["scope"]):
        place = _ELEMENT.sub("", cell.locator)
        for name in _named_in(cell.text, terms):
            scopes.setdefault(place, {}).setdefault(name, cell)
    return list(scopes.values())


def _named_in(text: str, terms: Terms) -> list[str]:
    """The capabilities that a text names, in the form of a column's name."""
    parts = (label_of(part) for part in re.split(r"[;,:|/&+\n]|\band\b", text))
    named = (match[0] for part in parts for match in re.finditer(rf"\b(?:{terms.capability.pattern})\b", part))
    return list(dict.fromkeys(name.replace(" ", "_") for name in named))


def _tables(rows: Iterable[Entry]) -> Iterable[list[Entry]]:
    """The rows of each table apart: a sheet of notes beside it says nothing of its columns."""
    tables: dict[str, list[Entry]] = {}
    for row in rows:
        place = next((cell.locator for cells in row.cells.values() for cell in cells), "")
        tables.setdefault(_ROW.split(place, maxsplit=1)[0] if place.startswith("sheet=") else "", []).append(row)
    return tables.values()


def by_value(rows: Sequence[Entry], terms: Terms) -> list[Entry]:
    """Rows of a table whose headings no word of ours knows, with the columns named by what stands in them.

    A table of impact has, in whatever language its headings are, a column that says lost or spared in every row, one of
    capabilities, and before both the subject's id. Where one of the three is not found, the rows stay as they are.
    """
    if not rows or any(row.first(terms.labels["subject"]) for row in rows):
        return list(rows)
    columns: dict[str, list[str]] = {}
    for row in rows:
        for label, cells in row.cells.items():
            columns.setdefault(label, []).extend(cell.text.strip() for cell in cells)
    told = [(label, texts) for label, texts in columns.items() if len(texts) == len(rows)]

    def state(text: str) -> bool:
        return len(text) <= _SHORT and bool(terms.lost.search(text) or terms.spared.search(text))

    def capability(text: str) -> bool:
        return all(terms.capability.fullmatch(label_of(part)) for part in re.split(r"[;,|]\s*", text))

    states = [label for label, texts in told if all(map(state, texts))]
    capabilities = [label for label, texts in told if all(map(capability, texts)) and label not in states]
    ids = [label for label, texts in told if all(_ID.fullmatch(text) for text in texts)]
    if len(states) != 1 or len(capabilities) != 1 or not ids or len(set(columns[ids[0]])) < min(2, len(rows)):
        return list(rows)
    names = {ids[0]: "subject", states[0]: "state", capabilities[0]: "capability"}
    for label, texts in columns.items():
        if label not in names and all(_DATED.search(text) and _CLOCK.search(text) for text in texts):
            names.setdefault(label, "at")
        elif label not in names and all(known_zone(text) for text in texts):
            names[label] = "zone"
    return [_named(row, names, terms) for row in rows]


def _named(row: Entry, names: Mapping[str, str], terms: Terms) -> Entry:
    """The same row, with the cells also under the first word of their role."""
    added = {label_of(terms.labels[role][0]): row.cells[label] for label, role in names.items() if label in row.cells}
    return Entry(row.item, {**row.cells, **added}, row.context)


def _row(view: CaseView, entry: Entry, subject: Cell, terms: Terms, found: Impact) -> None:
    _, gone = under(entry, terms.labels["lost_at"])
    state = entry.first(terms.labels["state"]) or gone
    wide = [] if entry.all(terms.labels["capability"]) else list(_columns(entry, terms))
    name = subject.text.strip()
    place = entry.first(terms.labels["place"])
    where = place.text.strip() if place is not None else ""
    if place is not None and (state is not None or wide):
        found.places[name] = where
    cited = [view.cite(entry.item, cell) for cell in (subject, state) if cell is not None]
    for label, cell in wide:
        spared = _tells(terms.spared, cell.text)
        if not spared and (_tells(terms.lost, cell.text) or _DATED.search(cell.text)):
            _, when = under(entry, [*terms.labels["lost_at"], *terms.labels["at"]])
            dated = cell if _DATED.search(cell.text) else when
            cells = [view.cite(entry.item, one) for one in (subject, cell)]
            found.losses.append(_loss(view, entry, terms, (name, label, where), dated, cells))
        elif spared:
            found.spared.setdefault(name, [view.cite(entry.item, subject), view.cite(entry.item, cell)])
    if wide or state is None:
        return
    if _tells(terms.spared, state.text):
        found.spared.setdefault(name, cited)
    elif terms.lost.search(state.text) or (state is gone and _DATED.search(state.text)):
        _, at = under(entry, [*terms.labels["lost_at"], *terms.labels["at"]])
        told = entry.all(terms.labels["capability"])
        if not told and (state is gone or entry.item.system in terms.history):
            found.open_rows.append((entry, name, cited))
        for cell in told:
            for capability in filter(None, (part.strip() for part in re.split(r"[;,|]\s*", cell.text))):
                cells = [*cited, view.cite(entry.item, cell)]
                found.losses.append(_loss(view, entry, terms, (name, capability, where), at, cells))


def _tells(kind: re.Pattern[str], text: str) -> bool:
    return kind.search(text.strip()) is not None


def _columns(entry: Entry, terms: Terms) -> Iterator[tuple[str, Cell]]:
    """The cells of a matrix: what became of each capability, under its name, `audit_export: 2026-05-13 04:31`."""
    for label, cells in entry.cells.items():
        if not terms.capability.fullmatch(label):
            continue
        for cell in cells:
            told = terms.lost.search(cell.text) or _CLOCK.search(cell.text) or _tells(terms.spared, cell.text)
            if told and len(cell.text) <= _SHORT:
                yield label.replace(" ", "_"), cell


def _loss(
    view: CaseView,
    entry: Entry,
    terms: Terms,
    what: tuple[str, str, str],
    at: Cell | None,
    cited: list[Citation],
) -> Loss:
    subject, capability, place = what
    zone = entry.first(terms.labels["zone"])
    label = next((name for name, cells in entry.cells.items() if at is not None and at in cells), "")
    told = zone.text.strip() if zone is not None else known_zone(label.upper())
    file = row_clock(view, entry.item)
    text = dated(at.text, file.days_first) if at is not None else ""
    moment = local(text, told) or (file.parsed(text)[0] if not told else None)
    more = [view.cite(entry.item, cell) for cell in (at, zone) if cell is not None]
    new = [one for one in more if one not in cited]
    return Loss(subject, capability, moment, place, [*cited, *new])
