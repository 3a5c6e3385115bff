"""The recommendation as its owner reads it: prerequisites, options, order, boundary, inputs, blocked paths, escalation.

Every sentence cites the cells that it rests on. What was not established is said as that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agents.option_asks import CHAT, Ask, counts
from agents.option_ground import Ground
from agents.option_ranking import Ranked, criteria_in_force
from agents.option_results import Result
from agents.option_spec import AskSpec
from agents.option_tests import Bench
from agents.override_clusters import OverrideCluster
from agents.quantities import Figure, payable
from casefile.claims import Citation, Claim, Section, Status

AUTHOR = "agent:ranking"
# How many precedents that do not fit are told one by one.
_MISFITS = 10
_MARKS: Mapping[str, str] = {"met": "met", "failed": "not met", "uncertain": "not established"}


@dataclass(frozen=True, slots=True)
class Recomputed:
    """The computed state from a time on: the names of what is watched, their values, and the cells of stated ones."""

    at: str
    state: Mapping[str, str]
    cites: Mapping[str, Citation]


@dataclass(frozen=True, slots=True)
class Draft:
    """What drafting is given."""

    ground: Ground
    bench: Bench
    ranked: Sequence[Ranked]
    prerequisites: Sequence[Result]
    asks: Sequence[Ask]
    overrides: Sequence[OverrideCluster]
    recommended: Ranked | None
    history: Sequence[Recomputed]


def draft(task: Draft) -> list[Section]:
    """The sections, in the order of the card's contents."""
    parts = [
        ("prerequisites", "Prerequisite state", _prerequisites(task)),
        ("options", "Options of the menu, tested against the hard limits", _options(task)),
        ("ranking", "Ranking and preferred option", _ranking(task)),
        ("boundary", "Boundary register", _boundary(task)),
        ("inputs", "Guardrail and threshold inputs", _inputs(task)),
        ("blocked_paths", "Blocked paths that were asked for", _blocked(task)),
        ("precedents", "Precedents and overrides", _earlier(task)),
        ("escalation_packet", "Escalation packet", _escalation(task)),
        ("audit", "Audit trail of the ranking", _audit(task)),
    ]
    return [
        Section(
            id=name, title=title, claims=[c.model_copy(update={"id": f"{name}-{n}"}) for n, c in enumerate(made, 1)]
        )
        for name, title, made in parts
    ]


def _claim(text: str, citations: Sequence[Citation] = (), status: Status = "confirmed") -> Claim:
    unique = list({(c.evidence, c.locator, c.quote): c for c in citations}.values())
    shown: Status = "unverified" if status == "confirmed" and not unique else status
    return Claim(id="", text=text, status=shown, author=AUTHOR, citations=unique)


def _status(result: Result) -> Status:
    return "missing" if result.state == "uncertain" and not result.citations else "confirmed"


def _prerequisites(task: Draft) -> Iterator[Claim]:
    for one in task.prerequisites:
        rule = f" [{one.rule}]" if one.rule else ""
        yield _claim(f"{_MARKS[one.state].capitalize()}{rule}: {one.detail}.", one.citations, _status(one))


def _options(task: Draft) -> Iterator[Claim]:
    amount = task.ground.spec.amount
    for one in sorted(task.ranked, key=lambda r: r.option.id):
        name = one.row.text("name") if one.row is not None else ""
        takes = f"; {amount.title} {_taken(one.amount)}" if one.amount and amount else ""
        cites = [*one.cite(task.bench), *(one.amount.citations if one.amount else ()), *one.key_cites(task.bench)]
        keys = f" ({', '.join(one.row.keys)})" if one.row is not None and one.row.keys else ""
        yield _claim(f"{one.option.id.capitalize()}{keys}, {name or one.option.title}: {one.class_}{takes}.", cites)
        for result in one.results:
            rule = f" [{result.rule}]" if result.rule else ""
            text = f"{one.option.id.capitalize()}, {_MARKS[result.state]}{rule}: {result.detail}."
            yield _claim(text, result.citations, _status(result))


def _taken(amount: Figure) -> str:
    """What an option takes, and how that was found where the words are others."""
    return amount.reading if _tells(amount) else f"{payable(amount).told} ({amount.reading})"


def _tells(figure: Figure) -> bool:
    """Whether the words that a figure was read from say it as a sentence would."""
    return figure.reading.casefold().startswith(figure.told.casefold())


def _ranking(task: Draft) -> Iterator[Claim]:
    chosen = task.recommended
    surviving = [one for one in task.ranked if one.class_ != "blocked"]
    criteria = ", then ".join(c.title for c in criteria_in_force(task.ground))
    if chosen is not None:
        yield _claim(f"Preferred: {chosen.option.id}, {chosen.option.title}.", chosen.cite(task.bench))
    elif any(one.state != "met" for one in task.prerequisites):
        yield _claim("No complete recommendation: a prerequisite is open.", (), "held")
    else:
        yield _claim("No option can be recommended now.", (), "held")
    if surviving:
        yield _claim(f"Order among what passed the hard limits, by {criteria}.", (), "unverified")
    for place, one in enumerate(surviving, 1):
        yield _claim(f"{place}. {one.option.id.capitalize()} ({one.class_}): {trade_off(one)}.", _grounds(task, one))
        for result in one.waiting:
            yield _claim(f"{one.option.id.capitalize()} waits for: {result.detail}.", result.citations, _status(result))


def trade_off(one: Ranked) -> str:
    """What speaks for an option, and what it takes."""
    fitting = ", ".join(p.id for p in one.fitting)
    parts = [f"supported by {fitting}" if fitting else "no fitting precedent supports it"]
    parts += [f"takes {payable(one.amount).told}"] if one.amount is not None else []
    parts += [r.detail for r in one.results if r.state == "met" and "remain" in r.detail]
    return "; ".join(parts)


def _grounds(task: Draft, one: Ranked) -> list[Citation]:
    cites = [*one.cite(task.bench), *(one.amount.citations if one.amount else ())]
    cites += [c for p in one.fitting for c in p.citations[:2]]
    return cites + [c for r in one.results if r.state == "met" and "remain" in r.detail for c in r.citations]


def _boundary(task: Draft) -> Iterator[Claim]:
    words = {"in band": "Allowed in band", "conditional": "Conditional", "blocked": "Blocked"}
    for one in task.ranked:
        reasons = [*one.breaches, *one.waiting]
        why = "; ".join(f"{r.detail}{f' [{r.rule}]' if r.rule else ''}" for r in reasons) or "every hard limit is met"
        cites = [*one.cite(task.bench), *(c for r in reasons for c in r.citations)]
        yield _claim(f"{words[one.class_]}: {one.option.id}: {why}.", cites)
    number = counts(task.asks)
    for spec in task.ground.spec.asks:
        if spec.kind != "menu":
            asked = f"; asked for {_times(number[spec.id])}" if number[spec.id] else ""
            text, cites = rule_of(task.ground, spec)
            yield _claim(f"{spec.kind.capitalize()}: {spec.title}{text}{asked}.", cites)


def rule_of(ground: Ground, spec: AskSpec) -> tuple[str, list[Citation]]:
    """The rule that forbids a path, as a sentence has it, and the cell that says so; of one on the menu, its limit."""
    if spec.kind == "menu":
        limit = ground.limit_row(spec.limit)
        return (f" [{limit.rule}]", limit.cite(ground.view, "value")) if limit is not None else ("", [])
    row = ground.matrix.type_of(spec)
    if row is None:
        return " (by the card)", []
    return (f" [{row.rule}]" if row.rule else ""), row.cite(ground.view, "type")


def _said(ground: Ground, ask: Ask) -> list[Citation]:
    """The place of an ask in evidence; the chat of the run is none."""
    item = next((one for one in ground.view.evidence if one.id == ask.evidence), None)
    if item is None or ask.quote == ask.spec.title:
        return []
    return [Citation(evidence=item.id, locator=ask.locator, quote=ask.quote, sha256=item.sha256)]


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _inputs(task: Draft) -> Iterator[Claim]:
    ground, matrix = task.ground, task.ground.matrix
    yield _claim(f"Computed with the evidence as it has been since {task.history[-1].at}.", (), "unverified")
    head = ground.findings.fields["matrix_version"]
    menu = f", menu {matrix.menu_version}" if matrix.menu_version else ""
    approved = f"approved by {matrix.approved[0]} on {matrix.approved[1]}" if matrix.approved else "approval not shown"
    text = f"{ground.spec.matrix.title}: version {matrix.version or 'not established'}{menu}; {approved}."
    yield _claim(text, [*head.citations, *matrix.approval_cites])
    for name, fact in ground.facts.items():
        text = fact.figure.told if fact.figure is not None else fact.text
        yield _claim(f"{ground.spec.facts[name].title}: {text}.", [fact.citation])
    for name, figure in ground.limits.items():
        text = figure.reading if _tells(figure) else f"{figure.reading} = {figure.told}"
        yield _claim(f"{ground.spec.limits[name].title}: {text}.", figure.citations)
    for name, figure, paper in ground.narrower:
        text = f"{ground.spec.limits[name].title} in {paper}: {figure.told}, less than in the matrix."
        yield _claim(text, figure.citations)
    found = task.bench.cluster
    if found is not None:
        span = f", {found.span.shown} from first to last" if found.span is not None else ""
        yield _claim(f"Trigger ({found.threshold}): {found.state}; {found.detail}{span}.", found.citations)
        for event in found.events:
            said = f"{event.id}: {event.severity or 'no severity'}, {event.state or 'not closed'}"
            cites = [c for c in (event.severity_cite, event.state_cite, event.proven_cite, *event.row) if c is not None]
            was = f" (was {event.was})" if event.was and event.was != event.severity else ""
            yield _claim(f"{said}{was}; reconciled: {event.proven_said or 'not said'}.", cites)


def _blocked(task: Draft) -> Iterator[Claim]:
    number = counts(task.asks)
    parameter = task.ground.spec.drift_parameter
    limit = int(task.ground.view.parameters[parameter]) if parameter else None
    for spec in task.ground.spec.asks:
        mine = [a for a in task.asks if a.spec.id == spec.id and (spec.kind != "menu" or a.over)]
        if not mine:
            continue
        places = ", ".join(f"{a.evidence} {a.locator}" + (f" ({a.by})" if a.evidence == CHAT else "") for a in mine)
        rule, cites = rule_of(task.ground, spec)
        drift = f" Scope drift: {limit} or more of the same kind." if limit and number[spec.id] >= limit else ""
        over = "; ".join(dict.fromkeys(a.over for a in mine if a.over))
        why = f": {over}; nearest is {spec.option}" if over else ""
        kind = "blocked" if spec.kind == "menu" else spec.kind
        back = [f"{a.evidence} {a.locator}" for a in mine if a.withdrawn]
        taken = f" Taken back: {', '.join(back)}." if back else ""
        asked = f"asked for {_times(len(mine) - len(back))}" if len(mine) > len(back) else "named"
        yield _claim(
            f"{spec.title.capitalize()}: {kind}{rule}{why}; {asked}: {places}.{drift}{taken}",
            [*cites, *(c for a in mine for c in _said(task.ground, a))],
        )


def _earlier(task: Draft) -> Iterator[Claim]:
    for one in task.bench.precedents:
        if not one.mismatch:
            told = ", ".join(part for part in (one.option, one.standing, one.decided) if part)
            yield _claim(f"{one.id} fits: {told}.", one.citations)
    misfits = sorted((one for one in task.bench.precedents if one.mismatch), key=lambda one: not one.open)
    for one in misfits[:_MISFITS]:
        yield _claim(f"{one.id} supports nothing: {one.mismatch}.", one.citations)
    if len(misfits) > _MISFITS:
        more = f"{len(misfits) - _MISFITS} more do not fit and support nothing"
        yield _claim(f"{more}; each is listed with its mismatch.", (), "unverified")
    for cluster in task.overrides:
        due = "; reported to the governance owner as a cluster" if cluster.reached else ""
        yield _claim(f"{cluster.told}; limit unchanged{due}.", cluster.citations)


def _escalation(task: Draft) -> Iterator[Claim]:
    """Only when nothing is in band and nothing waits: which guardrail each option breaks, and what is asked."""
    if not task.ranked or any(one.class_ != "blocked" for one in task.ranked):
        return
    if any(one.state != "met" for one in task.prerequisites):
        return
    yield _claim("No option of the menu is defensible inside the delegated authority.", (), "unverified")
    for one in task.ranked:
        for result in one.breaches:
            rule = result.rule or "the option's row in the matrix"
            yield _claim(f"{one.option.id.capitalize()} breaks {rule}: {result.detail}.", result.citations)
        yield _claim(f"{one.option.id.capitalize()}, trade-off: {trade_off(one)}.", _grounds(task, one))
    number = counts(task.asks)
    for spec in task.ground.spec.asks:
        if number[spec.id]:
            text, cites = rule_of(task.ground, spec)
            kind = f"{spec.option} of the menu" if spec.kind == "menu" else spec.kind
            yield _claim(f"Asked for {_times(number[spec.id])}: {spec.title} ({kind}){text}.", cites)


def _audit(task: Draft) -> Iterator[Claim]:
    for before, after in pairwise(task.history):
        moved = [
            f"{name.replace('_', ' ')} {before.state.get(name, '—')} → {value}"
            for name, value in after.state.items()
            if before.state.get(name) != value
        ]
        moved += [
            f"{name.replace('_', ' ')} {value} → —" for name, value in before.state.items() if name not in after.state
        ]
        changed = [n for n in {**before.state, **after.state} if before.state.get(n) != after.state.get(n)]
        cites = [one.cites[name] for name in changed for one in (before, after) if name in one.cites]
        yield _claim(f"Recomputed at {after.at}: {'; '.join(moved)}.", cites)
    for one in task.ranked:
        if one.class_ != "in band":
            reasons = "; ".join(r.test.title for r in [*one.breaches, *one.waiting])
            yield _claim(
                f"{one.option.id.capitalize()} was taken out of the order or waits: {reasons}.", (), "unverified"
            )
    used = sorted(item.file for item in task.ground.view.usable if item.system in task.ground.spec.context_systems)
    if used:
        yield _claim(f"Read as context only, and not copied: {', '.join(used)}.", (), "unverified")
