"""The hard tests: each gives met, failed or uncertain, with the cells that it rests on and the rule that it applies.

They come before any ranking, and none of them is a weight. What cannot be computed is uncertain, never passed; what
stands one cent above a limit is above it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from agents.event_cluster import Cluster
from agents.labelled_places import Place, belongs, column, lines_of, moment, path_label, places
from agents.option_facts import Fact, Ground, amount_in
from agents.option_spec import MenuOption, TestSpec
from agents.precedent_fit import Precedent
from agents.quantities import Figure, join, plain, total
from agents.records import Cell, label_of
from casefile.claims import Citation
from casefile.evidence import Evidence
from casefile.registers import Side
from guardrails.freshness import parse_duration
from guardrails.plain_text import folded
from runtime.clock import instant

State = Literal["met", "failed", "uncertain"]


@dataclass(frozen=True, slots=True)
class Result:
    """What a test gave. `figures` are numbers that it computed, by the name that the artifact gives them.

    `lapses` is when time alone will make a met test fail.
    """

    test: TestSpec
    state: State
    detail: str
    citations: Sequence[Citation] = ()
    rule: str = ""
    figures: Mapping[str, Figure] = field(default_factory=dict)
    lapses: datetime | None = None

    @property
    def blocks(self) -> bool:
        """Whether it takes the option out, whatever else is true."""
        return self.state == "failed" and self.test.fails == "blocked"


@dataclass(frozen=True, slots=True)
class Bench:
    """What tests are done on: the ground, the cluster and the precedents of this pass."""

    ground: Ground
    cluster: Cluster | None
    precedents: Sequence[Precedent]

    def run(self, name: str, option: MenuOption | None = None) -> Result:
        """Do one test, for an option where it is about one."""
        test = self.ground.spec.test(name)
        done = KINDS[test.kind](self, test, option)
        if test.rests_on and done.state == "failed" and self.run(test.rests_on, option).state != "met":
            done = replace(done, state="uncertain", detail=f"{done.detail}, on evidence that is not current")
        row = self.ground.limit_row(test.limit) if test.limit else None
        if row is None or done.rule:
            return done
        cites = [*done.citations, *(c for c in row.cite(self.ground.view, "value") if c not in done.citations)]
        return replace(done, citations=cites, rule=row.rule)


def _result(test: TestSpec, state: State, detail: str, citations: Sequence[Citation] = ()) -> Result:
    return Result(test, state, detail, citations)


def _at_most(bench: Bench, test: TestSpec, option: MenuOption | None) -> Result:
    """The option's amount against a limit or a fact, exactly."""
    ground = bench.ground
    amount = ground.amounts.get(option.id) if option is not None else None
    fact = ground.facts.get(test.figure)
    bound = ground.limits.get(test.figure) or (fact.figure if fact is not None else None)
    title = test.title
    if amount is not None and amount.value == 0:
        return _result(test, "met", f"{title}: the option takes nothing", amount.citations)
    if amount is None or bound is None:
        lacking = "its amount" if amount is None else f"the {test.figure.replace('_', ' ')}"
        return _result(test, "uncertain", f"{title}: {lacking} cannot be established from the evidence")
    if amount.unit != bound.unit:
        cites = [*amount.citations, *bound.citations]
        return _result(test, "uncertain", f"{title}: {amount.shown} and {bound.shown} cannot be compared", cites)
    name = test.figure.replace("_", " ")
    if amount.value > bound.value:
        over = join(amount, "-", bound)
        detail = f"{title}: {amount.shown} is above the {name} of {bound.shown} by {over.shown}"
        return Result(test, "failed", detail, over.citations, "", {f"over_{test.figure}": over})
    left = join(bound, "-", amount)
    detail = f"{title}: {amount.shown} is within the {name} of {bound.shown}; {left.shown} remain"
    return Result(test, "met", detail, left.citations, "", {f"left_of_{test.figure}": left})


def _trigger(bench: Bench, test: TestSpec, _option: MenuOption | None) -> Result:
    found = bench.cluster
    if found is None:
        return _result(test, "uncertain", f"{test.title}: there is no table of events")
    detail = f"{test.title}: {found.detail} ({found.threshold})"
    if found.state == "uncertain":
        return Result(test, "uncertain", detail, found.citations, found.rule)
    return Result(test, "met" if found.state == test.want else "failed", detail, found.citations, found.rule)


def _listed(bench: Bench, test: TestSpec, option: MenuOption | None) -> Result:
    """A fact against the list in the option's own row. A row without such a list asks for nothing."""
    ground = bench.ground
    row = ground.matrix.options.get(option.id) if option is not None else None
    fact = ground.facts.get(test.fact)
    cell = row.cell(test.column) if row is not None else None
    if row is None or cell is None:
        return _result(test, "uncertain", f"{test.title}: the matrix has no list in the option's row")
    cites = row.cite(ground.view, test.column)
    if fact is None:
        return _result(test, "uncertain", f"{test.title}: {_lacking(ground, test.fact)}", cites)
    entries = [folded(part).strip() for part in re.split(r"[;,/|\n]|\band\b", cell.text) if part.strip()]
    state: State = "met" if folded(fact.text).strip() in entries or "all" in entries else "failed"
    words = "is" if state == "met" else "is not"
    return _result(test, state, f"{test.title}: {fact.text} {words} among {cell.text}", [*cites, fact.citation])


def _fresh(bench: Bench, test: TestSpec, _option: MenuOption | None) -> Result:
    """The item that states a fact: its age, its quarter, and whether something happened since that it does not know."""
    ground, view = bench.ground, bench.ground.view
    fact = ground.facts.get(test.fact)
    if fact is None:
        return _result(test, "uncertain", f"{test.title}: {_lacking(ground, test.fact)}")
    made, cites = _made(ground, test, fact)
    if made is None:
        return _result(test, "failed", f"{test.title}: nothing says when {fact.item.file} was made", [fact.citation])
    limit, words = _age_limit(ground, test)
    age = view.now - made
    said = f"{fact.item.file} is of {instant(made)}"
    if age > limit or age < -timedelta(minutes=5):
        why = f"older than {words}" if age > limit else "later than the clock of the run"
        return _result(test, "failed", f"{test.title}: {said}, {why}", cites)
    if test.quarter and (problem := _other_quarter(ground, test)) is not None:
        return problem
    if test.after and (event := _since(ground, test, fact, made)) is not None:
        return event
    return Result(test, "met", f"{test.title}: {said}, not older than {words}", cites, lapses=made + limit)


def _made(ground: Ground, test: TestSpec, fact: Fact) -> tuple[datetime | None, list[Citation]]:
    """When the item says that it was made; a named time of its own before that of its export, else its capture."""
    dated = next((n for n in test.labels if n in ground.facts and ground.facts[n].item.id == fact.item.id), None)
    if dated is not None and (at := ground.facts[dated].at) is not None:
        return at.at, [ground.facts[dated].citation]
    reading = ground.view.readings(fact.item.id)
    return reading.made_at or fact.item.captured_at, [fact.citation]


def _age_limit(ground: Ground, test: TestSpec) -> tuple[timedelta, str]:
    """The age that the matrix allows, else the parameter; one that was set for the run counts where it is stricter."""
    unit = next(p.unit for p in ground.scenario.parameters if p.name == test.parameter)
    given = parse_duration(ground.view.parameters[test.parameter], unit)
    row = ground.limit_row(test.limit)
    if row is None:
        return given, f"{plain(Decimal(str(ground.view.parameters[test.parameter])))} {unit}"
    try:
        stated = parse_duration(row.text("value"))
    except ValueError:
        return given, f"{ground.view.parameters[test.parameter]} {unit}"
    if test.parameter in ground.view.packet.parameters and given < stated:
        return given, f"{ground.view.parameters[test.parameter]} {unit}"
    return stated, row.text("value")


def _other_quarter(ground: Ground, test: TestSpec) -> Result | None:
    """A balance of another quarter says nothing about this one."""
    named = ground.facts.get(test.quarter)
    now = ground.view.now
    if named is None:
        return _result(test, "uncertain", f"{test.title}: {_lacking(ground, test.quarter)}")
    year, quarter = re.search(r"(20\d\d)", named.text), re.search(r"[QqTt]\s*([1-4])", named.text)
    current = (str(now.year), str((now.month - 1) // 3 + 1))
    if year is not None and quarter is not None and (year[1], quarter[1]) == current:
        return None
    words = f"{test.title}: it is of {named.text}; the current quarter is {current[0]}-Q{current[1]}"
    return _result(test, "failed", words, [named.citation])


def _since(ground: Ground, test: TestSpec, fact: Fact, made: datetime) -> Result | None:
    """Something that happened after the item was made and that it therefore cannot know."""
    for item in ground.view.of(*test.systems):
        for words, at, citation in _dated(ground, item):
            if re.search(test.after, folded(words)) and at > made:
                detail = f"{test.title}: {fact.item.file} is of {instant(made)}, before what happened at {instant(at)}"
                return _result(test, "failed", detail, [citation, fact.citation])
    return None


def _dated(ground: Ground, item: Evidence) -> Sequence[tuple[str, datetime, Citation]]:
    """What an item says with a time beside it: rows and objects, and lines."""
    found = []
    for record in ground.view.records(item):
        times = [(m.at, cell) for cell in record.cells.values() if (m := moment(cell.text)) is not None]
        if times:
            words = " ".join(cell.text for cell in record.cells.values())
            found.append((words, times[0][0], ground.view.cite(item, times[0][1])))
    for span in lines_of(ground.view.readings(item.id)):
        if span.kind not in ("leaf", "cell") and (when := moment(span.text)) is not None:
            found.append((span.text, when.at, ground.view.cite(item, Cell(span.text, span.locator))))
    return found


def _rows(bench: Bench, test: TestSpec, _option: MenuOption | None) -> Result:
    """Every event of the cluster is in the wanted state: closed, or proven."""
    events = bench.cluster.events if bench.cluster is not None else ()
    if not events:
        return _result(test, "uncertain", f"{test.title}: no event of the case is in evidence")
    kept = [
        (e.id, e.closed, e.state, e.state_cite)
        if test.column == "closed"
        else (e.id, e.proven, e.proven_said, e.proven_cite)
        for e in events
        if test.column == "closed" or e.severe is not False
    ]
    cites = [cite for _, _, _, cite in kept if cite is not None]
    lacking = [f"{name} ({said or 'nothing said'})" for name, done, said, _ in kept if not done]
    if lacking:
        return _result(test, "failed", f"{test.title}: not so for {', '.join(lacking)}", cites)
    return _result(test, "met", f"{test.title}: so for {', '.join(name for name, *_ in kept)}", cites)


def _none_open(bench: Bench, test: TestSpec, _option: MenuOption | None) -> Result:
    """A list that is said to be empty, or whose entries are all settled or excluded with a reason."""
    ground = bench.ground
    clear: list[Citation] = []
    for item in ground.view.of(*test.systems):
        reading = ground.view.readings(item.id)
        spans = lines_of(reading)
        if _empty(reading.data, test) and spans:
            near = next((s for s in spans if any(re.search(n, path_label(s.locator)) for n in test.labels)), spans[0])
            clear.append(ground.view.cite(item, Cell(near.text, near.locator)))
        for place in places(ground.view, item):
            if not any(re.search(label, place.label) for label in test.labels):
                continue
            said = label_of(place.value)
            row = _row_words(ground, item, place)
            if said in test.good or re.search(test.missing, row):
                clear.append(place.cite(ground.view))
            elif moment(place.value) is None and re.search(test.after, f"{place.label} {said} {row}"):
                return _result(test, "failed", f"{test.title}: {place.value} is open", [place.cite(ground.view)])
        for span in spans:
            if span.kind not in ("leaf", "cell") and any(re.search(bad, folded(span.text)) for bad in test.bad):
                clear.append(ground.view.cite(item, Cell(span.text, span.locator)))
    if clear:
        return _result(test, "met", f"{test.title}: none is open", clear[:4])
    return _result(test, "uncertain", f"{test.title}: nothing in evidence says so")


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


def _stated(bench: Bench, test: TestSpec, _option: MenuOption | None) -> Result:
    fact = bench.ground.facts.get(test.fact)
    if fact is None:
        return _result(test, "failed", f"{test.title}: {_lacking(bench.ground, test.fact)}")
    return _result(test, "met", f"{test.title}: {fact.text}", [fact.citation])


def _one_of(bench: Bench, test: TestSpec, _option: MenuOption | None) -> Result:
    """A fact that says one of the good words; a bad one fails, anything else is uncertain."""
    fact = bench.ground.facts.get(test.fact)
    if fact is None:
        return _result(test, "uncertain", f"{test.title}: {_lacking(bench.ground, test.fact)}")
    said = folded(fact.text)
    state: State = "uncertain"
    if any(re.search(word, said) for word in test.bad):
        state = "failed"
    elif any(re.search(word, said) for word in test.good):
        state = "met"
    return _result(test, state, f"{test.title}: {fact.text}", [fact.citation])


def _permitted(bench: Bench, test: TestSpec, option: MenuOption | None) -> Result:
    """No rule of the policy forbids the option for what the fact says (a region, a class of data)."""
    ground = bench.ground
    fact = ground.facts.get(test.fact)
    words = option.words if option is not None else []
    if fact is None:
        return _result(test, "uncertain", f"{test.title}: {_lacking(ground, test.fact)}")
    policies = ground.view.of(*test.systems)
    if not policies:
        return _result(test, "uncertain", f"{test.title}: there is no policy in evidence", [fact.citation])
    for item in policies:
        for text, citation in _rules(ground, item):
            said = folded(text)
            about = any(re.search(w, said) for w in [*words, *test.good]) and _names(said, fact.text)
            if about and any(re.search(bad, said) for bad in test.bad):
                found = re.search(r"\b[A-Z]{1,6}-[A-Z]{0,4}\d[\w.]*\b", text)
                rule = found[0] if found else item.file
                detail = f"{test.title}: {rule} does not allow it for {fact.text}"
                return Result(test, "failed", detail, [citation, fact.citation], rule)
    return _result(test, "met", f"{test.title}: no rule forbids it for {fact.text}", [fact.citation])


def _names(said: str, value: str) -> bool:
    return bool(re.search(rf"(?<![\w-]){re.escape(folded(value).strip())}(?![\w-])", said)) or bool(
        re.search(r"\b(?:all|any|every) regions?\b", said)
    )


def _rules(ground: Ground, item: Evidence) -> Sequence[tuple[str, Citation]]:
    """The policy's rules: rows of its tables, and lines."""
    found = []
    for record in ground.view.records(item):
        longest = max(record.cells.values(), key=lambda cell: len(cell.text))
        found.append((" ".join(cell.text for cell in record.cells.values()), ground.view.cite(item, longest)))
    for span in lines_of(ground.view.readings(item.id)):
        if span.kind not in ("leaf", "cell"):
            found.append((span.text, ground.view.cite(item, Cell(span.text, span.locator))))
    return found


def _fit(bench: Bench, test: TestSpec, option: MenuOption | None) -> Result:
    of_option = [p for p in bench.precedents if option is not None and p.option == option.id]
    fitting = [p for p in of_option if not p.mismatch]
    if fitting:
        cites = [c for p in fitting for c in p.citations[:2]]
        return _result(test, "met", f"{test.title}: {', '.join(p.id for p in fitting)}", cites)
    return _result(test, "uncertain", f"{test.title}: no precedent fits")


def _adds_up(bench: Bench, test: TestSpec, _option: MenuOption | None) -> Result:
    """A stated balance against what is left of the limit after every use that is listed, computed again."""
    ground = bench.ground
    fact = ground.facts.get(test.fact)
    whole = ground.limits.get(test.figure)
    if fact is None or fact.figure is None or whole is None:
        return _result(test, "uncertain", f"{test.title}: {_lacking(ground, test.fact)}")
    used = _uses(bench, test)
    taken = total(used, whole.unit) if used else None
    left = join(whole, "-", taken) if taken is not None else whole
    figures = {f"{test.fact}_recomputed": left} | ({f"{test.fact}_uses_recomputed": taken} if taken is not None else {})
    if not used and fact.figure.value != whole.value:
        return _result(test, "met", f"{test.title}: {fact.text} is stated; no use is listed", [fact.citation])
    if left.value == fact.figure.value and left.unit == fact.figure.unit:
        detail = f"{test.title}: {left.reading} = {left.shown}, as stated"
        return Result(test, "met", detail, [*left.citations, fact.citation], "", figures)
    detail = f"{test.title}: {left.reading} = {left.shown}, but {fact.text} is stated"
    sides = [Side(value=fact.text, citations=[fact.citation]), Side(value=left.shown, citations=list(left.citations))]
    ground.findings.contradict(test.fact, sides, "stated and recomputed values differ", settled=False, key="adds_up")
    return Result(test, "failed", detail, [*left.citations, fact.citation], "", figures)


def _uses(bench: Bench, test: TestSpec) -> list[Figure]:
    ground, table = bench.ground, bench.ground.spec.tables[test.table]
    found = []
    for item in ground.view.of(*table.systems):
        for record in ground.view.records(item):
            cell = column(record, table.columns["amount"])
            name = column(record, table.columns["id"])
            if cell is None or name is None:
                continue
            if table.unless and re.search(table.unless, f"{path_label(cell.locator)} {folded(name.text)}"):
                continue
            if belongs(record, ground.spec.subject_columns, ground.mine):
                figure = amount_in(ground, Place(item, "", cell.text, cell), "")
                found += [figure] if figure is not None else []
    return found


def _lacking(ground: Ground, fact: str) -> str:
    title = ground.spec.facts[fact].title if fact in ground.spec.facts else fact.replace("_", " ")
    return f"{title} is stated in conflict" if fact in ground.open else f"{title} is not stated"


KINDS: Mapping[str, Callable[[Bench, TestSpec, MenuOption | None], Result]] = {
    "at_most": _at_most,
    "trigger": _trigger,
    "listed": _listed,
    "fresh": _fresh,
    "rows": _rows,
    "none_open": _none_open,
    "stated": _stated,
    "one_of": _one_of,
    "permitted": _permitted,
    "fit": _fit,
    "adds_up": _adds_up,
}
