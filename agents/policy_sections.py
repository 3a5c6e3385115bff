"""A policy set that is written in sections: each section with the name of a control is that control.

Prose is read strictly: what a section leaves unclear about who must sign counts as asked for, and an emergency path
that names somebody unknown is none (R9).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agents.documents import Node
from agents.labelled import bare, headed
from agents.records import Cell, label_of
from casefile.evidence import Evidence, Reading, Span
from tools.readers import line_spans

RISKS: Final = ("none", "low", "medium", "high", "critical")
_NUMBERED = re.compile(r"^(?:§\s*)?(?:[A-Z]{1,4}[-. ]?)?\d+(?:\.\d+)*[.):]?\s+[A-Z][^.:|]{2,60}$")
_TITLE = re.compile(r"^(?P<id>(?:[A-Z]{1,4}[-.]?)?\d+(?:\.\d+)*)[.):]?\s+(?P<rest>.+)$")
_EDITION = re.compile(
    r"[(,;]?\s*\b(?:revision|rev\.?|version|edition|issue|v)\s*(?P<edition>\d[\w.]*\w|\d)\s*\)?", re.IGNORECASE
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:T[\d:]+Z)?|\d{1,2}\.? [A-Z][a-z]+ \d{4}|[A-Z][a-z]+ \d{1,2},? \d{4}")
_SENTENCE = re.compile(r"(?<=[.;])\s+")
_NEGATED = re.compile(r"\b(?:no|not|never|none|nobody|without|nothing)\b", re.IGNORECASE)
_SECOND = re.compile(
    r"\b(?:second|two (?:people|persons|approvers)|another (?:person|approver)|different person|four.?eyes|dual)\b",
    re.IGNORECASE,
)
# What stands around the people of an emergency path.
_ASKED = re.compile(
    r"\b(?:only|with|approv(?:al|ed|es|e)|sign(?:ed|s)?|by|of|the|an?|both|needs?|requires?|must|is|are|together)\b",
    re.IGNORECASE,
)
_EVERY = re.compile(r"\b(?:all|any|every|always|everything|prod\w*|security\w*)\b", re.IGNORECASE)
_LEVEL = re.compile(r"\b(?:sev(?:erity)?|priority|p|s)[\s-]*(\d)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Section:
    title: Span
    body: list[Span]

    @property
    def text(self) -> str:
        return " ".join(span.text.strip() for span in self.body)

    def under(self, names: Sequence[str]) -> Span | None:
        """The line of a name before a colon."""
        labels = {label_of(name) for name in names}
        return next((span for span in self.body if span.value.strip() and label_of(span.label) in labels), None)


def sectioned(item: Evidence, reading: Reading, words: Mapping[str, Any], roles: Mapping[str, str]) -> Node | None:
    """The set as a tree of named controls, or None where no section is named like one.

    `roles` are those of the scenario, by the name that a text has for them.
    """
    if reading.data is not None or reading.unusable:
        return None
    head, sections = _sections(reading)
    named = [(one, kind_of(_name(one), "", words["kinds"])) for one in sections]
    held = {kind for _, kind in named}
    told = [
        (one, kind if kind != "other" else kind_of("", one.text, words["kinds"]), kind != "other")
        for one, kind in named
        if one.body
    ]
    controls = [(one, kind) for one, kind, by_name in told if kind != "other" and (by_name or kind not in held)]
    if held <= {"other"}:
        return None
    value, cells = _head(head, words["labels"])
    value["controls"] = []
    for n, (one, kind) in enumerate(controls):
        first = one.body[0]
        cells[f"/controls/{n}/rule"] = Cell(first.text.strip(), first.locator)
        members = _members(one, kind, words, roles)
        value["controls"].append({**_named(one), "kind": kind, "rule": first.text.strip(), **members})
    return Node(item, value, "", cells)


def kind_of(name: str, rule: str, kinds: Mapping[str, list[str]]) -> str:
    """The kind of a control by its name, else by the words of its rule."""
    for text in (name, rule):
        for kind, patterns in kinds.items():
            if any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns):
                return kind
    return "other"


def _sections(reading: Reading) -> tuple[list[Span], list[_Section]]:
    """The lines before the first section, and the sections."""
    marked = {f"line={number}" for number, _ in headed(reading)}
    head, found = list[Span](), list[_Section]()
    for span in line_spans(reading):
        text = span.text.strip()
        if not text:
            continue
        if span.locator in marked or (len(marked) < 2 and _NUMBERED.match(text)):
            found.append(_Section(span, []))
        else:
            (found[-1].body if found else head).append(span)
    # The first heading is the document's title: what stands under it is its head.
    if found and not head:
        head = [found[0].title, *found[0].body]
    return head, found


def _name(one: _Section) -> str:
    return str(_named(one)["name"])


def _named(one: _Section) -> dict[str, str]:
    title = one.title.text.strip().lstrip("# ").strip()
    match = _TITLE.match(title)
    rest = match["rest"] if match is not None else title
    edition = _EDITION.search(rest)
    name = _EDITION.sub(" ", rest).strip(" -–—:,") or title
    return {
        "id": match["id"] if match is not None else name,
        "name": " ".join(name.split()),
        "version": edition["edition"] if edition is not None else "",
    }


def _head(head: Sequence[Span], labels: Mapping[str, list[str]]) -> tuple[dict[str, Any], dict[str, Cell]]:
    """What the head of the document says of the set: by labels, else its version and its date in words."""
    value: dict[str, Any] = {}
    cells: dict[str, Cell] = {}

    def put(name: str, text: str, span: Span) -> None:
        if name not in value:
            value[name] = text
            cells[f"/{name}"] = Cell(text, span.locator)

    for span in head:
        if span.label and span.value.strip():
            put(label_of(span.label), bare(span.value), span)
    if not {label_of(label) for label in labels["version"]} & set(value):
        for span in head:
            if (match := _EDITION.search(span.text)) is not None:
                put("version", match["edition"], span)
    if not {label_of(label) for label in labels["effective_from"]} & set(value):
        since = "|".join(re.escape(label) for label in labels["effective_from"])
        for span in head:
            told = re.search(rf"\b(?:{since})\b.{{0,20}}?({_DATE.pattern})", span.text, re.IGNORECASE)
            if told is not None:
                put("effective from", told[1], span)
    return value, cells


def _members(one: _Section, kind: str, words: Mapping[str, Any], roles: Mapping[str, str]) -> dict[str, Any]:
    labels: Mapping[str, list[str]] = words["labels"]
    match kind:
        case "window":
            return {labels["emergency"][0]: _emergency(one.under(labels["emergency"]), roles)}
        case "separation":
            return {labels["second_for"][0]: list(dict.fromkeys(_second(one, labels)))}
        case "security":
            told = one.under([*labels["security_for"], *labels["security_systems"]])
            return {labels["security_for"][0]: _security(told)}
        case "evidence":
            return {labels["required"][0]: _evidence(one)}
        case _:
            return {}


def _emergency(told: Span | None, roles: Mapping[str, str]) -> list[str]:
    """Who must all approve an emergency change. Where one of them is nobody who is known there is no such path."""
    said = _SENTENCE.split(told.value.strip())[0] if told is not None else ""
    parts = [label_of(_ASKED.sub(" ", part)) for part in re.split(r"[,;+]|\band\b", said)]
    named = [roles.get(part, "") for part in parts if part]
    return named if all(named) else []


def _second(one: _Section, labels: Mapping[str, list[str]]) -> Iterator[str]:
    """For which changes a second approver signs. A risk counts upward; what names none counts for every change."""
    told = one.under(labels["second_for"])
    lines = [told.text] if told is not None else [span.text for span in one.body]
    said = [part for line in lines for part in _SENTENCE.split(line) if told is not None or _SECOND.search(part)]
    asked = [part for part in said if not _NEGATED.search(part)]
    for part in asked:
        named = [n for n, risk in enumerate(RISKS) if re.search(rf"\b{risk}\b", part, re.IGNORECASE)]
        yield f"{RISKS[min(named)]} or above" if named else "all"
    if said and not asked:
        yield "all"


def _security(told: Span | None) -> list[str]:
    """What needs the security approval: ids, risks or classes; everything in production where that is not clear."""
    said = _SENTENCE.split(told.value.strip())[0].rstrip(".") if told is not None else ""
    parts = [part.strip(" `*") for part in re.split(r"[,;]|\band\b", said) if part.strip(" `*")]
    clear = all(" " not in part or _EVERY.search(part) or set(part.casefold().split()) & set(RISKS) for part in parts)
    return parts if parts and clear else ["production"]


def _evidence(one: _Section) -> dict[str, list[str]] | list[str]:
    """What is required: for the class in the title, for each class that a line begins with, or for every one."""
    by_line = {f"sev{level[1]}": _parts(span.value) for span in one.body if (level := _LEVEL.search(span.label))}
    if by_line:
        return by_line
    parts = [part for span in one.body for part in _parts(span.value or span.text)]
    title = _LEVEL.search(_name(one))
    return {f"sev{title[1]}": parts} if title is not None else parts


def _parts(text: str) -> list[str]:
    """The kinds of evidence of a line: its first sentence, taken apart."""
    first = re.split(r"\.(?:\s|$)", text.strip().lstrip("-*• "))[0]
    return [part.strip(" `*") for part in re.split(r"[,;]|\band\b", first) if part.strip(" `*")]
