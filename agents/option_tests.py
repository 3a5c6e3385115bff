"""The hard tests: each gives met, failed or uncertain, with the cells that it rests on and the rule that it applies.

They come before any ranking, and none of them is a weight. What cannot be computed is uncertain, never passed; what
stands one cent above a limit is above it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from agents.event_cluster import Cluster
from agents.labelled_places import Place, belongs, column, path_label, sentences
from agents.matrix_head import out_of_force
from agents.matrix_row import RULE_ID, MatrixRow
from agents.option_facts import amount_in
from agents.option_ground import Ground
from agents.option_limits import caps
from agents.option_permission import permitted
from agents.option_results import Result, State, lacking, result
from agents.option_sources import fresh, none_open, since
from agents.option_spec import MenuOption, TestSpec
from agents.option_uses import own_limit, shown, uses
from agents.precedent_fit import Precedent
from agents.quantities import Figure, join, total
from agents.records import Cell
from casefile.registers import Side
from guardrails.plain_text import folded


@dataclass(frozen=True, slots=True)
class Bench:
    """What tests are done on: the ground, the cluster and the precedents of this pass."""

    ground: Ground
    cluster: Cluster | None
    precedents: Sequence[Precedent]

    def due(self, names: Sequence[str], option: MenuOption | None = None) -> list[str]:
        """Those tests of a list that are done at all.

        One `where` limits stand needs one of them in the matrix, or in the option's row; one that only looks for
        faults, a fact to look at.
        """
        of = ((name, self.ground.spec.test(name)) for name in names)
        of = ((n, t) for n, t in of if not _looks(t) or t.fact in self.ground.facts)
        needed = ((name, test.where or ([test.figure] if test.kind == "uses" else [])) for name, test in of)
        return [
            n
            for n, where in needed
            if not where
            or any(self.ground.limit_row(one) is not None for one in where)
            or own_limit(self.ground, self.ground.spec.test(n), option) is not None
        ]

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


def _looks(test: TestSpec) -> bool:
    """Whether a test only looks for faults of a fact: another one says where the fact is missing."""
    return test.kind == "since" or (test.kind == "one_of" and not test.good)


def _at_most(bench: Bench, test: TestSpec, option: MenuOption | None) -> Result:
    """The option's amount against a limit or a fact, exactly."""
    ground = bench.ground
    amount = ground.amounts.get(option.id) if option is not None else None
    fact = ground.facts.get(test.figure)
    bound = ground.limits.get(test.figure) or (fact.figure if fact is not None else None)
    title = test.title
    if amount is None:
        return result(test, "uncertain", f"{title}: its amount cannot be established from the evidence")
    against = (amount.shown, bound.shown if bound is not None else "")
    if amount.value == 0:
        return Result(test, "met", f"{title}: the option takes nothing", amount.citations, against=against)
    if bound is None:
        lacks = f"the {test.figure.replace('_', ' ')} cannot be established from the evidence"
        return Result(test, "uncertain", f"{title}: {lacks}", against=against)
    if amount.unit != bound.unit:
        cites = [*amount.citations, *bound.citations]
        detail = f"{title}: {amount.shown} and {bound.shown} cannot be compared"
        return Result(test, "uncertain", detail, cites, against=against)
    return _compared(test, amount, bound)


def _compared(test: TestSpec, amount: Figure, bound: Figure, rule: str = "") -> Result:
    name, against = test.figure.replace("_", " "), (amount.shown, bound.shown)
    if amount.value > bound.value:
        over = join(amount, "-", bound)
        detail = f"{test.title}: {amount.told} is above the {name} of {bound.told} by {over.told}"
        return Result(test, "failed", detail, over.citations, rule, {f"over_{test.figure}": over}, against=against)
    left = join(bound, "-", amount)
    remains = f"{left.told} remain" if left.value else "nothing remains"
    detail = f"{test.title}: {amount.told} is within the {name} of {bound.told}; {remains}"
    return Result(test, "met", detail, left.citations, rule, {f"left_of_{test.figure}": left}, against=against)


def _within(bench: Bench, test: TestSpec, option: MenuOption | None) -> Result:
    """A fact, and what is known of its other `facts`, against the strictest cap that is stated: in the option's row, in
    the matrix, in a policy. The highest of them counts."""
    ground = bench.ground
    fact = ground.facts.get(test.fact)
    disputed = next((name for name in test.facts if name in ground.open), None)
    if fact is None or fact.figure is None or disputed is not None:
        return result(test, "uncertain", f"{test.title}: {lacking(ground, disputed or test.fact)}")
    others = (ground.facts[name] for name in test.facts if name in ground.facts)
    known = [fact.figure, *(one.figure for one in others if one.figure is not None)]
    figure = max((one for one in known if one.unit == fact.figure.unit), key=lambda one: one.value)
    stated = [(cap, rule) for cap, rule in caps(ground, test, option) if cap.unit == figure.unit]
    if not stated:
        lacks = f"the {test.figure.replace('_', ' ')} cannot be established from the evidence"
        return result(test, "uncertain", f"{test.title}: {lacks}", [fact.citation])
    cap, rule = min(stated, key=lambda one: one[0].value)
    return _compared(test, figure, cap, rule)


def _trigger(bench: Bench, test: TestSpec, _option: MenuOption | None) -> Result:
    found = bench.cluster
    if found is None:
        return result(test, "uncertain", f"{test.title}: there is no table of events")
    detail = f"{test.title}: {found.detail} ({found.threshold})"
    if found.state == "uncertain":
        return Result(test, "uncertain", detail, found.citations, found.rule)
    return Result(test, "met" if found.state == test.want else "failed", detail, found.citations, found.rule)


def _listed(bench: Bench, test: TestSpec, option: MenuOption | None) -> Result:
    """A fact against the list in the option's own row, else against one that the matrix keeps among its limits."""
    ground = bench.ground
    row = ground.matrix.options.get(option.id) if option is not None else None
    fact = ground.facts.get(test.fact)
    cells, listed = _own_list(row, test)
    cites = [ground.view.cite(row.item, cell) for cell in cells] if row is not None else []
    named = ((one, folded(one.text("limit"))) for one in ground.matrix.limits)
    apart = next((one for one, said in named if any(re.search(p, said) for p in test.patterns)), None)
    apart = None if cells else apart
    if apart is not None:
        cells, cites = apart.cells("value"), apart.cite(ground.view, "value")
        listed = "; ".join(cell.text for cell in cells)
    if row is None or not cells:
        return result(test, "uncertain", f"{test.title}: the matrix has no list in the option's row or its limits")
    if fact is None:
        return result(test, "uncertain", f"{test.title}: {lacking(ground, test.fact)}", cites)
    entries = [folded(part).strip() for part in re.split(r"[;,/|\n]|\band\b", listed) if part.strip()]
    state: State = "met" if folded(fact.text).strip() in entries or "all" in entries else "failed"
    words = "is" if state == "met" else "is not"
    told = result(test, state, f"{test.title}: {fact.text} {words} among {listed}", [*cites, fact.citation])
    return told if apart is None else replace(told, rule=apart.rule)


def _own_list(row: MatrixRow | None, test: TestSpec) -> tuple[list[Cell], str]:
    """The list of an option's row: its column, else what another cell says after the words for it."""
    cells = row.cells(test.column) if row is not None else []
    if cells or row is None or not test.within:
        said = ((cell.text, test.within and re.search(test.within, cell.text, re.IGNORECASE)) for cell in cells)
        return cells, "; ".join(found["value"] if found else text for text, found in said)
    told = ((cell, re.search(test.within, cell.text, re.IGNORECASE)) for cell in row.record.cells.values())
    return next((([cell], found["value"]) for cell, found in told if found is not None), ([], ""))


def _rows(bench: Bench, test: TestSpec, _option: MenuOption | None) -> Result:
    """Every event of the cluster is in the wanted state: closed, or proven."""
    events = bench.cluster.events if bench.cluster is not None else ()
    if not events:
        return result(test, "uncertain", f"{test.title}: no event of the case is in evidence")
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
        return result(test, "failed", f"{test.title}: not for {', '.join(lacking)}", cites)
    return result(test, "met", f"{test.title}: for {', '.join(name for name, *_ in kept)}", cites)


def _stated(bench: Bench, test: TestSpec, _option: MenuOption | None) -> Result:
    fact = bench.ground.facts.get(test.fact)
    if fact is None:
        return result(test, "failed", f"{test.title}: {lacking(bench.ground, test.fact)}")
    spec = bench.ground.spec
    over = out_of_force(bench.ground.view, spec, [fact.item]) if fact.item.system in spec.matrix.governed else ""
    if over:
        return result(test, "failed", f"{test.title}: {fact.text}, but {over}", [fact.citation])
    said = fact.figure.told if fact.figure is not None else fact.text
    return result(test, "met", f"{test.title}: {said}", [fact.citation])


def _one_of(bench: Bench, test: TestSpec, option: MenuOption | None) -> Result:
    """A fact that says one of the good words; a bad one fails, anything else is uncertain: met if no word has to be."""
    fact = bench.ground.facts.get(test.fact)
    if fact is None:
        return result(test, "uncertain", f"{test.title}: {lacking(bench.ground, test.fact)}")
    said = folded(fact.text)
    state: State = "uncertain"
    if any(re.search(word, said) for word in test.bad):
        return _softened(bench, test, option, result(test, "failed", f"{test.title}: {fact.text}", [fact.citation]))
    if not test.good or any(re.search(word, said) for word in test.good):
        state = "met"
    return result(test, state, f"{test.title}: {fact.text}", [fact.citation])


def _softened(bench: Bench, test: TestSpec, option: MenuOption | None, failed: Result) -> Result:
    """What blocks an option, unless a rule of the policy says that it, or any option, waits for proof then."""
    view = bench.ground.view
    for item in view.of(*test.systems):
        for place, sentence in sentences(view, item, test.softened):
            about = {one.id for one in bench.ground.spec.menu if any(re.search(w, folded(sentence)) for w in one.words)}
            if option is not None and about and option.id not in about:
                continue
            named = RULE_ID.search(sentence)
            rule = named[0] if named is not None else item.file
            detail = f"{failed.detail}; by {rule} the option waits for proof"
            return Result(test, "uncertain", detail, [*failed.citations, place.cite(view)], rule)
    return failed


def _fit(bench: Bench, test: TestSpec, option: MenuOption | None) -> Result:
    of_option = [p for p in bench.precedents if option is not None and p.option == option.id]
    fitting = [p for p in of_option if not p.mismatch]
    if fitting:
        cites = [c for p in fitting for c in p.citations[:2]]
        return result(test, "met", f"{test.title}: {', '.join(p.id for p in fitting)}", cites)
    waiting = [p for p in of_option if p.open]
    if waiting:
        told = "; ".join(f"{p.id}: {p.mismatch}" for p in waiting)
        cites = [c for p in waiting for c in p.citations]
        return result(test, "uncertain", f"{test.title}: no precedent fits yet; {told}", cites)
    return result(test, "uncertain", f"{test.title}: no precedent fits")


def _adds_up(bench: Bench, test: TestSpec, _option: MenuOption | None) -> Result:
    """A stated balance against what is left of the limit after every use that is listed, computed again."""
    ground = bench.ground
    fact = ground.facts.get(test.fact)
    whole = ground.limits.get(test.figure)
    if fact is None or fact.figure is None or whole is None:
        return result(test, "uncertain", f"{test.title}: {lacking(ground, test.fact)}")
    used = _uses(bench, test)
    taken = total(used, whole.unit) if used else None
    left = join(whole, "-", taken) if taken is not None else whole
    figures = {f"{test.fact}_recomputed": left} | ({f"{test.fact}_uses_recomputed": taken} if taken is not None else {})
    if not used and fact.figure.value != whole.value:
        return result(test, "met", f"{test.title}: {fact.text} is stated; no use is listed", [fact.citation])
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


KINDS: Mapping[str, Callable[[Bench, TestSpec, MenuOption | None], Result]] = {
    "at_most": _at_most,
    "trigger": _trigger,
    "listed": _listed,
    "fresh": lambda bench, test, option: fresh(bench.ground, test, option),
    "rows": _rows,
    "none_open": lambda bench, test, option: none_open(bench.ground, test, option),
    "stated": _stated,
    "one_of": _one_of,
    "permitted": lambda bench, test, option: permitted(bench.ground, test, option),
    "fit": _fit,
    "adds_up": _adds_up,
    "within": _within,
    "uses": lambda bench, test, option: uses(bench.ground, test, option),
    "since": lambda bench, test, option: since(bench.ground, test, option),
    "shown": lambda bench, test, option: shown(bench.ground, test, option),
}
