"""Statements: what a source says about a field, before anyone has weighed it. Finding them is extraction offline.

Rules only: a label beside a value, a JSON key, a table column, a sentence of a known form. What no rule finds is not
found; nothing is inferred.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

from agents.records import label_of
from agents.times import mentions
from casefile.evidence import Frozen, Reading, Span
from casefile.scenario import FieldSpec
from tools.readers import line_spans
from tools.readers.labels import labelled

LABELLED, SENTENCE, DATED = 0.97, 0.85, 0.85
# What a text says, wherever it stands: field, raw, quote, how surely, by what method, scope, label.
_Said: TypeAlias = tuple[str, str, str, float, str, str, str]
# What stands before the time in the head of a comment: a mark, its number. Then the length of a time, and of a head.
_HEAD = re.compile(
    r"\s*[#*_\-–•>|(\[]*\s*(?:(?:comment|note|update|reply|entry|kommentar)\b\W*)?(?:#?\d{1,4}[*_.,):\]]*\s+[-–·|]?\s*)?"
    r"(?=\d{4}-\d\d-\d\d|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2} [A-Z][a-z]{2,8} \d{4})",
    re.IGNORECASE,
)
_STAMP_LENGTH, _HEAD_LENGTH = 34, 90
_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=\S)")
_NAME_KEYS = ("name", "label", "field", "title", "key", "question", "attribute", "fieldname", "display name")
_TIME_KEYS = {
    "at",
    "created at",
    "created",
    "posted at",
    "written at",
    "sent at",
    "date",
    "timestamp",
    "time",
    "sys created on",
}
_SHOWN_KEYS = {"display value", "displayvalue", "name", "value", "label", "title", "text"}
_SMALL_WORDS = {"of", "the", "at", "is", "for"}
_VALUE_KEYS = ("value", "text", "content", "answer", "display value", "val")
_PAIR_KEYS = frozenset((*_NAME_KEYS, *_VALUE_KEYS))


class Statement(Frozen):
    """One source's word on one field.

    `raw` is the value as written, `quote` the text around it that is cited at `locator`. `scope` narrows it (the
    place in "First seen in Bergen: …"). `confidence` is 0–1: how surely the rule found what it looks for, times
    the reader's own confidence. `at` is when the statement was written, `author` its address.
    """

    field: str
    raw: str
    quote: str
    evidence: str
    locator: str
    confidence: float
    method: str
    scope: str = ""
    label: str = ""
    author: str = ""
    at: datetime | None = None
    depth: int = 0


def statements(evidence: str, reading: Reading, fields: Mapping[str, FieldSpec]) -> list[Statement]:
    """Everything that one reading says about the fields."""
    finder = _Finder(evidence, fields)
    found: list[Statement] = []
    paired: set[str] = set()
    named, written = _objects(reading.spans)
    for name, value in named:
        paired.add(value.locator)
        found.extend(finder.labelled(value, name.text, value.text, value.text, LABELLED))
    for label, value in _paired_cells(reading, finder):
        paired.add(value.locator)
        found.extend(finder.labelled(value, label, value.text, value.text, LABELLED))
    headed: datetime | None = None
    for span in _spans(reading):
        if span.kind == "line":
            headed = _headed(span.text, headed)
        if span.hidden or span.locator in paired:
            continue
        said = finder.said(span)
        if not said:
            continue
        if span.at is None and span.kind == "leaf":
            at = written.get(span.locator.rpartition("/")[0])
            span = span if at is None else replace(span, at=at)
        elif span.at is None and span.kind == "line":
            span = replace(span, at=headed)
        found.extend(finder.statement(span, one) for one in said)
    return list({(s.field, s.locator, s.raw): s for s in reversed(found)}.values())[::-1]


def _headed(text: str, before: datetime | None) -> datetime | None:
    """When a line was written, as its own head says ("**2** 2026-08-20T03:36Z, Ana (agent): …"), or a heading above it
    that begins with a time; any other heading ends what that one said."""
    head, heading = _HEAD.match(text), text.startswith("#")
    told = next(mentions(text[: head.end() + _STAMP_LENGTH]), None) if head is not None else None
    if head is not None and told is not None and told.instant is not None:
        rest = text[head.end() + _STAMP_LENGTH :]
        if heading or ":" in rest or len(text) <= head.end() + _HEAD_LENGTH:
            return told.instant
    return None if heading else before


def _spans(reading: Reading) -> Iterator[Span]:
    yield from reading.spans
    if reading.lines:
        yield from line_spans(reading)


class _Finder:
    def __init__(self, evidence: str, fields: Mapping[str, FieldSpec]) -> None:
        self._evidence = evidence
        # Machines repeat themselves: a recording has the same few words in hundreds of places.
        self._fields: dict[str, dict[str, str]] = {}
        self._named: dict[tuple[str, ...], tuple[str, dict[str, str]] | None] = {}
        self._texts: dict[tuple[str, bool], list[_Said]] = {}
        self._by_label: dict[str, list[str]] = defaultdict(list)
        self._by_words: dict[frozenset[str], list[str]] = defaultdict(list)
        self._label_patterns: list[tuple[str, re.Pattern[str]]] = []
        self._patterns: list[tuple[str, re.Pattern[str]]] = []
        for name, spec in fields.items():
            for label in spec.labels:
                self._by_label[label_of(label)].append(name)
                self._by_words[_words(label)].append(name)
            self._label_patterns += [(name, _compiled(p)) for p in spec.label_patterns]
            self._patterns += [(name, _compiled(p)) for p in spec.patterns]

    def knows(self, label: str) -> bool:
        """Whether a text is the name of a field."""
        compared = label_of(label)
        return bool(self._of(compared)) or any(p.search(compared) for _, p in self._label_patterns)

    def _of(self, compared: str) -> list[str]:
        """The fields that a label names: as it stands, else by its words in any order (`Service affected`)."""
        return self._by_label.get(compared) or self._by_words.get(_words(compared), [])

    def labelled(self, span: Span, label: str, value: str, quote: str, sure: float) -> list[Statement]:
        """The statements that a label and its value are."""
        return [self.statement(span, said) for said in self._named_by(label, value, quote, sure)]

    def said(self, span: Span) -> list[_Said]:
        """What a span says by its label, and in its text: labelled lines and known forms of sentences inside a comment,
        a description, a paragraph."""
        text = (span.text, bool(span.label))
        inside = self._texts.get(text)
        if inside is None:
            inside = self._texts[text] = self._in_text(*text)
        if not span.label:
            return inside
        names = _names_of(span)
        if names not in self._named:
            known = ((compared, self._fields_of(compared)) for compared in map(label_of, names))
            self._named[names] = next((one for one in known if one[1]), None)
        named, value = self._named[names], (span.value or span.text).strip()
        if named is None or not value:
            return inside
        said = [(name, value, span.text, LABELLED, "label", scope, named[0]) for name, scope in named[1].items()]
        return [*said, *inside]

    def _named_by(self, label: str, value: str, quote: str, sure: float) -> list[_Said]:
        compared = label_of(label)
        fields = self._fields_of(compared)
        if not fields or not value.strip():
            return []
        return [(name, value.strip(), quote, sure, "label", scope, compared) for name, scope in fields.items()]

    def _fields_of(self, compared: str) -> dict[str, str]:
        """The fields that a compared label names, each with the scope that it says."""
        if compared in self._fields:
            return self._fields[compared]
        fields = dict.fromkeys(self._of(compared), "")
        for name, pattern in self._label_patterns:
            match = pattern.search(compared)
            if match is not None and name not in fields:
                fields[name] = _group(match, "scope")
        self._fields[compared] = fields
        return fields

    def _in_text(self, text: str, beside_label: bool) -> list[_Said]:
        found: list[_Said] = []
        for sentence in _sentences(text):
            if sentence != text or not beside_label:
                pair = labelled(sentence)
                if pair is not None and sentence != text:
                    hits = self._named_by(pair[0], pair[1].rstrip("."), sentence, LABELLED)
                    found.extend(hits)
                    if hits:
                        continue
            found.extend(
                (name, _group(match, "value") or match[0], sentence, SENTENCE, "sentence", _group(match, "scope"), "")
                for name, pattern in self._patterns
                if (match := pattern.search(sentence)) is not None
            )
        return found

    def statement(self, span: Span, said: _Said) -> Statement:
        """What is said, with the place and the hand of the span that says it."""
        field, raw, quote, sure, method, scope, label = said
        return Statement(
            field=field,
            raw=raw,
            quote=quote,
            evidence=self._evidence,
            locator=span.locator,
            confidence=round(sure * span.confidence, 4),
            method=method if span.kind != "ocr" else f"{method} (read from an image)",
            scope=scope,
            label=label,
            author=span.author.address if span.author else "",
            at=span.at,
            depth=span.depth,
        )


def _words(label: str) -> frozenset[str]:
    words = [word for word in label_of(label).split() if word not in _SMALL_WORDS]
    return frozenset(words)


def _group(match: re.Match[str], name: str) -> str:
    return (match[name] or "").strip() if name in match.re.groupindex else ""


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.UNICODE)


def _sentences(text: str) -> Iterator[str]:
    for line in text.splitlines():
        for sentence in _SENTENCE.split(line):
            if sentence.strip():
                yield sentence.strip()


def _names_of(span: Span) -> tuple[str, ...]:
    """The label, and for a JSON leaf also the key above it: `tenant/id` is a tenant's id."""
    if span.kind != "leaf":
        return (span.label,)
    parent, own = _key_of(span.locator)
    above = _key_of(parent)[1]
    if not above:
        return (span.label,)
    return (f"{above} {own}", above, span.label) if label_of(own) in _SHOWN_KEYS else (f"{above} {own}", span.label)


def _key_of(pointer: str) -> tuple[str, str]:
    """The last key of a JSON Pointer that is no number, and the pointer above it."""
    key = ""
    while pointer and (not key or key.isdigit()):
        pointer, _, key = pointer.rpartition("/")
    return pointer, "" if key.isdigit() else key


def _paired_cells(reading: Reading, finder: _Finder) -> Iterator[tuple[str, Span]]:
    """Forms in tables: a cell that names a field, and the next filled cell of its row, which is its value.

    Columns that name fields themselves make the table one of records, not a form.
    """
    for table in [*reading.tables, *reading.drawn]:
        if any(finder.knows(column) for column in table.columns):
            continue
        for row in table.rows:
            cells = [(column, text) for column, text in row.cells.items() if text.strip()]
            for (_, label), (column, value) in pairwise(cells):
                if finder.knows(label) and not finder.knows(value):
                    yield label, Span(table.locator(row.number, column), value, "cell")


def _objects(spans: Iterable[Span]) -> tuple[list[tuple[Span, Span]], dict[str, datetime]]:
    """What JSON objects say about themselves: those of the form {"name": "Environment", "value": "Production"}, and
    when one was written, by its place: a comment's own time dates what stands in the comment."""
    objects: dict[str, dict[str, Span]] = defaultdict(dict)
    written: dict[str, datetime] = {}
    for span in spans:
        if span.kind != "leaf":
            continue
        parent, _, key = span.locator.rpartition("/")
        compared, members = label_of(key), objects[parent]
        if compared in _PAIR_KEYS:
            members[compared] = span
        if compared in _TIME_KEYS and parent not in written:
            mention = next(iter(mentions(span.text)), None)
            if mention is not None and mention.instant is not None:
                written[parent] = mention.instant
    return list(_named_values(objects.values())), written


def _named_values(objects: Iterable[Mapping[str, Span]]) -> Iterator[tuple[Span, Span]]:
    for members in objects:
        name = next((members[key] for key in _NAME_KEYS if key in members), None)
        value = next((members[key] for key in _VALUE_KEYS if key in members), None)
        if name is not None and value is not None and name is not value:
            yield name, value
