"""Which packet stands at the gate, what replaced it, and which duplicates belong to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.case_view import CaseView
from agents.governed_packet import GovernedPacket, is_mail, order_of
from agents.labelled import Labelled, labelled, values
from agents.records import Cell, records
from casefile.claims import Citation
from casefile.evidence import Evidence, Reading
from tools.readers import line_spans

_ID = re.compile(r"\b[A-Z][A-Z0-9]{1,9}-\d[\w-]*\b")
_CALLED = re.compile(
    r"\b(?i:escalations?|duplicates?|eskalation|meldung|duplikat|signalement|escalade|doublon|escalaci[oó]n|duplicado|segnalazione)"
    r"\s+(?:(?i:no\.?|nr\.?|id|n°|ref\.?)\s*)?(?P<id>[A-Z][A-Z0-9]{1,9}-\d[\w-]*)\b"
)
# That an escalation has a packet or a place in the queue of its own, in the languages of duty managers.
_APART = re.compile(
    r"\b(?:separate|second|own|new|split)\b.{0,30}\b(?:packet|queue|entry|dispatch)\b"
    r"|\b(?:packet|entry) of (?:its|their) own\b"
    r"|\b(?:eigene[sn]?|zweite[sn]?|gesonderte[sn]?|separate[sn]?)\b.{0,30}\b(?:paket|eintrag)"
    r"|\b(?:second|autre|nouveau)\s+(?:paquet|dossier)\b|\bpaquet\b.{0,20}(?:\bséparé|à part)"
    r"|\b(?:segundo|otro|nuevo)\s+paquete\b|\bpaquete\b.{0,20}\b(?:aparte|separado|propio)\b"
    r"|\b(?:secondo|altro|nuovo)\s+pacchetto\b|\bpacchetto\b.{0,20}\b(?:separato|a parte)\b"
)


@dataclass(frozen=True, slots=True)
class Successor:
    """What replaced the packet at the gate, and where that is stated."""

    name: str
    why: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Stray:
    """A duplicate that is not part of the packet: queued apart, or not merged yet."""

    name: str
    apart: bool
    evidence: Evidence
    citation: Citation


def under_release(packets: Sequence[GovernedPacket], instructions: str) -> GovernedPacket | None:
    """The packet that the run is about: the one that the instructions name, else the newest that came first.

    The same revision in a later export is that packet, changed; a later revision is its successor, not it.
    """
    if not packets:
        return None
    start = packets[0].evidence.arrived_at
    opening = [one for one in packets if one.evidence.arrived_at == start]
    asked = [one for one in opening if _says(instructions, one.id.text)] or opening
    exact = [one for one in asked if _says(instructions, one.revision.text)]
    chosen = max(exact or asked, key=lambda one: (one.order, one.evidence.id))
    exports = [one for one in packets if _same_revision(one, chosen)]
    return exports[-1]


def _says(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE) is not None


def _same_revision(one: GovernedPacket, other: GovernedPacket) -> bool:
    return one.id.text.casefold() == other.id.text.casefold() and (
        one.revision.text.casefold() == other.revision.text.casefold()
    )


def successor(view: CaseView, packet: GovernedPacket, packets: Sequence[GovernedPacket]) -> Successor | None:
    """A newer revision of the packet, or a merge that ended it; the newest where there are several."""
    newer = [one for one in packets if not _same_revision(one, packet) and _replaces(one, packet)]
    if newer:
        best = max(newer, key=lambda one: (one.order, one.evidence.arrived_at, one.evidence.id))
        why = f"{best.name} is newer than {packet.name}"
        return Successor(best.name, why, view.cite(best.evidence, best.revision))
    return next(_merges(view, packet), None)


def _replaces(one: GovernedPacket, packet: GovernedPacket) -> bool:
    if one.evidence.replaces == packet.evidence.id:
        return one.order >= packet.order or one.id.text != packet.id.text
    if one.id.text.casefold() != packet.id.text.casefold():
        return any(_says(name, packet.id.text) for name in one.supersedes) or any(
            _into(record_text, one, packet) for record_text in _duplicates(one)
        )
    named = packet.revision.text in one.supersedes
    if one.order and packet.order:
        return one.order > packet.order or (named and one.order >= packet.order)
    return named or (one.made is not None and packet.made is not None and one.made > packet.made)


def _duplicates(one: GovernedPacket) -> Iterator[list[str]]:
    for record in one.duplicates:
        yield [cell.text for cell in record.cells.values()]


def _into(texts: Sequence[str], one: GovernedPacket, packet: GovernedPacket) -> bool:
    return any(_says(text, packet.id.text) for text in texts) and any(_says(text, one.id.text) for text in texts)


def _merges(view: CaseView, packet: GovernedPacket) -> Iterator[Successor]:
    """Merge results that end this packet: it was folded into another one, or its revision into a newer one."""
    labels = view.scenario.data["packet"]
    for item in view.of(*labels["systems"]):
        if item.id == packet.evidence.id or is_mail(item):
            continue
        for record in records(view.readings(item.id)):
            name, revision = record.first(labels["id"]), record.first(["packet revision", "revision", "rev"])
            if name is not None and revision is not None and _same_name(name, packet) and _newer(revision, packet):
                newest = f"{name.text} {revision.text}"
                yield Successor(newest, f"{newest} is newer than {packet.name}", view.cite(item, revision))
            into = record.first(labels["merged_into"])
            if into is None or into.text.casefold() in (packet.id.text.casefold(), packet.name.casefold()):
                continue
            others = [cell.text for cell in record.cells.values() if cell is not into]
            if any(_says(text, packet.id.text) for text in others):
                yield Successor(into.text, f"{packet.name} was merged into {into.text}", view.cite(item, into))


def _same_name(name: Cell, packet: GovernedPacket) -> bool:
    return name.text.strip().casefold() == packet.id.text.strip().casefold()


def _newer(revision: Cell, packet: GovernedPacket) -> bool:
    """Whether a revision's name is of the packet's kind, and later."""
    mine, theirs = packet.revision.text.strip(), revision.text.strip()
    if re.sub(r"\d+", "", mine).casefold() != re.sub(r"\d+", "", theirs).casefold():
        return False
    return order_of(theirs) > packet.order


def keys_of(found: Sequence[Labelled], view: CaseView) -> dict[str, set[str]]:
    """The values of the duplicate match keys that a document states, compared without case."""
    known: dict[str, list[str]] = view.scenario.data["match_keys"]
    keys = {}
    for key in view.parameters["duplicate_match_keys"]:
        cells = values(found, known.get(key.casefold(), [key]))
        keys[key] = {cell.text.strip().casefold() for cell in cells}
    return keys


def strays(view: CaseView, packet: GovernedPacket, packets: Sequence[GovernedPacket]) -> list[Stray]:
    """Duplicates of the packet's case that are not in it (card: duplicates of one case stay one packet)."""
    mine = _keys(view, packet)
    text = {part.casefold() for one in packet.found for part in _ID.findall(one.cell.text)}
    found: list[Stray] = []
    others = {one.evidence.id: one for one in packets}
    for item in view.of(*view.scenario.data["packet"]["duplicate_systems"]):
        if item.id == packet.evidence.id:
            continue
        other = others.get(item.id)
        if other is not None:
            if other.id.text.casefold() != packet.id.text.casefold() and _match(_keys(view, other), mine):
                found.append(Stray(other.name, True, item, view.cite(item, other.id)))
            continue
        said, lines = labelled(view.readings(item.id)), _lines(view.readings(item.id))
        escalation = _escalation(view, said) or _other_packet(view, said, packet) or in_sentence(lines)
        if escalation is None or not _match(_told(said, lines, view, mine), mine):
            continue
        names = {part.casefold() for part in _ID.findall(escalation.text)} or {escalation.text.casefold()}
        if not names & text:
            found.append(Stray(escalation.text, queued_apart(lines), item, view.cite(item, escalation)))
    return found


def _keys(view: CaseView, packet: GovernedPacket) -> dict[str, set[str]]:
    """What a packet says of its keys, also by what it cites: a session is one of its references."""
    mine = keys_of(packet.found, view)
    records = {reference.record.text.casefold() for reference in packet.references}
    named = {cell.text.casefold() for cell in packet.cases}
    tenants = {one.casefold() for one in view.packet.tenant_ids()}
    scope = {packet.scope.text.casefold()} if packet.scope else set()
    extra = {"session id": records, "case id": named, "tenant id": tenants | scope}
    return {key: found | extra.get(key.casefold(), set()) for key, found in mine.items()}


def _match(theirs: dict[str, set[str]], mine: dict[str, set[str]]) -> bool:
    return all(theirs[key] & mine[key] for key in theirs)


def _lines(reading: Reading) -> list[Cell]:
    """Everything that a record says, each with its place."""
    spans = [span for span in reading.spans if not span.hidden]
    return [Cell(span.text, span.locator) for span in spans or line_spans(reading)]


def _told(
    said: Sequence[Labelled], lines: Sequence[Cell], view: CaseView, mine: dict[str, set[str]]
) -> dict[str, set[str]]:
    """The values of the match keys that a record gives by name; of a key that it names nowhere, those of the packet
    that stand in its sentences: "it concerns the same session bg-12, the same case SC-9"."""
    text = " ".join(line.text for line in lines)
    return {key: found or {one for one in mine[key] if _says(text, one)} for key, found in keys_of(said, view).items()}


def in_sentence(lines: Sequence[Cell]) -> Cell | None:
    """The id that a record's sentences call an escalation or a duplicate, where no label does."""
    found = ((line, match) for line in lines if (match := _CALLED.search(line.text)) is not None)
    return next((Cell(match["id"], line.locator) for line, match in found), None)


def _escalation(view: CaseView, said: Sequence[Labelled]) -> Cell | None:
    cells = values(said, view.scenario.data["packet"]["escalation"])
    return next((cell for cell in cells if _ID.search(cell.text)), None)


def _other_packet(view: CaseView, said: Sequence[Labelled], packet: GovernedPacket) -> Cell | None:
    """The id of another packet that a record names, where it names no escalation."""
    cells = values(said, view.scenario.data["packet"]["id"])
    return next((cell for cell in cells if _ID.fullmatch(cell.text.strip()) and not _same_name(cell, packet)), None)


def queued_apart(lines: Sequence[Cell]) -> bool:
    """Whether a record says that its escalation has a packet or a place in the queue of its own."""
    return _APART.search(" ".join(line.text for line in lines).casefold()) is not None
