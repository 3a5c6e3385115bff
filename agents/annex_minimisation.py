"""Whether annexes carry only what the lane needs. What is found is named by category and place, and never shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.case_view import CaseView
from agents.governed_packet import Annex, GovernedPacket, annex_of
from agents.labelled import Labelled, labelled, values
from agents.records import Cell, label_of, records
from casefile.claims import Citation
from casefile.evidence import Span
from guardrails import secrets
from guardrails.minimise import Minimiser
from tools.readers import line_spans

_FLAG = re.compile(r"\W")
_OPAQUE = re.compile(r"[A-Z]{1,5}-\d+")
_LEAST = 4
_FILE = re.compile(
    r"[\w.-]+\.(?:pdf|docx?|xlsx?|csv|md|txt|log|html?|jsonl?|ya?ml|eml|har|png|jpe?g|ics|zip|mp4|mov)\b", re.I
)
MOST_NAMES = 2_000


@dataclass(frozen=True, slots=True)
class Excess:
    """Detail that an annex, or the packet, holds beyond the minimum: which category, and where."""

    where: str
    category: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Unread:
    """An annex that nobody could look at, and why. Its own flag vouches for nothing (R9)."""

    where: str
    why: str
    citations: list[Citation]


@dataclass(frozen=True, slots=True)
class Category:
    """One entry of the minimisation list: patterns of texts, and names of members that carry it."""

    name: str
    detail: Minimiser
    keys: frozenset[str]
    secrets: bool


def categories(view: CaseView, listed: Iterable[str]) -> list[Category]:
    """The entries of a minimisation list. One without a definition is the member of that name."""
    known = {label_of(name): row for name, row in view.scenario.data["minimisation"].items()}
    hidden = hidden_names(view)
    made = []
    for name in listed:
        row = known.get(label_of(name), {"keys": [name]})
        names = hidden.get(row.get("names", ""), [])
        exact = [rf"(?<!\w){re.escape(one)}(?!\w)" for one in names]
        keys = frozenset(label_of(key) for key in row.get("keys", ()))
        made.append(Category(name, Minimiser([*row.get("patterns", ()), *exact]), keys, bool(row.get("secrets"))))
    return made


def hidden_names(view: CaseView) -> dict[str, list[str]]:
    """The names of this case that annexes and broad views may not carry, by the list that a category refers to."""
    return {"tenants": _tenants(view), "operators": _operators(view)}


def annexes(view: CaseView, packet: GovernedPacket) -> list[Annex]:
    """The packet's annexes: those inside it, the files that are annexes of their own, and those that they refer to."""
    labels = view.scenario.data["packet"]
    found = list(packet.annexes)
    referred = {name for annex in packet.annexes for name in _files(annex)}
    for item in view.usable:
        own = item.system in labels["systems"] and re.search(r"annex", f"{item.id} {item.file}", re.IGNORECASE)
        if item.id != packet.evidence.id and (own or _file_name(item.file) in referred):
            found.append(annex_of(item, item.id, _parts(view, item.id), labels))
    return found


def unread(view: CaseView, packet: GovernedPacket) -> list[Unread]:
    """Annexes without content, and those whose content is in a file that is not in evidence or cannot be read."""
    labels = view.scenario.data["packet"]
    about = {label_of(name) for what in ("annex_id", "annex_title", "annex_flag") for name in labels[what]}
    held = {_file_name(item.file) for item in view.usable}
    found = []
    for annex in annexes(view, packet):
        where = f"annex {annex.name}"
        places = [_at(view, annex, one.cell) for one in annex.parts[:1]]
        for name in sorted(_files(annex) - held):
            found.append(Unread(where, f"{name} is not in evidence as a file that can be read", places))
        apart = annex.evidence.id != packet.evidence.id
        if not any(apart or len(one.path) == 1 or not one.names & about for one in annex.parts):
            found.append(Unread(where, "it has no content that can be read", places))
    return found


def _files(annex: Annex) -> set[str]:
    return {_file_name(name) for one in annex.parts for name in _FILE.findall(one.cell.text)}


def _file_name(path: str) -> str:
    return path.rpartition("/")[2].casefold()


def _parts(view: CaseView, item: str) -> list[Labelled]:
    reading = view.readings(item)
    lines = line_spans(reading, range(1, len(reading.lines) + 1))
    whole = [Labelled(frozenset({"text"}), (), Cell(span.text, span.locator)) for span in lines]
    return [*labelled(reading), *whole]


def excesses(view: CaseView, packet: GovernedPacket, listed: Sequence[str]) -> list[Excess]:
    """Everything beyond the minimum, once for each annex and category; secrets also in the rest of the packet."""
    rules = categories(view, listed)
    found: dict[tuple[str, str], Excess] = {}
    told: set[str] = set()
    for annex in annexes(view, packet):
        where = f"annex {annex.name}"
        if annex.minimised is False:
            place = next(one.cell for one in annex.parts)
            flag = "content (by its own flag)"
            found[where, flag] = Excess(where, flag, _at(view, annex, place))
        for part in annex.parts:
            for rule in rules:
                if not _holds(rule, part):
                    continue
                found.setdefault((where, rule.name), Excess(where, rule.name, _at(view, annex, part.cell)))
                told |= {part.cell.locator} if rule.secrets and annex.evidence.id == packet.evidence.id else set()
    for one in packet.found:
        if one.cell.locator in told:
            continue
        if (_secret(one) or without_tokens(view, one.cell.text) != one.cell.text) and (
            "packet",
            one.cell.locator,
        ) not in found:
            cited = Citation(
                evidence=packet.evidence.id, locator=one.cell.locator, quote="", sha256=packet.evidence.sha256
            )
            found["packet", one.cell.locator] = Excess(f"packet {one.cell.locator}", "token metadata", cited)
    return list(found.values())


def without_tokens(view: CaseView, text: str) -> str:
    """The text without token values and other secrets."""
    safe = secrets.mask(text)
    forms = Minimiser(view.scenario.data["minimise"])
    return forms.text(safe) if forms.detail(safe) else safe


def _at(view: CaseView, annex: Annex, cell: Cell) -> Citation:
    """The place without its words: they are what must not be shown."""
    return view.cite(annex.evidence, cell).model_copy(update={"quote": ""})


def _holds(rule: Category, part: Labelled) -> bool:
    named = bool(rule.keys & part.names) and bool(_FLAG.sub("", part.cell.text)) and not _placeholder(part.cell.text)
    return named or rule.detail.detail(part.cell.text) or (rule.secrets and _secret(part))


def _placeholder(text: str) -> bool:
    return re.fullmatch(r"\W*(?:redacted|removed|masked|minimised|minimized|withheld|n/?a|none|true|false|-)\W*", text.casefold()) is not None  # fmt: skip  # noqa: E501


def _secret(part: Labelled) -> bool:
    label = next(iter(sorted(part.names)), "")
    span = Span(part.cell.locator, part.cell.text, "leaf", label, part.cell.text)
    return bool(secrets.find_secrets([span]))


def _tenants(view: CaseView) -> list[str]:
    """Names of tenants: those of the case, and those that the registry writes."""
    labels = view.scenario.data["scope"]["tenant_name"]
    given = [view.packet.tenant.name, *(tenant.name for tenant in view.packet.tenants)]
    for item in view.of(*view.scenario.data["scope"]["systems"]):
        given += [cell.text for cell in values(labelled(view.readings(item.id)), labels)]
    return list(
        dict.fromkeys(name for name in given if len(name) >= _LEAST and name.casefold() not in ("true", "false"))
    )


def _operators(view: CaseView) -> list[str]:
    """Identities of operators in the systems' records. Opaque references (`OR-71`) are what may be shown instead."""
    systems, columns = (view.scenario.data["operators"][name] for name in ("systems", "columns"))
    found: list[str] = []
    for item in view.of(*systems):
        reading = view.readings(item.id)
        found += [
            cell.text
            for row in records(reading)
            for name in columns
            if (cell := row.cells.get(label_of(name))) is not None
        ]
        for line in reading.lines:
            found += re.findall(r"\b(?:operator(?:_id|_name)?|user(?:name)?|login|upn|actor)=\"?([^\s\"]+)", line)
    kept = [one.strip() for one in found if len(one.strip()) >= _LEAST and not _OPAQUE.fullmatch(one.strip())]
    return list(dict.fromkeys(kept))[:MOST_NAMES]
