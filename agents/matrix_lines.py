"""What a paper of the authority says in lines instead of tables: options under headings, limits and actions by rule.

A line may begin or end with the id of its rule; what stands above it says whether it is blocked or only escalated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agents.case_view import CaseView
from agents.labelled_places import lines_of
from agents.matrix_row import CLASS, RULE_ID, MatrixRow, option_of
from agents.option_spec import RankingSpec
from agents.records import Cell, Record, label_of
from agents.sections import Heading, sections
from casefile.evidence import Evidence, Span
from guardrails.plain_text import folded

_MARK = re.compile(r"^\s*(?:#{1,6}\s+|[-*•]\s+|\(?[a-z0-9]{1,2}[.)]\s+)?(?:\*\*)?")
_LEADING = re.compile(rf"^[\[(]?(?P<rule>{RULE_ID.pattern})[\])]?\s*[:.–—-]?\s*")
_TRAILING = re.compile(rf"[\s,;]*[\[(](?:rule |see )?(?P<rule>{RULE_ID.pattern})[\])]\W*$")
_OPTION = re.compile(r"(?P<option>(?:option|opt\.?)[ -]?\d{1,2})\b[\s:.,–—-]*(?P<name>[^;\n]*)", re.IGNORECASE)
_PAIR = re.compile(r"\s*(?P<label>[^:;]{2,60}):\s*(?P<value>[^;]+)")
_TITLE = 8  # words that introduce a list of actions
_ITEM = re.compile(r"\s*[-*•]\s")
_TREATED = re.compile(r"\b(?:blocked|escalation[ -]only)\b", re.IGNORECASE)
_SAID = re.compile(r"[\s,:–—(-]*\(?\b(?P<said>blocked|escalation[ -]only)(?: locally)?\)?\W*$", re.IGNORECASE)


def told_in_lines(view: CaseView, item: Evidence, spec: RankingSpec) -> Iterator[MatrixRow]:
    """The rows that the lines of a paper make up, each cell a part of its line."""
    under = sections(view, item)
    option: dict[str, Cell] = {}
    opened: Span | None = None
    for span in lines_of(view.readings(item.id)):
        if span.kind in ("leaf", "cell") or span.text.lstrip()[:1] == "|":
            continue
        above = under.above(span.locator)
        titled = any(one.locator == span.locator for one in above)
        started = _option(item, span, spec, titled=titled)
        if opened is not None and not started and _member(span, above, opened, spec):
            option.setdefault(label_of(_plain(span.label)), Cell(span.value, span.locator))
            continue
        if opened is not None and not started and not titled and _further(span, above, spec):
            option.setdefault(f"line {len(option)}", Cell(span.text.strip(), span.locator))
            continue
        if opened is not None:
            yield MatrixRow(item, Record(option), spec.matrix.columns)
        option, opened = started, span if started else None
        for cells in [] if started or titled else _limit(span, spec) or _types(span, above, spec):
            yield MatrixRow(item, Record(cells), spec.matrix.columns)
    if opened is not None:
        yield MatrixRow(item, Record(option), spec.matrix.columns)


def _plain(text: str) -> str:
    return _MARK.sub("", text).strip(" *")


def _ruled(text: str) -> tuple[str, str]:
    """What a line or a part of it says without its mark and the id of its rule, and that id."""
    said = _plain(text)
    found = _LEADING.search(said) or _TRAILING.search(said)
    if found is None:
        return said, ""
    return (said[found.end() :] if found.start() == 0 else said[: found.start()]), found["rule"]


def _cells(span: Span, **parts: str) -> dict[str, Cell]:
    return {name: Cell(part.strip(" *"), span.locator) for name, part in parts.items() if part.strip(" *")}


def _option(item: Evidence, span: Span, spec: RankingSpec, *, titled: bool) -> dict[str, Cell]:
    """The option that a line begins: by its number, or, of a heading with a rule, by its words."""
    said, rule = _ruled(span.text)
    numbered = _OPTION.match(said)
    if numbered is None:
        cells = _cells(span, name=said, rule=rule) if titled and rule else {}
        known = cells and option_of(MatrixRow(item, Record(cells), spec.matrix.columns), spec.menu) is not None
        return cells if known else {}
    cells = _cells(span, option=numbered["option"], name=numbered["name"], rule=rule)
    for pair in _PAIR.finditer(said, numbered.end()):
        cells.setdefault(label_of(pair["label"]), Cell(pair["value"].strip(), span.locator))
    return cells if len(cells) > 1 else {}


def _member(span: Span, above: Sequence[Heading], opened: Span, spec: RankingSpec) -> bool:
    """Whether a line is a name and a value of the option that was opened above it: under its heading, set in, or
    named as what options have."""
    if not (span.label and span.value) or _ruled(span.text)[1]:
        return False
    under = any(one.locator == opened.locator for one in above) or _depth(span) > _depth(opened)
    return under or (_of_option(label_of(_plain(span.label)), spec) and not _limit(span, spec))


def _of_option(label: str, spec: RankingSpec) -> bool:
    columns = [one for role in ("condition", "tiers") for one in spec.matrix.columns.get(role, [])]
    amounts = spec.amount.columns if spec.amount is not None else []
    return any(re.search(one[1:], label) if one.startswith("~") else label == label_of(one) for one in columns) or any(
        re.search(one, label) for one in amounts
    )


def _further(span: Span, above: Sequence[Heading], spec: RankingSpec) -> bool:
    """Whether a line says more of the option above it, in a sentence of its own or the rest of one."""
    return not span.label and not _ruled(span.text)[1] and not _limit(span, spec) and not _types(span, above, spec)


def _depth(span: Span) -> tuple[int, bool]:
    """How far a line is set in; an item of a list is set in under a line that is none."""
    return len(span.text) - len(span.text.lstrip()), _MARK.match(span.text) is not None and bool(_ITEM.match(span.text))


def _limit(span: Span, spec: RankingSpec) -> list[dict[str, Cell]]:
    said, rule = _ruled(span.text)
    name, colon, value = said.partition(":")
    known = any(re.search(one.words, folded(name)) for one in spec.limits.values())
    return [_cells(span, limit=name, value=value, rule=rule)] if colon and value.strip() and known else []


def _types(span: Span, above: Sequence[Heading], spec: RankingSpec) -> list[dict[str, Cell]]:
    """The actions that a line names: one by its rule, or all that stand after the name of their class."""
    said, rule = _ruled(span.text)
    name, colon, value = said.partition(":")
    if colon and len(name.split()) <= _TITLE and (treats := CLASS.search(label_of(name))):
        treated = {"class": Cell(treats[0] if treats[0] in name else name.strip(), span.locator)}
        parts = (_ruled(one.strip(" .")) for one in re.split(r"[,;]|\band\b", value) if one.strip(" ."))
        return [_cells(span, type=one, rule=own or rule) | treated for one, own in parts if one]
    own = _SAID.search(said)
    heading = next((one for one in reversed(above) if _TREATED.search(one.text)), None)
    if own is None and heading is None and not (rule and _asked(said, spec)):
        return []
    cells = _cells(span, type=said[: own.start()] if own is not None else said, rule=rule)
    if own is not None:
        cells["class"] = Cell(own["said"], span.locator)
    elif heading is not None and (treats := _TREATED.search(heading.text)) is not None:
        cells["class"] = Cell(treats[0], heading.locator)
    return [cells] if "type" in cells else []


def _asked(said: str, spec: RankingSpec) -> bool:
    words = (word for one in spec.asks if one.kind != "menu" for word in one.words)
    return any(re.search(word, folded(said)) for word in words)
