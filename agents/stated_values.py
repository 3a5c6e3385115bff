"""What items state under a name: a label before a colon, a JSON key, a column. Every kind of file in one way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from agents.case_view import CaseView
from agents.field_history import history
from agents.records import label_of
from casefile.claims import Citation
from casefile.evidence import Evidence, Span
from casefile.precedence import Stated
from tools.readers import line_spans

_LINES = 2000
# Under these, ticket systems write the value of a member that is an object: what people see, before its key.
_SEVERAL = re.compile(r"[;,|\n]")
_WRAPPED = ("display value", "value", "name")


@dataclass(frozen=True, slots=True)
class Said:
    """What one item states under a name: one text, or several where the document lists them."""

    item: Evidence
    texts: tuple[str, ...]
    citations: tuple[Citation, ...]

    @property
    def parts(self) -> list[str]:
        """Each value that it lists, also where it writes several into one text."""
        return [part.strip() for text in self.texts for part in _SEVERAL.split(text) if part.strip()]

    @property
    def text(self) -> str:
        """All of it in one line."""
        return ", ".join(self.texts)


def said(view: CaseView, items: Iterable[Evidence], labels: Sequence[str]) -> list[Said]:
    """What each item states under the first of the names that it has, at the place nearest to its top; of a history the
    latest."""
    found = []
    for item in items:
        one = _said(view, item, [label_of(label) for label in labels])
        if one is not None:
            found.append(one)
    return found


def _said(view: CaseView, item: Evidence, labels: Sequence[str]) -> Said | None:
    told = history(view, item)
    spans = [
        span
        for span in spans_of(view, item)
        if span.label and not span.hidden and (span.value or span.text).strip() and span.locator not in told.own
    ]
    for label in labels:
        named = [span for span in spans if label_of(span.label) == label] or _inside(spans, label)
        if not named:
            continue
        depth = min(_depth(span.locator) for span in named)
        top = [span for span in named if _depth(span.locator) == depth]
        newest = set(told.newest([span.locator for span in top]))
        top = [span for span in top if span.locator in newest]
        texts = dict.fromkeys((span.value or span.text).strip() for span in top)
        cited = tuple(
            Citation(evidence=item.id, locator=span.locator, quote=span.value or span.text, sha256=item.sha256)
            for span in top
        )
        return Said(item, tuple(texts), cited)
    change = told.latest(labels)
    return Said(item, (change.value,), (view.cite(item, change.cell),)) if change is not None else None


def _inside(spans: Sequence[Span], label: str) -> list[Span]:
    """What stands inside of a member of that name: `{"owner": {"display_value": …, "value": …}}`."""
    above = [(span, span.locator.split("/")) for span in spans if span.kind == "leaf"]
    inside = [span for span, path in above if len(path) > 2 and label_of(path[-2]) == label]
    for name in _WRAPPED:
        found = [span for span in inside if label_of(span.label) == name]
        if found:
            return found
    return []


def spans_of(view: CaseView, item: Evidence) -> Iterator[Span]:
    """Every span of an item, its lines included; of a long log its beginning."""
    reading = view.readings(item.id)
    yield from reading.spans
    yield from line_spans(reading, range(1, min(len(reading.lines), _LINES) + 1))


def _depth(locator: str) -> int:
    """How deep a place is: elements of a list are where their list is."""
    return sum(not step.isdigit() for step in locator.split("/"))


def weighable(view: CaseView, one: Said, value: str, confidence: float = 0.97) -> Stated[str]:
    """A statement to be weighed, normalised to `value`."""
    source = view.source(one.item)
    return Stated(
        value=value,
        rank=source.rank if source is not None else None,
        confidence=confidence,
        citation=one.citations[0],
        source=source.name if source is not None else "",
        raw=one.text,
    )
