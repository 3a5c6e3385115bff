"""The facts that options are tested on: stated values with their rank, and amounts computed from them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agents.labelled_places import Place, belongs, lines_of, moment, paired, places, sentences, whole
from agents.matrix_row import MatrixRow
from agents.option_flags import flagged, kind_of, said_plainly
from agents.option_ground import Fact, Ground, names_of, one_subject
from agents.option_spec import FactSpec, LimitSpec
from agents.quantities import (
    MINUTES,
    Figure,
    bare_in,
    cited,
    duration_in,
    money_in,
    number_said,
    plain,
    share,
    share_in,
    words_of,
)
from agents.records import Cell, label_of
from agents.sections import title_of
from agents.weighing import Weighing, weigh
from casefile.claims import Normalization
from casefile.evidence import Evidence
from casefile.precedence import Stated
from casefile.registers import Side
from guardrails.plain_text import folded

_PERIOD = re.compile(r"\b(?:since|from|until|till|through|to|valid|next|due|after|before)\b", re.I)
# "2", "2 per case", "at most 3 windows": not the age of something, and no date.
_COUNT = re.compile(r"^\W*(?:(?:at most|up to|max(?:imum)?\.?|no more than) )?(?P<value>\d{1,4})(?![\d.,:/-])", re.I)
_CODE = re.compile(r"^[A-Z]{3}$")
_ITEM = re.compile(r"\s*(?:[-*•]|\(?\w{1,2}[.)])\s")
_PAIR = 2  # cells of a row that is a name and a value
# An amount beside a share bounds it.
_CEILING = re.compile(
    r"\b(?:at most|capped at|up to|(?:no|not) (?:more|higher|above)|not exceed\w*|max(?:imum|imal)?|limited to|"
    r"hochstens|(?:lower|lesser|smaller) of|whichever is (?:the )?(?:lower|less|lesser|smaller))\b"
)


def gather(ground: Ground) -> None:
    """Settle every fact of the scenario, subjects first: they tell own rows from others'. Then the amounts."""
    order = [*ground.spec.subject, *(name for name in ground.spec.facts if name not in ground.spec.subject)]
    for name in order:
        _settle(ground, name, ground.spec.facts[name])
    for name, spec in ground.spec.limits.items():
        figure = _limit(ground, spec) if spec.measured else None
        if figure is not None:
            ground.limits[name] = figure
        _compare_copy(ground, name, spec)
    amount = ground.spec.amount
    for option, row in ground.matrix.options.items() if amount is not None else ():
        figure = _option_amount(ground, row)
        if figure is not None:
            ground.amounts[option] = figure


def _settle(ground: Ground, name: str, spec: FactSpec) -> None:
    stated: list[Stated[str]] = []
    known: dict[tuple[str, str], tuple[Place, Figure | None]] = {}
    for place in _statements(ground, name, spec):
        value, figure = _value(ground, place, spec)
        if value is None:
            continue
        one = ground.view.stated(place.item, place.cell, value)
        citation = place.cite(ground.view)
        stated.append(replace(one, citation=citation, raw=place.said or place.value))
        known[(citation.evidence, citation.locator)] = (place, figure)
    ground.stating[name] = list({place.item.id: place.item for place, _ in known.values()}.values())
    if not stated and not spec.required:
        return
    done = weigh(
        name,
        Weighing(spec.title, ground.spec.owner_role),
        ground.findings,
        stated,
        same=one_subject if name in ground.spec.subject else lambda a, b: _alike(spec, a, b),
        value=str,
        steps=lambda one: _steps(one, known[(one.citation.evidence, one.citation.locator)][1]),
    )
    if done.chosen is None:
        if done.open_sides:
            ground.open.add(name)
        return
    citation = done.chosen.citation
    place, figure = known[(citation.evidence, citation.locator)]
    text = done.chosen.value
    said = {one.citation.evidence for one in (done.chosen, *done.agreeing)}
    items = tuple(item for item in ground.stating[name] if item.id in said)
    at = moment(text) if spec.unit == "instant" else None
    if spec.compared:
        _compare_context(ground, name, spec, done.chosen)
    ground.facts[name] = Fact(text, citation, place.item, figure, at, items)


def _compare_context(ground: Ground, name: str, spec: FactSpec, chosen: Stated[str]) -> None:
    """What a context source says otherwise about a fact: outranked, and visible."""
    for item in ground.view.of(*ground.spec.context_systems):
        for place in _labelled(ground, item, spec):
            value, _ = _value(ground, place, spec)
            if value is None or _alike(spec, value, chosen.value):
                continue
            sides = [
                Side(value=chosen.value, citations=[chosen.citation]),
                Side(value=value, citations=[place.cite(ground.view)]),
            ]
            source = ground.view.source(item)
            rule = f"rank: {chosen.source} ({chosen.order}) over {source.name if source else item.system}"
            ground.findings.contradict(name, sides, rule, settled=True, key=f"context:{value}")


def _alike(spec: FactSpec, left: str, right: str) -> bool:
    kind = kind_of(spec, left)
    named = spec.named and bool({folded(one) for one in names_of(left)} & {folded(one) for one in names_of(right)})
    return folded(left) == folded(right) or named or (bool(kind) and kind == kind_of(spec, right))


def _steps(one: Stated[str], figure: Figure | None) -> list[Normalization]:
    if figure is not None and figure.computed:
        return [Normalization(rule="formula", source=figure.formula, to=one.value, reference="exact, not rounded")]
    return [Normalization(rule="reading", source=one.raw, to=one.value)] if one.raw != one.value else []


def _statements(ground: Ground, name: str, spec: FactSpec) -> list[Place]:
    """Everything that counts as a statement of a fact, in the order of the evidence."""
    items = ground.view.of(*spec.systems)
    if spec.beside:
        near = {item.id for other in spec.beside for item in _of_fact(ground, other)}
        items = [item for item in items if item.id in near]
    found = {item.id: _labelled(ground, item, spec) for item in items}
    if spec.last and not any(found.values()):
        others = spec.model_copy(update={"labels": spec.last, "unless": ""})
        found = {item.id: _labelled(ground, item, others) for item in items}
    if not spec.prose_last or not any(found.values()):
        found = {item.id: found[item.id] or _told(ground, item, spec) for item in items}
    if spec.unit in ("instant", "text"):
        _keep_times(ground, name, found)
    if spec.beside and spec.unit == "instant":
        latest = max(
            (key[1] for key in ground.dated if key[0] == name), default="", key=lambda i: ground.dated[name, i][0].at
        )
        found = {item: said for item, said in found.items() if item == latest}
    return [place for said in found.values() for place in said]


def _of_fact(ground: Ground, name: str) -> Sequence[Evidence]:
    """The items that state what a fact is; all that speak of it, where they disagree."""
    fact = ground.facts.get(name)
    return fact.items if fact is not None else ground.stating.get(name, [])


def _keep_times(ground: Ground, name: str, found: Mapping[str, Sequence[Place]]) -> None:
    """The time that each item states, also within a text (`PV-97 of 1 March 2026`); of several the earliest, so that
    nothing is taken for fresher than it is. A text with a period says when something began."""
    for item, said in found.items():
        dated = [place for place in said if not _PERIOD.search(place.value)]
        times = [(at, place) for place in dated if (at := moment(place.value)) is not None]
        if times:
            at, place = min(times, key=lambda one: one[0].at)
            ground.dated[name, item] = (at, place.cite(ground.view))


def _labelled(ground: Ground, item: Evidence, spec: FactSpec) -> list[Place]:
    """Where the first label that names anything in the item names it, and where its flags tell it; else its names."""
    told = [*places(ground.view, item), *paired(ground.view, item, ground.spec.pairs)]
    everything = [p for p in told if belongs(p.row, ground.spec.subject_columns, ground.mine)]
    if item.system in spec.of_subject:
        everything = _of_subject(ground, everything)
    if item.system in ground.spec.ask_systems:
        everything = _without_wishes(ground, everything)
    found = _flags(everything, spec)
    found += _named(ground, everything, spec, spec.labels)
    if not found and spec.titled:
        title = label_of(title_of(ground.view, item))
        found = _named(ground, [replace(p, label=f"{title} {p.label}") for p in everything if title], spec, spec.titled)
    if not found:
        named = [p for p in everything if any(re.search(label, p.label) for label in spec.names)]
        found = [p for p in named if said_plainly(spec, p.value)]
    return list({(p.cell.locator, p.value): p for p in found}.values())


def _named(ground: Ground, everything: Sequence[Place], spec: FactSpec, labels: Sequence[str]) -> list[Place]:
    """The places that the first label names which names any."""
    for label in labels:
        named = [p for p in everything if re.search(label, p.label) and not _ruled(spec, p.label)]
        named = [p for p in named if _value(ground, p, spec)[0] is not None]
        if named:
            return named
    return []


def _of_subject(ground: Ground, everything: Sequence[Place]) -> list[Place]:
    """The places of a paper about the case's own subject: its rows, or all, where a line of it names the subject."""
    rows = {id(p.row) for p in everything if p.row is not None and ground.mine(p.value)}
    named = any(p.row is None or len(p.row.cells) <= _PAIR for p in everything if ground.mine(p.value))
    return [p for p in everything if id(p.row) in rows or (named and (p.row is None or len(p.row.cells) <= _PAIR))]


def _without_wishes(ground: Ground, everything: Sequence[Place]) -> list[Place]:
    """The places outside of a table of wishes: its `scope` or `priority` is one of what somebody asks for."""
    words = [word for one in ground.spec.asks for word in one.words]
    rows = {id(p.row): list(p.row.cells.values()) for p in everything if p.row is not None}
    # Of a name and a value only the value may ask: `Log retention | 14 days` does not.
    rows = {key: cells[1:] if len(cells) == _PAIR else cells for key, cells in rows.items()}
    said = {key: folded(" ".join(cell.text for cell in cells)) for key, cells in rows.items()}
    asking = {key for key, text in said.items() if any(re.search(word, text) for word in words)}
    return [p for p in everything if id(p.row) not in asking] if len(asking) > 1 else list(everything)


def _flags(everything: Sequence[Place], spec: FactSpec) -> list[Place]:
    """What its flags tell, as values that say it in words; the cell keeps what stands there."""
    labels = frozenset(p.label for p in everything)
    told = ((p, flagged(p, spec, labels)) for p in everything) if spec.flags else ()
    return [replace(p, value=said, said=p.value) for p, said in told if said]


def _told(ground: Ground, item: Evidence, spec: FactSpec) -> list[Place]:
    """Where a sentence says it. What somebody asks for is no fact."""
    wishes, told = re.compile(ground.spec.requested), sentences(ground.view, item, spec.patterns)
    said = [(place, sentence) for place, sentence in told if not wishes.search(folded(sentence))]
    listed = _wished(ground, item) if said and item.system in ground.spec.ask_systems else frozenset()
    return [place for place, sentence in said if place.cell.locator not in listed and not _ruled(spec, sentence)]


def _wished(ground: Ground, item: Evidence) -> frozenset[str]:
    """The places of a list that begins with a request: each of its items is one."""
    found, asking = set[str](), False
    for span in lines_of(ground.view.readings(item.id)):
        text = span.text
        goes_on = bool(_ITEM.match(text)) or text[:1].isspace() or not text.strip()
        asking = bool(re.search(ground.spec.requested, folded(text))) or (asking and goes_on)
        if asking:
            found.add(span.locator)
    return frozenset(found)


def _ruled(spec: FactSpec, words: str) -> bool:
    return bool(spec.unless) and re.search(spec.unless, folded(words)) is not None


def _value(ground: Ground, place: Place, spec: FactSpec) -> tuple[str | None, Figure | None]:
    """The value as the contract writes it, or None where it is not of the kind that was asked for."""
    match spec.unit:
        case "money":
            figure = amount_in(ground, whole(place) if place.row else place, place.label)
            return (figure.shown, figure) if figure is not None and figure.unit not in ("", MINUTES) else (None, None)
        case "duration":
            figure = amount_in(ground, place, place.label)
            return (figure.shown, figure) if figure is not None and figure.unit == MINUTES else (None, None)
        case "count":
            figure = count_in(ground, place, place.label)
            return (figure.shown, figure) if figure is not None else (None, None)
        case "instant":
            return (place.value.strip(), None) if moment(place.value) is not None else (None, None)
        case "text":
            value = place.value.strip()
            return (re.split(spec.ends, value)[0].rstrip(".") if spec.ends else value) or None, None


def amount_in(ground: Ground, place: Place, header: str) -> Figure | None:
    """What a cell says as money or time: an amount, a duration, or a bare number whose currency or unit the header or
    the rest of the item names."""
    citation = place.cite(ground.view)
    if (found := money_in(place.value)) is not None:
        return cited(found[0], found[1], citation)
    if (long := duration_in(place.value)) is not None:
        return cited(long[0], MINUTES, citation, long[1])
    bare = bare_in(place.value)
    if bare is None:
        return None
    unit = re.search(r"\b(minutes?|hours?|days?)\b", header)
    if unit is not None and (named := duration_in(f"1 {unit[1]}")) is not None:
        return cited(bare, MINUTES, citation, named[1])
    code = next((w for w in re.findall(r"\b[a-z]{3}\b", header) if money_in(f"1 {w.upper()}")), "")
    currency = code.upper() or _currency(ground, place.item)
    return cited(bare, currency, citation) if currency else None


def count_in(ground: Ground, place: Place, header: str) -> Figure | None:
    """How much of something a cell says: a duration, else a bare number of times."""
    figure = amount_in(ground, place, header)
    if figure is not None and figure.unit == MINUTES:
        return figure
    number = _COUNT.match(place.value)
    bare = number_said(number["value"] if number is not None else re.split(r"\s", place.value.strip())[0])
    return cited(bare, "", place.cite(ground.view)) if bare is not None else None


def _currency(ground: Ground, item: Evidence) -> str:
    """The one currency that an item names for itself, or nothing where it names none or several."""
    named = {p.value.strip() for p in places(ground.view, item) if re.search(r"\bcurrency(?: code)?$", p.label)}
    codes = {code for code in named if _CODE.match(code)}
    return codes.pop() if len(codes) == 1 else ""


def _option_amount(ground: Ground, row: MatrixRow) -> Figure | None:
    """What an option costs or takes, from its row: an amount, or a share of a fee."""
    spec = ground.spec.amount
    if spec is None:
        return None
    for column, cell in row.record.cells.items():
        if not any(re.search(label, column) for label in spec.columns):
            continue
        figure = measured(ground, row.item, cell, column)
        if figure is not None:
            return figure
    return None


def _limit(ground: Ground, spec: LimitSpec) -> Figure | None:
    """The limit as the matrix states it; a share that was set for the run counts where it is stricter."""
    row = ground.matrix.limit(spec)
    cell = row.cell("value") if row is not None else None
    stated = measured(ground, row.item, cell, row.text("limit")) if row is not None and cell is not None else None
    fact = ground.facts.get(spec.copy_of)
    if stated is None and fact is not None:
        stated = fact.figure  # the matrix's share cannot be computed: what repeats the limit is all there is
    given = _given(ground, spec)
    if given is None or (stated is not None and stated.unit == given.unit and stated.value <= given.value):
        return stated
    if stated is not None:
        question = (
            f"{spec.title}: the run was set to {given.shown}, the matrix says {stated.shown}; the stricter counts"
        )
        ground.findings.ask(spec.title, question, ground.spec.governance_role)
    return given


def _given(ground: Ground, spec: LimitSpec) -> Figure | None:
    """What the parameter says, where it was set for the run: a share of a fee; or a duration."""
    said = str(ground.view.packet.parameters.get(spec.parameter or "", ""))
    percent, base = share_in(said), _base(ground, said)
    if percent is not None and base is not None:
        formula = f"{plain(percent)} / 100 * {base.formula}"
        reading = f"the share set for the run of {base.shown}"
        return Figure(percent / 100 * base.value, base.unit, base.citations, formula, reading)
    long = duration_in(said)
    if long is None:
        return None
    return Figure(long[0] * long[1], MINUTES, (), f"{plain(long[0])} * {plain(long[1])}", said)


def _compare_copy(ground: Ground, name: str, spec: LimitSpec) -> None:
    """A copy of a limit elsewhere that says otherwise is outranked by the matrix, and stays on record."""
    figure, fact = ground.limits.get(name), ground.facts.get(spec.copy_of)
    if figure is None or fact is None or fact.figure is None:
        return
    if (fact.figure.value, fact.figure.unit) != (figure.value, figure.unit):
        sides = [
            Side(value=figure.shown, citations=list(figure.citations)),
            Side(value=fact.text, citations=[fact.citation]),
        ]
        ground.findings.contradict(name, sides, "rank: the matrix over a copy of its limit", settled=True, key="copy")


def measured(ground: Ground, item: Evidence, cell: Cell, header: str) -> Figure | None:
    """A cell as an amount; a share is one of the fee that the cell or its header names."""
    place = Place(item, header, cell.text, cell)
    percent = share_in(cell.text)
    if percent is None and re.search(r"\bpercent|%|\bpct\b", header):
        percent = bare_in(cell.text)
    if percent is None:
        return amount_in(ground, place, folded(header))
    base = _base(ground, f"{cell.text} {header}")
    if base is None:
        return None
    whole_share = share(cited(percent, "percent", ground.view.cite(item, cell)), base)
    ceiling = money_in(cell.text) if _CEILING.search(folded(cell.text)) else None
    if ceiling is None:
        return whole_share
    most = cited(ceiling[0], ceiling[1], ground.view.cite(item, cell, words_of(cell.text, "money")))
    return min(whole_share, most, key=lambda one: one.value) if most.unit == whole_share.unit else None


def _base(ground: Ground, text: str) -> Figure | None:
    bases = ground.spec.amount.bases if ground.spec.amount is not None else {}
    for name, words in bases.items():
        if re.search(words, folded(text)):
            fact = ground.facts.get(name)
            return fact.figure if fact is not None else None
    return None
