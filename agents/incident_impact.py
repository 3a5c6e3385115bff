"""The impact of an incident: who lost what, when, as people reported it; and who was looked at and lost nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agents.case_view import CaseView
from agents.entries import Entry, entries
from agents.incident_facts import local
from agents.records import Cell, label_of
from casefile.claims import Citation
from casefile.evidence import Evidence

_DATED = re.compile(r"\d")


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


def impact(view: CaseView, items: Sequence[Evidence]) -> Impact:
    """Read the table of impact, in whatever file it stands."""
    found = Impact()
    words: dict[str, list[str]] = view.scenario.data["impact"]
    lost = re.compile(view.scenario.data["lost"], re.IGNORECASE)
    spared = re.compile(view.scenario.data["spared"], re.IGNORECASE)
    for item in items:
        for entry in entries(view, item):
            subject = entry.first(words["subject"])
            gone = entry.first(words["lost_at"])
            state = entry.first(words["state"]) or gone
            if subject is None or state is None:
                continue
            name = subject.text.strip()
            place = entry.first(words["place"])
            if place is not None:
                found.places[name] = place.text.strip()
            cited = [view.cite(item, cell) for cell in (subject, state)]
            if spared.search(state.text):
                found.spared.setdefault(name, cited)
            elif lost.search(state.text) or (state is gone and _DATED.search(state.text)):
                found.losses += _losses(view, entry, words, name, place, cited)
    for one in found.subjects:
        found.spared.pop(one, None)
    return found


def _losses(
    view: CaseView, entry: Entry, words: dict[str, list[str]], subject: str, place: Cell | None, cited: list[Citation]
) -> Iterator[Loss]:
    times = [*words["lost_at"], *words["at"]]
    at, zone = entry.first(times), entry.first(words["zone"])
    label = next((n for n in times if at is not None and at in entry.cells.get(label_of(n), ())), "")
    utc = "UTC" if re.search(r"\b(?:utc|gmt|z)\b", label_of(label)) else ""
    moment = local(at.text, zone.text.strip() if zone is not None else utc) if at is not None else None
    more = [view.cite(entry.item, cell) for cell in (at, zone) if cell is not None]
    where = place.text.strip() if place is not None else ""
    for cell in entry.all(words["capability"]):
        for name in re.split(r"[;,|]\s*", cell.text):
            if name.strip():
                yield Loss(subject, name.strip(), moment, where, [*cited, view.cite(entry.item, cell), *more])
