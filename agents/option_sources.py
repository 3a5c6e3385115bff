"""Tests on the sources themselves: are they current, is a list empty, does a policy forbid the option."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from textwrap import shorten

from agents.labelled_places import Place, lines_of, moment, paired, path_label, places
from agents.option_ground import Fact, Ground
from agents.option_results import Result, lacking, result
from agents.option_spec import MenuOption, TestSpec
from agents.quantities import duration_in, plain
from agents.records import Cell, label_of
from casefile.claims import Citation
from casefile.evidence import Evidence
from guardrails.freshness import parse_duration
from guardrails.plain_text import folded
from runtime.clock import instant

# When somebody looked, behind what he found: `none (checked 5 May)`; and that what there was before is settled:
# `none (checked 5 May; the last one, D-7, was closed in March)`.
_CHECKED = re.compile(
    r"\s*\((?:checked|as of|as at|looked up|verified|read|per|on|at)\b"
    r"(?![^()]*\b(?:open|pending|disput|except|but|unresolved|active|raised|still|not|never|until|new|another|since"
    r"|filed|received|lodged|claims?|reopened|to be|will)\b)"
    r"(?:[^();,]|,\s*(?=\d))*(?:;[^();]*\b(?:closed|resolved|settled|withdrawn)\b[^();]*)*\)\W*$",
    re.IGNORECASE,
)


def fresh(ground: Ground, test: TestSpec, option: MenuOption | None) -> Result:
    """The item that states a fact: its age, its quarter, and whether something happened since that it does not know."""
    named = test.facts or [test.fact]
    known = [ground.facts[name] for name in named if name in ground.facts]
    if not known:
        return result(test, "uncertain", f"{test.title}: {lacking(ground, named[0])}")
    done = [_fresh(ground, test, fact, option) for fact in known]
    return next((one for one in done if one.state != "met"), done[0])


def _fresh(ground: Ground, test: TestSpec, fact: Fact, option: MenuOption | None) -> Result:
    view = ground.view
    dated = max(_made(ground, test, fact), key=lambda one: one[0], default=None)
    if dated is None:
        return result(test, "failed", f"{test.title}: nothing says when {fact.item.file} was made", [fact.citation])
    made, item, cites = dated
    most = min((one for one in (_age_limit(ground, test), _own_age(ground, test, option)) if one), default=None)
    if most is None:
        return result(test, "uncertain", f"{test.title}: the age that the matrix allows cannot be read", cites)
    limit, words = most
    age = view.now - made
    said = f"{item.file} is of {instant(made)}"
    if age > limit or age < -timedelta(minutes=5):
        why = f"older than {words}" if age > limit else "later than the clock of the run"
        return result(test, "failed", f"{test.title}: {said}, {why}", cites)
    if test.quarter and (problem := _other_quarter(ground, test)) is not None:
        return problem
    if test.after and (event := _since(ground, test, item, made, cites)) is not None:
        return event
    return Result(test, "met", f"{test.title}: {said}, not older than {words}", cites, lapses=made + limit)


def since(ground: Ground, test: TestSpec, _option: MenuOption | None) -> Result:
    """Whether something happened after a fact's evidence was made that it cannot know, whatever its age."""
    fact = ground.facts.get(test.fact)
    dated = max(_made(ground, test, fact), key=lambda one: one[0], default=None) if fact is not None else None
    if dated is None:
        return result(test, "uncertain", f"{test.title}: nothing says when it was made")
    made, item, cites = dated
    event = _since(ground, test, item, made, cites)
    met = f"{test.title}: {item.file} is of {instant(made)}, and nothing is known to have happened since"
    return event if event is not None else result(test, "met", met, cites)


def _made(ground: Ground, test: TestSpec, fact: Fact) -> Iterator[tuple[datetime, Evidence, list[Citation]]]:
    """When each item that states it was made: by a named time of its own, else by its export, else its capture."""
    for item in fact.items:
        names = [*test.labels, test.fact, *test.facts]
        own = next((ground.dated[name, item.id] for name in names if (name, item.id) in ground.dated), None)
        at = own[0].at if own is not None else ground.view.readings(item.id).made_at or item.captured_at
        if at is not None:
            yield at, item, [own[1] if own is not None else fact.citation]


def _age_limit(ground: Ground, test: TestSpec) -> tuple[timedelta, str] | None:
    """The age that the matrix allows, else the parameter; one that was set for the run counts where it is stricter.

    None where there is neither.
    """
    if not test.parameter:
        return _stated_age(ground, test)
    unit = next(p.unit for p in ground.scenario.parameters if p.name == test.parameter)
    given = parse_duration(ground.view.parameters[test.parameter], unit)
    row = ground.limit_row(test.limit)
    if row is None:
        return given, f"{plain(Decimal(str(ground.view.parameters[test.parameter])))} {unit}"
    try:
        stated = _long(row.text("value"))
    except ValueError:
        return given, f"{ground.view.parameters[test.parameter]} {unit}"
    if test.parameter in ground.view.packet.parameters and given < stated:
        return given, f"{ground.view.parameters[test.parameter]} {unit}"
    return stated, row.text("value")


def _stated_age(ground: Ground, test: TestSpec) -> tuple[timedelta, str] | None:
    row = ground.limit_row(test.limit)
    try:
        return (_long(row.text("value")), row.text("value")) if row is not None else None
    except ValueError:
        return None


def _own_age(ground: Ground, test: TestSpec, option: MenuOption | None) -> tuple[timedelta, str] | None:
    """The strictest age that the conditions of the option's own row allow."""
    row = ground.matrix.options.get(option.id) if option is not None and test.age else None
    clauses = [folded(f"{one.head} {one.text}") for one in row.conditions()] if row is not None else []
    told = [m for c in clauses if re.search(test.clause, c) for m in re.finditer(test.age, c)]
    ages = [one["value"] or one["also"] for one in told]
    return min(((_long(age), age) for age in ages), default=None)


def _long(said: str) -> timedelta:
    """A duration in digits or in words. Raises ValueError where it is none."""
    found = duration_in(said)
    return timedelta(minutes=float(found[0] * found[1])) if found is not None else parse_duration(said)


def _other_quarter(ground: Ground, test: TestSpec) -> Result | None:
    """A balance of another quarter says nothing about this one."""
    named = ground.facts.get(test.quarter)
    now = ground.view.now
    if named is None:
        return result(test, "uncertain", f"{test.title}: {lacking(ground, test.quarter)}")
    year, quarter = re.search(r"(20\d\d)", named.text), re.search(r"[QqTt]\s*([1-4])", named.text)
    current = (str(now.year), str((now.month - 1) // 3 + 1))
    if year is not None and quarter is not None and (year[1], quarter[1]) == current:
        return None
    words = f"{test.title}: it is of {named.text}; the current quarter is {current[0]}-Q{current[1]}"
    return result(test, "failed", words, [named.citation])


def _since(ground: Ground, test: TestSpec, dated: Evidence, made: datetime, cites: Sequence[Citation]) -> Result | None:
    """Something that happened after the item was made and that it therefore cannot know. What is planned has not."""
    for item in ground.view.of(*test.systems):
        for texts, at, citation in _dated(ground, item):
            said = folded(" ".join(texts))
            planned = at > ground.view.now or (test.unless and re.search(test.unless, said))
            if at > made and not planned and re.search(test.after, said):
                told = next((one for one in texts if re.search(test.after, folded(one))), texts[0])
                happened = f"{instant(at)}: “{shorten(told, 160, placeholder='…')}”"
                detail = f"{test.title}: {dated.file} is of {instant(made)}, before what happened at {happened}"
                return result(test, "failed", detail, [citation, *cites])
    return None


def _dated(ground: Ground, item: Evidence) -> Sequence[tuple[list[str], datetime, Citation]]:
    """What an item says with a time beside it: rows and objects, and lines."""
    found = []
    for record in ground.view.records(item):
        times = [(m.at, cell) for cell in record.cells.values() if (m := moment(cell.text)) is not None]
        if times:
            texts = [cell.text for cell in record.cells.values()]
            found.append((texts, times[0][0], ground.view.cite(item, times[0][1])))
    for span in lines_of(ground.view.readings(item.id)):
        if span.kind == "leaf" and (when := moment(span.text)) is not None:
            found.append(([path_label(span.pointer)], when.at, ground.view.cite(item, Cell(span.text, span.locator))))
        if span.kind not in ("leaf", "cell") and (when := moment(span.text)) is not None:
            found.append(([span.text], when.at, ground.view.cite(item, Cell(span.text, span.locator))))
    return found


def none_open(ground: Ground, test: TestSpec, _option: MenuOption | None) -> Result:
    """A list that is said to be empty, or whose entries are all settled or excluded with a reason."""
    clear: list[Citation] = []
    for item in ground.view.of(*test.systems):
        reading = ground.view.readings(item.id)
        spans = lines_of(reading)
        if _empty(reading.data, test) and spans:
            near = next((s for s in spans if any(re.search(n, path_label(s.locator)) for n in test.labels)), spans[0])
            clear.append(ground.view.cite(item, Cell(near.text, near.locator)))
        for place in [*places(ground.view, item), *paired(ground.view, item, ground.spec.pairs)]:
            if not any(re.search(label, place.label) for label in test.labels):
                continue
            said = label_of(_CHECKED.sub("", place.value))
            row = _row_words(ground, item, place)
            if said in test.good or re.search(test.missing, row):
                clear.append(place.cite(ground.view))
            elif moment(place.value) is None and re.search(test.after, f"{place.label} {said} {row}"):
                return result(test, "failed", f"{test.title}: {place.value} is open", [place.cite(ground.view)])
        for span in spans:
            if span.kind not in ("leaf", "cell") and any(re.search(bad, folded(span.text)) for bad in test.bad):
                clear.append(ground.view.cite(item, Cell(span.text, span.locator)))
    if clear:
        return result(test, "met", f"{test.title}: none is open", clear[:4])
    return result(test, "uncertain", f"{test.title}: nothing in evidence says so")


def _row_words(ground: Ground, item: Evidence, place: Place) -> str:
    """The names and values of the row or object that a cell stands in; of a two-column list, only its own line."""
    for record in [place.row] if place.row is not None else ground.view.records(item):
        if any(cell.locator == place.cell.locator for cell in record.cells.values()):
            flat = "/" in place.cell.locator[1:]
            if place.row is None and not flat:
                return ""
            return " ".join(f"{name} {folded(cell.text)}" for name, cell in record.cells.items())
    return ""


def _empty(data: object, test: TestSpec, path: str = "") -> bool:
    """Whether a JSON document has a list of that name with nothing in it."""
    if isinstance(data, Mapping):
        return any(_empty(value, test, f"{path}/{key}") for key, value in data.items())
    named = any(re.search(label, path_label(path)) for label in test.labels)
    return isinstance(data, list) and not data and named
