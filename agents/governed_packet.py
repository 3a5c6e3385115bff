"""A packet that was made elsewhere, as its own document states it: who it is, where it may go, what it rests on.

Nothing of it is judged here. The words under which systems write the parts stand in the scenario's data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from agents.case_view import CaseView
from agents.labelled import Labelled, bullets, first, heading_over, headings, labelled, split, title, values
from agents.records import Cell, Record, label_of, records
from casefile.evidence import Evidence, Reading
from tools.readers import clock

_NUMBER = re.compile(r"\d+")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d| ?UTC)?")
_RECORD = re.compile(r"\b[A-Za-z]{1,10}[-_:]?\d[\w:-]*\b")
_DUPLICATES = ("duplicate", "merge", "escalation")
_FLAGS = {"true": True, "yes": True, "done": True, "false": False, "no": False, "not done": False}


@dataclass(frozen=True, slots=True)
class Reference:
    """A record in another system that the packet cites. `verified` is when the packet says it was last verified."""

    name: str
    record: Cell
    source: str
    verified: Cell | None


@dataclass(frozen=True, slots=True)
class Annex:
    """An annex: its places in the evidence, and whether it says of itself that it is minimised."""

    name: str
    title: str
    evidence: Evidence
    parts: tuple[Labelled, ...]
    minimised: bool | None


@dataclass(frozen=True, slots=True)
class GovernedPacket:
    """One revision of a packet. Cells have their places in `evidence`."""

    evidence: Evidence
    id: Cell
    revision: Cell
    state: Cell | None
    made: datetime | None
    queue: Cell | None
    audience: Cell | None
    scopes: tuple[Cell, ...]
    supersedes: frozenset[str]
    cases: tuple[Cell, ...]
    uncertainty: tuple[Cell, ...]
    caveats: tuple[Cell, ...]
    references: tuple[Reference, ...] = ()
    chronology: tuple[tuple[Cell | None, Cell], ...] = ()
    duplicates: tuple[Record, ...] = ()
    annexes: tuple[Annex, ...] = ()
    found: tuple[Labelled, ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """Packet and revision, as people say it."""
        return f"{self.id.text} {self.revision.text}"

    @property
    def scope(self) -> Cell | None:
        """The tenant scope, the first where it names several."""
        return self.scopes[0] if self.scopes else None

    @property
    def order(self) -> tuple[int, ...]:
        """Later revisions are greater: the numbers in the revision's name."""
        return order_of(self.revision.text)


def order_of(revision: str) -> tuple[int, ...]:
    """The numbers in a revision's name."""
    return tuple(int(number) for number in _NUMBER.findall(revision))


def packets(view: CaseView) -> list[GovernedPacket]:
    """Every packet revision in the ledger that was not withdrawn, in order of arrival; replaced ones too."""
    labels = view.scenario.data["packet"]
    given = [
        item
        for item in view.evidence
        if item.system in labels["systems"] and not item.withdrawn and not item.prior and not is_mail(item)
    ]
    read = [read_packet(item, view.readings(item.id), view.scenario.data) for item in given]
    return [one for one in read if one is not None]


def is_mail(item: Evidence) -> bool:
    """Mail speaks of packets and is none: what it says moves nothing (R8)."""
    return item.file.casefold().endswith((".eml", ".msg"))


def read_packet(item: Evidence, reading: Reading, data: Mapping[str, Any]) -> GovernedPacket | None:
    """The packet that a document is, or None where it is none: a packet names itself, its revision and its lane."""
    labels, lane = data["packet"], data["lane"]
    found = labelled(reading)
    own = [one for one in found if len(_plain_path(one)) <= 3]
    inside = [one for one in own if not _listed(one)]
    name = first(inside, labels["id"]) or _in_title(reading, labels["id"])
    revision = first(inside, labels["revision"]) or _in_title(reading, labels["revision"])
    queue = first([one for one in own if _about(one, "destination") or _about(one, "lane")], lane["queue"]) or first(
        inside, lane["queue"]
    )
    references = _references(reading, labels)
    if name is None or revision is None or (queue is None and not references):
        return None
    made = first(inside, labels["made"])
    return GovernedPacket(
        evidence=item,
        id=name,
        revision=revision,
        state=first(inside, labels["state"]),
        made=clock.instant(made.text) if made is not None else None,
        queue=queue,
        audience=first(own, lane["audience"]),
        scopes=_once(values([one for one in own if not _elsewhere(one)], data["scope"]["ref"])),
        supersedes=frozenset(part for cell in values(found, labels["supersedes"]) for part in split(cell)),
        cases=_once(values([one for one in own if not _elsewhere(one)], labels["cases"])),
        uncertainty=_listing(reading, own, labels["uncertainty"]),
        caveats=_listing(reading, own, labels["caveats"]),
        references=references,
        chronology=_chronology(reading, labels),
        duplicates=tuple(r for r in records(reading) if _stands_under(reading, r, _DUPLICATES))
        or tuple(_duplicates_in_text(reading, labels)),
        annexes=(*_annexes(item, found, labels), *_annexes_in_text(item, reading, labels)),
        found=tuple(found),
    )


def _in_title(reading: Reading, labels: Sequence[str]) -> Cell | None:
    """What the title of a document names under one of the labels: `Triage packet RT-118, revision 4`."""
    at = title(reading)
    words = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    found = re.search(rf"\b(?:{words})\b\.?[\s:#]*(?P<value>(?=[\w-]*\d)\w[\w.-]*\w|\d)", at.text, re.I) if at else None
    return Cell(found["value"], at.locator) if at is not None and found is not None else None


def _duplicates_in_text(reading: Reading, labels: Mapping[str, Sequence[str]]) -> Iterator[Record]:
    """Merged escalations that a text lists: the first id of a line, what it was merged into, and ids by their kind."""
    for cell in dict.fromkeys(cell for word in _DUPLICATES for cell in bullets(reading, word)):
        ids = _RECORD.findall(_INSTANT.sub(" ", cell.text))
        if not ids:
            continue
        told = {"escalation": ids[0]}
        for label in (*labels["merged_into"], "session", "case", "scope", "tenant"):
            after = re.search(rf"\b{re.escape(label)}\W{{1,2}}(?P<id>{_RECORD.pattern})", cell.text, re.I)
            told |= {label: after["id"]} if after is not None else {}
        yield Record({label: Cell(text, cell.locator) for label, text in told.items()})


def _plain_path(one: Labelled) -> list[str]:
    return [part for part in one.path if not part.isdigit()]


def _listed(one: Labelled) -> bool:
    """Whether it stands inside a member of a list of objects: then it names that member, not the packet."""
    return len(one.path) > 1 and one.path[-2].isdigit()


def _about(one: Labelled, word: str) -> bool:
    return any(word in part for part in one.path[:-1])


def _elsewhere(one: Labelled) -> bool:
    """Whether it stands in a part that speaks of something else: a duplicate, an annex, a cited record."""
    return any(word in part for part in one.path[:-1] for word in ("duplicate", "merge", "annex", "reference"))


def _once(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells whose text stands there for the first time."""
    return tuple({cell.text.casefold(): cell for cell in reversed(cells)}.values())[::-1]


def _listing(reading: Reading, own: Sequence[Labelled], labels: Sequence[str]) -> tuple[Cell, ...]:
    cells = values(own, labels)
    if not cells:
        cells = [cell for label in labels for cell in bullets(reading, label)]
    return tuple(dict.fromkeys(cells))


def _stands_under(reading: Reading, record: Record, words: Sequence[str]) -> bool:
    locator = next(iter(record.cells.values())).locator
    place = locator.casefold()
    where = place.rpartition("/")[0] if place.startswith("/") else place.partition("row=")[0]
    where += " " + (heading_over(reading, locator).casefold() if not place.startswith("/") else "")
    return any(word in where for word in words)


def _references(reading: Reading, labels: Mapping[str, Sequence[str]]) -> tuple[Reference, ...]:
    made = []
    for record in records(reading):
        cell = record.first(labels["reference_record"])
        verified, source = record.first(labels["verified"]), record.first(labels["reference_source"])
        if (
            cell is None
            or (verified is None and source is None)
            or _stands_under(reading, record, ("duplicate", "annex"))
        ):
            continue
        name = record.first(labels["reference_name"])
        made.append(
            Reference(name.text if name else cell.text, cell, source.text if source else _group(cell), verified)
        )
    return tuple(made) or tuple(_references_in_text(reading))


def _group(cell: Cell) -> str:
    """Under which name the record stands, where it does not name its source itself."""
    parts = [part for part in cell.locator.split("/")[:-1] if part and not part.isdigit()]
    return label_of(parts[-1]) if parts else ""


def _references_in_text(reading: Reading) -> Iterator[Reference]:
    """Records that a text lists under its references: an id, and a time of verification in the same line."""
    for cell in bullets(reading, "reference"):
        ids = _RECORD.findall(_INSTANT.sub(" ", cell.text))
        at = _INSTANT.search(cell.text)
        if ids:
            verified = Cell(at[0], cell.locator) if at is not None else None
            yield Reference(ids[0], Cell(ids[-1], cell.locator), cell.text, verified)


def _chronology(reading: Reading, labels: Mapping[str, Sequence[str]]) -> tuple[tuple[Cell | None, Cell], ...]:
    return tuple(
        (record.first(labels["observed"]), what)
        for record in records(reading)
        if (what := record.first(labels["what"])) is not None
        and _stands_under(reading, record, ("chronology", "timeline", "course"))
    ) or tuple((None, cell) for word in ("chronology", "timeline") for cell in bullets(reading, word))


def _annexes(item: Evidence, found: Sequence[Labelled], labels: Mapping[str, Sequence[str]]) -> tuple[Annex, ...]:
    groups: dict[str, list[Labelled]] = {}
    for one in found:
        start = next((n for n, part in enumerate(one.path) if "annex" in part), None)
        if start is not None:
            after = one.path[start + 1 : start + 2]
            groups.setdefault(after[0] if after and after[0].isdigit() else one.path[start], []).append(one)
    return tuple(annex_of(item, key, parts, labels) for key, parts in groups.items())


def _annexes_in_text(item: Evidence, reading: Reading, labels: Mapping[str, Sequence[str]]) -> Iterator[Annex]:
    """Annexes that a document writes out: the text under a heading, or a row of a table under one."""
    rows = [
        [Labelled(frozenset({name}), (), cell) for name, cell in record.cells.items()]
        for record in records(reading)
        if not next(iter(record.cells.values())).locator.startswith("/") and _stands_under(reading, record, ("annex",))
    ]
    yield from (annex_of(item, cells[0].cell.text, cells, labels) for cells in rows)
    for heading in headings(reading):
        if "annex" in label_of(heading):
            below = [cell for cell in bullets(reading, heading) if not (cell.text.startswith("|") and rows)]
            if not below and (rows or not label_of(heading).startswith("annex ")):
                continue  # it heads a table, or other headings
            parts = [Labelled(frozenset({"text"}), (), cell) for cell in below]
            name = heading[len("annex") :].strip() if heading.casefold().startswith("annex ") else heading
            yield replace(annex_of(item, name, parts, labels), title="")


def annex_of(item: Evidence, key: str, parts: Sequence[Labelled], labels: Mapping[str, Sequence[str]]) -> Annex:
    """An annex from its parts; the flag is what it says of itself."""
    name, title, flag = (first(parts, labels[what]) for what in ("annex_id", "annex_title", "annex_flag"))
    return Annex(
        name=name.text if name else key,
        title=title.text if title else "",
        evidence=item,
        parts=tuple(parts),
        minimised=_FLAGS.get(flag.text.casefold()) if flag else None,
    )
