"""A matrix in prose: paragraphs and items of a list that each tell of one option, and sentences that set a limit.

What an option asks for is every sentence about it that binds: one that no rule can test leaves the option waiting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from agents.case_view import CaseView
from agents.labelled_places import lines_of, standing
from agents.matrix_row import CLASS, RULE_ID, MatrixRow, Said, binds, only_option
from agents.option_spec import RankingSpec
from agents.quantities import DURATION
from agents.records import Cell, Record, label_of
from agents.sections import sections
from casefile.evidence import Evidence, Span
from guardrails.plain_text import folded

_FULL = 50  # characters of a line that goes on in the next one
_LEAST = 2  # options that make a menu
_ITEM = re.compile(r"\s*(?:[-*•]|\(?\w{1,2}[.)])\s")
_SENTENCE = re.compile(r"(?<=\w\w[.!?])\s+(?=[A-Z(])|(?<=\)[.!?])\s+(?=[A-Z(])|;\s+")
_OFFERS = re.compile(
    r"\b(?:menu|options?|paths?|accommodations?|local(?:ly)?)\b|\b(?:may|can)\b.{0,80}\b(?:accept|grant|choose|offer|take)\w*"
)
_RULE = re.compile(rf"(?:\(\s*(?:rule |see |clause )?|\b[Rr]ule )(?P<rule>{RULE_ID.pattern})")
_KEY = re.compile(r"(?:^|[\s(])(?P<key>[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+)(?=[\s,.:)])")
_LEVEL = r"none|low|medium|moderate|high"
_BEGINS = re.compile(r"\s*[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+\b")
_EXPOSURE = re.compile(
    rf"\bexposure\b[^.;]{{0,24}}?\b(?P<level>{_LEVEL})\b|\b(?P<before>no|{_LEVEL}) (?:data )?exposure\b", re.IGNORECASE
)
# An amount that is about the evidence, and none of the option.
_OF_INPUT = re.compile(r"\b(?:evidence|retention|retained|kept|older|younger|old|age|within|before|after)\b")
_AMOUNT = (
    r"(?:\bno|\bnot) (?:more|longer|older) than"
    r"|\b(?:at most|up to|above|beyond|over|longer than|older than|within|maximum(?: of)?|cap of|limit of)"
)
_BOUND = re.compile(
    rf"(?:{_AMOUNT})\s+(?P<value>{DURATION})"
    rf"|(?P<also>{DURATION}) (?:or (?:less|fewer|younger)|at (?:the )?(?:most|longest))",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"\s*(?:[.;,]\s|[.;(]|$)")
_ALL = re.compile(
    r"\b(?:no|none of|any|every|each|all|neither)(?: (?:of )?(?:the |these )?\w+)?"
    r" (?:options?|paths?|accommodations?)\b"
    r"|\b(?:nothing|none|everything)\b.{0,30}\b(?:may|can|is|are|must)\b"
)
_IF = re.compile(r"\b(?:if|when|while|where|until|unless|before|only|must|needs?|requir\w+)\b")
_DECIDES = re.compile(
    r"\b(?:accept\w*|decid\w*|decision|round\w*|order|tier|severity|exceptions?)\b"
    r"|\b(?:sign\w*|approv\w*) (?:of|by|on) \d"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A paragraph, or an item of a list with the lines that go on with it, and the sentences of both."""

    spans: Sequence[Span]
    sentences: Sequence[Said]

    @property
    def text(self) -> str:
        """All of it."""
        return " ".join(span.text.strip() for span in self.spans)


def entries(view: CaseView, item: Evidence, spec: RankingSpec) -> list[Entry]:
    """The paragraphs and items of a paper, in its order; headings and tables are none."""
    under, found = sections(view, item), list[list[Span]]()
    for span in lines_of(view.readings(item.id)):
        titled = any(one.locator == span.locator for one in under.above(span.locator))
        if span.kind in ("leaf", "cell", "header") or span.text.lstrip()[:1] == "|" or titled or not span.text.strip():
            found.append([])
        elif found and found[-1] and _goes_on(found[-1], span, spec):
            found[-1].append(span)
        else:
            found.append([span])
    return [Entry(spans, _sentences(spans)) for spans in found if spans]


def _goes_on(spans: Sequence[Span], span: Span, spec: RankingSpec) -> bool:
    """Whether a line right below goes on with its paragraph: not where it begins an item, or an option of its own.

    What ends in a colon introduces. A line too many in a paragraph can only bind its option more.
    """
    first, last = spans[0], spans[-1]
    if span.kind != "line" or last.text.rstrip()[-1:] == ":" or _ITEM.match(span.text) or not _next(last, span):
        return False
    if _indent(span) > _indent(first):
        return True
    ended = last.text.rstrip()[-1:] in (".", ";", ")") or len(last.text) < _FULL
    begins = _BEGINS.match(span.text) or only_option(_SENTENCE.split(span.text)[0], spec.menu) is not None
    return _indent(span) == _indent(first) and not (ended and begins)


def _next(last: Span, span: Span) -> bool:
    numbers = [re.search(r"(\d+)$", one.locator) for one in (last, span)]
    return all(numbers) and int(numbers[0][1]) + 1 == int(numbers[1][1])  # type: ignore[index]  # both are matches


def _indent(span: Span) -> int:
    return len(span.text) - len(span.text.lstrip())


def _sentences(spans: Sequence[Span]) -> list[Said]:
    text, starts = "", []
    for span in spans:
        starts.append(len(text))
        text += span.text.strip() + " "
    cuts = [0, *(m.end() for m in _SENTENCE.finditer(text)), len(text)]
    found = []
    for first, last in pairwise(cuts):
        within = [s for s, at in zip(spans, starts, strict=True) if at < last and at + len(s.text.strip()) > first]
        if text[first:last].strip(" ;"):
            found.append(Said(text[first:last].strip(" ;"), tuple(Cell(s.text, s.locator) for s in within)))
    return found


def menu_in_prose(view: CaseView, item: Evidence, spec: RankingSpec) -> dict[str, MatrixRow]:
    """The options that a paper tells of one by one, where something offers them; what is told twice is told of one."""
    under, found = sections(view, item), dict[str, MatrixRow]()

    def headings(entry: Entry) -> tuple[str, ...]:
        return tuple(one.text for one in under.above(entry.spans[0].locator))

    for above, group in groupby(entries(view, item, spec), key=headings):
        told, offered = list[tuple[str, Entry]](), _offers(" ; ".join(above))
        for entry in group:
            option = _opened(entry, spec)
            offered = offered or (option is None and _offers(entry.text))
            if option is not None and offered:
                told.append((option, entry))
        if len({option for option, _ in told}) < _LEAST:
            continue
        for option, entry in told:
            row = _row(item, entry, spec)
            if len(row.record.cells) == 1 and not row.said and option not in found:
                continue  # it only speaks of it
            known = found.get(option)
            found[option] = row if known is None else known.with_said(row.said)
    return found


def _offers(text: str) -> bool:
    said = folded(text)
    return bool(_OFFERS.search(said)) and not CLASS.search(label_of(text)) and "may not" not in said


def _opened(entry: Entry, spec: RankingSpec) -> str | None:
    """The option that the first sentence of an entry names, where it names no path that is not on the menu."""
    head = folded(entry.sentences[0].text)
    others = (word for ask in spec.asks if ask.kind != "menu" for word in ask.words)
    if entry.text.rstrip().endswith(":") or CLASS.search(label_of(head)) or any(re.search(w, head) for w in others):
        return None
    return only_option(head, spec.menu)


def _row(item: Evidence, entry: Entry, spec: RankingSpec) -> MatrixRow:
    head = entry.sentences[0]
    name = head.text if head.text in head.cells[0].text else head.cells[0].text.strip()
    cells = {"name": Cell(name.rstrip(". "), head.cells[0].locator)}
    for role, pattern in (("rule", _RULE), ("key", _KEY)):
        match = next(((m, s) for s in entry.spans if (m := pattern.search(s.text)) is not None), None)
        if match is not None:
            cells[role] = Cell(match[0][role], match[1].locator)
    for span in entry.spans:
        level = _EXPOSURE.search(span.text)
        if level is not None:
            cells.setdefault("exposure", Cell(level["level"] or level["before"], span.locator))
    for said in entry.sentences:
        amount = re.search(rf"\b{DURATION}", said.text, re.IGNORECASE)
        if amount is not None and not _OF_INPUT.search(folded(said.text[: amount.start()])):
            cells.setdefault("duration", Cell(amount[0], said.cell_of(amount[0]).locator))
    binding = tuple(one for one in entry.sentences if binds(one.text) and not _aside(one))
    return MatrixRow(item, Record(cells), spec.matrix.columns, said=binding)


def _aside(said: Said) -> bool:
    """Whether a sentence only rates the exposure."""
    return _EXPOSURE.search(said.text) is not None and not re.search(r"\b(?:only|must|unless|if)\b", folded(said.text))


def bindings(
    view: CaseView, item: Evidence, spec: RankingSpec, options: Mapping[str, MatrixRow]
) -> Iterator[tuple[str, Said]]:
    """What a paper says elsewhere that binds an option, by its words or its key, or all of them: who takes an option,
    and in which order, is no condition of it."""
    own = {(row.item.id, cell.locator) for row in options.values() for cell in row.places()}
    keys = {key: option for option, row in options.items() for key in row.keys}
    for entry in entries(view, item, spec):
        actions = ":" in entry.text and CLASS.search(label_of(entry.text.partition(":")[0]))
        for said in entry.sentences[1:] if actions else entry.sentences:
            plain = folded(said.text)
            if any((item.id, cell.locator) in own for cell in said.cells) or not binds(said.text):
                continue
            named = next((keys[key] for key in keys if key in said.text), None) or only_option(plain, spec.menu)
            if named is not None and not _DECIDES.search(plain):
                yield named, said
            elif _ALL.search(plain) and _IF.search(plain) and not _DECIDES.search(plain):
                yield from ((option, said) for option in options)


def limits_in_prose(view: CaseView, item: Evidence, spec: RankingSpec) -> Iterator[MatrixRow]:
    """Sentences that set a limit by an amount, outside of what is told of an option."""
    for entry in entries(view, item, spec):
        if _opened(entry, spec) is not None:
            continue
        for said in entry.sentences:
            bound = _BOUND.search(said.text)
            plain = folded(said.text)
            if bound is None or not any(re.search(one.words, plain) for one in spec.limits.values()):
                continue
            value = bound["value"] or bound["also"]
            rule = _RULE.search(said.text) or _RULE.search(entry.text) or RULE_ID.match(entry.text.strip())
            place = said.cell_of(value).locator
            clause = _CLAUSE_END.split(said.text[bound.start() :])[0]
            amount = standing(item, view.readings(item.id), place, (value, clause))
            cells = {"limit": Cell(said.text, said.cells[0].locator), "value": amount}
            if rule is not None:
                named = rule[0] if rule.re is RULE_ID else rule["rule"]
                cells["rule"] = Cell(named, said.cell_of(named).locator)
            yield MatrixRow(item, Record(cells), spec.matrix.columns)
