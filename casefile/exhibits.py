"""Exhibits: the result of a run as typed rows, in the form in which its readers think: a table, a matrix, an axis.

An exhibit is drawn from the same pass as the revision that it belongs to. It is not content: it is neither hashed nor
approved nor released, so it may hold what no lane should carry (whose calendar is full when). What it shows it takes
from the document: `of` names the field or the statement (`section/claim`) that a row draws, and its status is the
status there (`standing_of`). Times are UTC, `2026-04-18T06:12:00Z`; every part that states something has citations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from casefile.artifact import Artifact
from casefile.claims import Citation, Status
from casefile.evidence import Frozen

Kind = Literal["obligations", "matrix", "axis", "rates", "week", "options", "table"]
Stance = Literal["supports", "disconfirms", "silent", "open"]


class ExhibitSpec(Frozen):
    """What the workspace of a scenario draws: one exhibit that the pattern gives, by `name` and `kind`.

    `sections` and `fields` (by id, `*` stands for any characters) are what feeds it: it is shown to whom all of them
    are shown, and the workspace folds the sections under it.
    """

    name: str
    kind: Kind
    title: str
    note: str = ""
    sections: list[str] = []
    fields: list[str] = []


class Shown(Frozen):
    """A value or statement of an exhibit, and what it rests on. `of` names what it is in the artifact, or nothing."""

    text: str
    status: Status = "confirmed"
    citations: list[Citation] = []
    of: str = ""


class Obligation(Frozen):
    """A promise: who owes what, by which clause, from when until when. `state` and `why` say whether it is in force."""

    id: str
    party: str
    title: str
    value: Shown
    document: str
    clause: str
    excerpt: str
    since: str | None
    until: str | None
    state: str
    why: str = ""
    in_force: bool
    replaces: list[str] = []


class Obligations(Frozen):
    """Obligations in force, and apart from them those that are not. `day` is the day that was asked about."""

    kind: Literal["obligations"] = "obligations"
    day: str
    rows: list[Obligation]


class Column(Frozen):
    """A column of a matrix or a table."""

    id: str
    title: str
    note: str = ""


class Argument(Frozen):
    """Something that a source says for or against a row; `strength` in words, or empty."""

    column: str
    stance: Stance
    strength: str = ""
    said: Shown


class MatrixRow(Frozen):
    """A hypothesis or proposition. `standing` is how it stands in one word or two; a column without an argument for it
    is silent."""

    id: str
    title: str
    standing: Shown
    leads: bool = False
    arguments: list[Argument] = []


class Matrix(Frozen):
    """Rows that are tested against sources."""

    kind: Literal["matrix"] = "matrix"
    rows_are: str
    columns: list[Column]
    rows: list[MatrixRow]


class Lane(Frozen):
    """One system on a time axis: how its clock was read, and by how much it may be wrong."""

    id: str
    title: str
    zone: str = ""
    skew_seconds: int = 0
    missing: bool = False


class Mark(Frozen):
    """An event, a stretch or a gap on a lane. `doubt` says why its place in the order is not sure."""

    lane: str
    kind: Literal["event", "stretch", "gap"] = "event"
    at: str
    until: str | None = None
    said: Shown
    raw: str = ""
    doubt: str = ""


class Moment(Frozen):
    """A moment that all lanes share: a deactivation, a report. Drawn through all of them."""

    at: str
    said: Shown


class Axis(Frozen):
    """Records of several systems on one normalised axis; `tolerance_seconds` is by how much any clock may be off."""

    kind: Literal["axis"] = "axis"
    since: str
    until: str
    lanes: list[Lane]
    marks: list[Mark]
    moments: list[Moment] = []
    tolerance_seconds: int = 0


class Rate(Frozen):
    """A cohort's rate before and after, in whole percent, with what bounds it. `binding` names the bound that decided.

    `low`, `high` are the band, `floor` the protected floor, `drift` the points moved so far in the span of drift.
    """

    id: str
    title: str
    said: Shown
    protected: bool
    before: int
    after: int
    wanted: int | None = None
    low: Shown | None = None
    high: Shown | None = None
    floor: Shown | None = None
    cooling_until: str = ""
    held: bool = False
    drift: int = 0
    binding: str = ""
    why: str = ""


class Hours(Frozen):
    """Review hours a week: at the rates in force, after the moves, and at most. In hours with two places."""

    before: Shown
    after: Shown
    ceiling: Shown
    available: Shown | None = None


class Rates(Frozen):
    """One tuning cycle. `frozen`: nothing moves, and `causes` say why."""

    kind: Literal["rates"] = "rates"
    frozen: bool
    causes: list[Shown] = []
    step: Shown | None
    drift: Shown | None = None
    hours: Hours | None
    rows: list[Rate]


class Span(Frozen):
    """A stretch of time in a calendar. `kind`: busy, focus, immovable, held, work (working hours), night."""

    kind: Literal["busy", "focus", "immovable", "held", "work", "night", "duty"]
    at: str
    until: str
    citations: list[Citation] = []


class Attendee(Frozen):
    """Somebody on the roster in a role. `known`: whether his calendar could be read; unknown is not free."""

    role: str
    said: Shown
    zone: str
    known: bool = True
    spans: list[Span] = []


class Slot(Frozen):
    """A start that was tested. `state`: chosen, fallback, possible (only people could allow it), or rejected."""

    state: Literal["chosen", "fallback", "possible", "rejected"]
    at: str
    until: str
    said: Shown


class Hold(Frozen):
    """A reversible hold of a slot, and when it lapses."""

    at: str
    until: str
    expires_at: str
    released: bool
    said: Shown


class ClockChange(Frozen):
    """Where a zone changes its offset inside the drawn time: `before` and `after` like UTC+01:00."""

    zone: str
    at: str
    before: str
    after: str


class Week(Frozen):
    """Calendars, zones side by side. `since` and `until` are the drawn time; `windows` what the customer offered."""

    kind: Literal["week"] = "week"
    since: str
    until: str
    zones: list[str]
    changes: list[ClockChange] = []
    windows: list[Mark] = []
    deadline: Moment | None = None
    people: list[Attendee]
    slots: list[Slot]
    holds: list[Hold] = []


class Test(Frozen):
    """A hard limit at an option: the value that was computed, and the limit that it has to keep."""

    title: str
    state: Literal["met", "failed", "uncertain"]
    value: str = ""
    limit: str = ""
    rule: str = ""
    said: Shown


class Option(Frozen):
    """An option of the menu. `class_` is in band, conditional or blocked; `rank` is its place among what survived."""

    id: str
    title: str
    class_: str = Field(alias="class")
    rank: int | None = None
    preferred: bool = False
    amount: Shown | None = None
    grounds: str = ""
    said: Shown
    tests: list[Test] = []

    model_config = {**Frozen.model_config, "populate_by_name": True}


class BlockedPath(Frozen):
    """What nobody here may grant, and the rule that says so; `asked` is how often it was asked for."""

    title: str
    kind: str
    rule: str
    asked: int = 0
    said: Shown


class Options(Frozen):
    """A menu under a delegated authority."""

    kind: Literal["options"] = "options"
    criteria: str = ""
    prerequisites: list[Test] = []
    rows: list[Option]
    blocked: list[BlockedPath]


class TableRow(Frozen):
    """A row: cells by column. `open`: something is still to be done about it; `group` is its heading."""

    id: str
    group: str = ""
    cells: dict[str, Shown]
    open: bool = False


class Table(Frozen):
    """Rows of named cells, each with its own status and citations."""

    kind: Literal["table"] = "table"
    columns: list[Column]
    rows: list[TableRow]


Drawn: TypeAlias = Annotated[Obligations | Matrix | Axis | Rates | Week | Options | Table, Field(discriminator="kind")]


class Exhibit(Frozen):
    """An exhibit under the name by which the scenario declares it."""

    name: str
    drawn: Drawn


class Exhibits(Frozen):
    """All exhibits of one revision."""

    exhibits: list[Exhibit] = []


def standing_of(artifact: Artifact) -> Mapping[str, Status]:
    """The status of every field and statement of an artifact, by the name that `of` has for it."""
    found: dict[str, Status] = {name: value.status for name, value in artifact.fields.items()}
    found |= {f"{s.id}/{c.id}": c.status for s in artifact.sections for c in s.claims}
    return found
