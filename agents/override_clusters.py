"""Overrides that were asked for at one boundary: counted in a window, reported, and without effect on the limit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.labelled_places import column, lines_of, moment
from agents.matrix_row import RULE_ID, MatrixRow
from agents.option_asks import chat_asks
from agents.option_ground import Ground
from agents.records import Cell
from casefile.claims import Citation
from casefile.evidence import Evidence
from guardrails.plain_text import folded

_OPEN = re.compile(r"\b(?:open|pending|requested|waiting|awaiting|under review|new|submitted|undecided)\b")
_CLOSED = re.compile(
    r"\b(?:declined|rejected|refused|denied|approved|granted|closed|withdrawn|expired|decided|settled|cancelled)\b"
)
_ID = re.compile(r"\b[A-Z]{1,5}-\d+\b")
_OVERRIDE = re.compile(r"\b(?:override|overridden|overrule|exception|waiver)")


@dataclass(frozen=True, slots=True)
class Override:
    """One override that was asked for: its id, its boundary as it is written and its rule, when, and if it is open."""

    id: str
    boundary: str
    rule: str
    at: datetime
    open: bool
    citations: Sequence[Citation]


@dataclass(frozen=True, slots=True)
class OverrideCluster:
    """The overrides of one boundary within the window. `reached` says whether the governance owner is due to hear."""

    overrides: Sequence[Override]
    rule: str
    days: int
    reached: bool

    @property
    def told(self) -> str:
        """How many there were, at which boundary, and which."""
        boundary, number = self.overrides[0].boundary, len(self.overrides)
        rule = f" ({self.rule})" if self.rule and self.rule not in boundary else ""
        names = ", ".join(one.id for one in self.overrides if one.id)
        times = "1 override" if number == 1 else f"{number} overrides"
        return f"{times} at {boundary}{rule} in {self.days} days{f': {names}' if names else ''}"

    @property
    def citations(self) -> list[Citation]:
        """The cells of all of them."""
        return [cite for one in self.overrides for cite in one.citations]

    @property
    def waiting(self) -> Iterator[tuple[str, Citation]]:
        """Those that nobody has answered: a person has to."""
        for one in self.overrides:
            if one.open:
                yield f"override {one.id or 'without an id'} at {one.boundary} is open", one.citations[0]


def overrides(ground: Ground) -> list[Override]:
    """Every override that a log names with its time: in rows, and in lines that have a limit of the matrix."""
    table = ground.spec.tables.get(ground.spec.overrides)
    if table is None:
        return []
    found: list[Override | None] = []
    for item in ground.view.of(*table.systems):
        rows = [
            {role: column(one, names) for role, names in table.columns.items()} for one in ground.view.records(item)
        ]
        in_rows = [_in_row(ground, item, row) for row in rows]
        found += in_rows
        if any(in_rows):
            continue  # its lines are those rows once more
        others = ground.view.of_others(item)
        for span in lines_of(ground.view.readings(item.id)):
            if span.kind not in ("leaf", "cell") and span.locator not in others:
                found.append(_in_line(ground, item, Cell(span.text, span.locator)))
    return [one for one in found if one is not None]


def asked_now(ground: Ground) -> Iterator[Override]:
    """The overrides that were asked for in the chat of the run, where they name a limit of the matrix."""
    for ask in chat_asks(ground):
        limit, when = _limit(ground, ask.words), moment(ask.locator)
        if ask.spec.signal and limit is not None and when is not None:
            yield Override(f"chat {ask.locator}", limit.text("limit"), limit.rule, when.at, False, [])


def override_clusters(ground: Ground, found: Sequence[Override]) -> list[OverrideCluster]:
    """One for each boundary with an override in the window before the clock of the run."""
    if not found:
        return []
    limit = ground.view.parameters[ground.spec.override_limit]
    needed, days = int(limit["count"]), int(limit["days"])
    same: dict[str, list[Override]] = {}
    for one in found:
        if timedelta(0) <= ground.view.now - one.at <= timedelta(days=days):
            same.setdefault((one.rule or one.boundary).casefold().strip(), []).append(one)
    return [OverrideCluster(group, group[0].rule, days, len(group) >= needed) for group in same.values()]


def _in_row(ground: Ground, item: Evidence, cells: Mapping[str, Cell | None]) -> Override | None:
    """The override of a row that names a boundary and a time, and of which no column says that it is something else."""
    boundary, at, kind = cells.get("boundary"), cells.get("at"), cells.get("kind")
    when = moment(at.text) if at is not None else None
    if boundary is None or at is None or when is None or (kind is not None and not _is_override(kind, boundary)):
        return None
    name, rule, state = cells.get("id"), cells.get("rule"), cells.get("state")
    return Override(
        id=name.text.strip() if name is not None and name is not boundary else "",
        boundary=boundary.text.strip(),
        rule=rule.text.strip() if rule is not None else _rule(ground, boundary.text),
        at=when.at,
        open=state is not None and _is_open(state.text),
        citations=[ground.view.cite(item, cell) for cell in (boundary, at, name) if cell is not None],
    )


def _in_line(ground: Ground, item: Evidence, line: Cell) -> Override | None:
    """The override of a line of a log: `2026-06-03T08:00:00Z override OV-1 at the retention cap (DTA-L3): declined`."""
    when = moment(line.text) if _OVERRIDE.search(folded(line.text)) else None
    limit = _limit(ground, line.text)
    if when is None or limit is None:
        return None
    ids = (name for name in _ID.findall(line.text) if name != limit.rule)
    cites = [ground.view.cite(item, line)]
    return Override(next(ids, ""), limit.text("limit"), limit.rule, when.at, _is_open(line.text), cites)


def _is_override(kind: Cell, boundary: Cell) -> bool:
    return kind is boundary or _OVERRIDE.search(folded(kind.text.replace("_", " "))) is not None


def _is_open(said: str) -> bool:
    return _OPEN.search(folded(said)) is not None and _CLOSED.search(folded(said)) is None


def _rule(ground: Ground, boundary: str) -> str:
    """The rule of a boundary, whether a log names it by that or in words: one name for all overrides at it."""
    limit = _limit(ground, boundary)
    return limit.rule if limit is not None else next(iter(RULE_ID.findall(boundary)), "")


def _limit(ground: Ground, said: str) -> MatrixRow | None:
    """The limit of the matrix that a text names, by its rule or in words."""
    by_rule = next((row for row in ground.matrix.limits if row.text("rule") and row.text("rule") in said), None)
    rows = ((spec, ground.limit_row(name)) for name, spec in ground.spec.limits.items())
    by_words = (row for spec, row in rows if row is not None and re.search(spec.words, folded(said)))
    return by_rule or next(by_words, None)
