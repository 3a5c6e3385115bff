"""What people propose to do or to say once a cause is declared: found by its name in the evidence, and no fact of it.

A proposal is not part of the record: it changes no ranking, and the people who may decide on it do so at its own gate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.case_view import CaseView
from agents.records import label_of
from agents.stated_values import spans_of
from casefile.claims import Citation
from casefile.evidence import Evidence, Span
from casefile.registers import ExceptionItem
from guardrails import secrets

_HEADING = re.compile(r"^#{1,6}\s+(?P<title>.+?)\s*#*$")
_SUBJECT = re.compile(r"(?:re|fwd?)\s*:\s*", re.IGNORECASE)
_ID = re.compile(r"[A-Z][A-Za-z]{0,5}-?\d[\w.-]*")
_MOST = 6


@dataclass(slots=True)
class Proposal:
    """One proposal: by its id where the document gives it one, else by its number."""

    item: str
    id: str
    parts: list[str] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All that it says."""
        return "; ".join(dict.fromkeys(self.parts))


def proposals(view: CaseView, kind: str) -> list[Proposal]:
    """The proposals of a kind (`actions` or `statements`), in order of arrival and place."""
    words: Mapping[str, Any] = view.scenario.data["proposals"]
    names = frozenset(map(label_of, words[kind]))
    found = [
        one for item in view.of(*words["systems"]) for one in _of_item(view, item, names, words["ids"]) if one.parts
    ]
    for n, one in enumerate(found, 1):
        one.id = one.id or f"{words['named'][kind]} {n}"
    return found


def places(found: Iterable[Proposal]) -> frozenset[tuple[str, str]]:
    """Where proposals stand, by item and locator: nothing there is a fact."""
    return frozenset((one.item, cited.locator) for one in found for cited in one.citations)


def noted(found: Iterable[Proposal], decides: str) -> list[ExceptionItem]:
    """Proposals as people see them beside the record. `decides` says who decides on them, and when."""
    return [
        ExceptionItem(
            key=f"proposal:{one.item}:{one.citations[0].locator}",
            kind="proposal",
            about=one.item,
            reason=f"{one.item} proposes {one.id}: “{secrets.mask(one.text)[:300]}”; no part of the record; {decides}",
            state="noted",
        )
        for one in found
    ]


def _of_item(view: CaseView, item: Evidence, names: frozenset[str], ids: Sequence[str]) -> list[Proposal]:
    found: dict[str, Proposal] = {}
    called: dict[str, str] = {}
    under = ""
    for span in spans_of(view, item):
        if span.hidden or span.depth:
            continue
        heading = _HEADING.match(span.text.strip())
        if heading is not None:
            under = span.locator if label_of(heading["title"]) in names else ""
        elif span.label.casefold() == "subject":
            under = span.locator if label_of(_SUBJECT.sub("", span.value or span.text)) in names else ""
        elif span.kind == "cell" and label_of(span.label) in ids:
            called[_row(span)] = span.text.strip()
        else:
            text = (_after(span.text, names) if _is_body(span) else "") or (span.value or span.text).strip()
            _add(view, item, span, found, (_place(span, names) or (under if _is_body(span) else ""), text), ids)
    for place, one in found.items():
        one.id = one.id or called.get(place, "")
    return list(found.values())


def _place(span: Span, names: frozenset[str]) -> str:
    """The place of the proposal that a span belongs to: the member or column of that name, or the line itself."""
    if span.kind == "leaf":
        path = span.locator.split("/")
        at = next((n for n, part in enumerate(path) if label_of(part) in names), None)
        if at is None:
            return ""
        end = at + 2 if len(path) > at + 1 and path[at + 1].isdigit() else at + 1
        return "/".join(path[:end])
    if label_of(span.label) in names:
        return _row(span) if span.kind == "cell" else span.locator
    return span.locator if _is_body(span) and _after(span.text, names) else ""


def _after(text: str, names: frozenset[str]) -> str:
    """What a line says behind such a name and a colon, also where the line begins with who wrote it and when."""
    parts = text.split(":")
    at = next((n for n, part in enumerate(parts[:-1]) if label_of(part) in names), None)
    return ":".join(parts[at + 1 :]).strip() if at is not None else ""


def _row(span: Span) -> str:
    """The row of a cell."""
    return span.locator.partition(",col=")[0]


def _add(
    view: CaseView, item: Evidence, span: Span, found: dict[str, Proposal], said: tuple[str, str], ids: Sequence[str]
) -> None:
    place, text = said
    if not place or not text:
        return
    one = found.setdefault(place, Proposal(item.id, ""))
    label = label_of(span.label or span.locator.rpartition("/")[2])
    if span.kind == "leaf" and label in ids:
        one.id = one.id or text
    elif span.kind != "leaf" and _ID.fullmatch(span.label.strip()):
        one.id = one.id or span.label.strip()
    if not (span.kind == "leaf" and label in ids):
        one.parts.append(text)
    one.citations.append(Citation(evidence=item.id, locator=span.locator, quote=span.text, sha256=item.sha256))


def _is_body(span: Span) -> bool:
    return span.kind in ("line", "paragraph", "text")


def omits_doubt(view: CaseView, found: Sequence[Proposal], doubts: Sequence[str]) -> str:
    """Which statement says nothing of what stays uncertain, or says that nothing does; empty where none does."""
    words: Mapping[str, Any] = view.scenario.data["proposals"]
    doubtful, sure = (re.compile(words[name], re.IGNORECASE) for name in ("doubtful", "sure"))
    if not doubts:
        return ""
    silent = [one for one in found if sure.search(one.text) or not doubtful.search(one.text)]
    return ", ".join(one.id for one in silent[:_MOST])
