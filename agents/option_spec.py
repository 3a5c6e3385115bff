"""What an option-ranking scenario says about matrix, menu, limits, facts and asks (`data.ranking`), checked at load.

Labels are regexes on compared labels (`agents.records.label_of`); columns are lists of compared labels; words are
regexes on folded text. Nothing of a card stands in code.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import orjson
from pydantic import Field

from agents.quantities import DURATION
from casefile.evidence import Frozen
from casefile.scenario import Scenario

# How a pattern of the data writes a duration, as JSON has it: one in words is meant too.
_DIGITS = r"\\d+ (?:hours?|days?|weeks?)"
AskClass = Literal["blocked", "escalation-only", "menu"]
Unit = Literal["money", "duration", "text", "instant", "count"]
TestKind = Literal[
    "at_most",
    "adds_up",
    "trigger",
    "listed",
    "fresh",
    "rows",
    "none_open",
    "stated",
    "one_of",
    "permitted",
    "fit",
    "within",
    "uses",
    "shown",
    "since",
]


class FlagSpec(Frozen):
    """A label beside which a yes, a no or a number tells what a fact is: `dedicated: true`, `tenants on cluster: 14`.

    `yes` and `no` are what the fact says then; a number counts as a yes up to `most`, and as a no above it. `near` is a
    label that the item must have too: a `shared` alone may be said of anything.
    """

    label: str
    yes: str
    no: str
    most: int | None = None
    near: str = ""


class FactSpec(Frozen):
    """A value that stands beside a label, or in a sentence (`patterns`, group `value`), in some systems.

    A label or sentence with the words `unless` states a rule about such values, and none. What `ends` matches ends it.
    `flags` tell it by yes, no or a number. `kinds` are words by which two texts say the same thing; what stands beside
    a label of `names` tells it only in such words, or by a name with those of a kind that `warns`, and only where the
    item says it in no other way: a cluster called `dedicated-7` proves nothing. Sentences count where
    no item says it beside a label, if `prose_last`; so do labels of `last`, which may speak of something else, and are
    not held to `unless`. A fact
    `beside` others is read only where one of them stands, in the latest such item: the time of an evidence is its own
    time, not that of any paper. One that is `compared` is looked up in context sources too: they settle nothing, and
    what they say otherwise is on record. In systems `of_subject` only what speaks of the case's own subject states it:
    rules for all name values too. Labels `titled` are tried last, with the title of the paper before the name. One
    that is `named` may have a code and a name: either says the same.
    """

    title: str
    systems: list[str]
    labels: list[str]
    last: list[str] = []
    patterns: list[str] = []
    unless: str = ""
    ends: str = ""
    unit: Unit = "text"
    required: bool = False
    flags: list[FlagSpec] = []
    kinds: dict[str, str] = {}
    names: list[str] = []
    warns: list[str] = []
    prose_last: bool = False
    beside: list[str] = []
    compared: bool = False
    of_subject: list[str] = []
    titled: list[str] = []
    named: bool = False


class MatrixSpec(Frozen):
    """Where the delegated authority stands: labels of its head, columns of its tables.

    `sentences` (group `value`) say a part of the head where no label does; `superseded` are words by which a paper says
    that another took its place. Papers of `governed` systems have a head of the same kind.
    """

    title: str
    systems: list[str]
    version: list[str]
    menu_version: list[str]
    effective_from: list[str]
    effective_to: list[str]
    approved_by: list[str]
    approved_at: list[str]
    sentences: dict[str, list[str]] = {}
    superseded: str = ""
    governed: list[str] = []
    columns: dict[str, list[str]]


class MenuOption(Frozen):
    """An option of the card's menu: how it is recognised, and which tests it must pass before it is ranked.

    `attributes` are what the ranking may weigh where the matrix has no column for it; lower is better.
    """

    id: str
    title: str
    words: list[str]
    tests: list[str]
    attributes: dict[str, int] = {}


class LimitSpec(Frozen):
    """A limit of the matrix, found by words in its row.

    A `parameter` that was set for the run stands in where the matrix does not state it, and counts where it is
    stricter. `copy` is a fact that repeats the limit's amount. One that is not `measured` only names a rule, or an age.
    What papers of `claimed_by` systems grant in sentences (`claims`, group `value`) is outranked, and on record.
    """

    title: str
    words: str
    parameter: str | None = None
    measured: bool = False
    copy_of: str = Field(default="", alias="copy")
    claimed_by: list[str] = []
    claims: list[str] = []


class TestSpec(Frozen):
    """A hard test. `kind` says how it is done (agents/option_tests.py); the rest is what that kind needs.

    A test that is failed blocks, unless `fails` says that it leaves the option waiting for a fact; one that cannot be
    done always does that, and so does one whose input fails the test that it `rests_on`. `signal` is raised when it is
    not met, `clause` recognises it in the matrix's own conditions, `limit` is the row of the matrix that names it.
    `patterns` (group `value`) find the same limit in sentences of `systems`: the strictest counts. `within` (group
    value`) finds the list of a `listed` test in another cell of the option's row. `age` (group `value` or `also`) finds
    the age that a condition of the option's row allows. `softened` are words by which a
    policy of `systems` lets an option wait where the test would block it. What matches `unless` is no event of `after`.
    A test `within` a cap holds the highest of its fact and its other `facts` to it. A test `where` limits
    stand is done only if the matrix has one of them. A rule about a group of `members` speaks of each, where none names
    it; one that matches `allow` permits.
    """

    __test__ = False

    id: str
    kind: TestKind
    title: str
    fails: Literal["blocked", "conditional"] = "blocked"
    signal: str = ""
    clause: str = ""
    limit: str = ""
    fact: str = ""
    figure: str = ""
    column: str = ""
    table: str = ""
    want: Literal["met", "missed"] = "met"
    good: list[str] = []
    bad: list[str] = []
    labels: list[str] = []
    patterns: list[str] = []
    within: str = ""
    systems: list[str] = []
    parameter: str = ""
    quarter: str = ""
    after: str = ""
    missing: str = ""
    rests_on: str = ""
    facts: list[str] = []
    unless: str = ""
    softened: list[str] = []
    where: list[str] = []
    allow: list[str] = []
    age: str = ""
    members: dict[str, list[str]] = {}


class AskSpec(Frozen):
    """A kind of ask: its class on the card, the words that name it, the rule of the matrix that speaks of it.

    An ask for a menu option names it; one with a `limit` is measured against that limit of the matrix, else against
    what the option itself takes; `share_of` are words by which a percentage is one of that limit. `signal` is raised
    where somebody asks. Beside words `unless`, in one part of a sentence, its words mean something else.
    """

    id: str
    title: str
    kind: AskClass
    words: list[str]
    option: str = ""
    limit: str = ""
    share_of: str = "^$"
    signal: str = ""
    unless: str = ""


class TableSpec(Frozen):
    """Rows of some systems, by the labels of their columns. A row or object that names `unless` is of another table."""

    systems: list[str]
    unless: str = ""
    columns: dict[str, list[str]]


class TriggerSpec(Frozen):
    """A number of events in a window: table of events, table of their final classification, words for severe ones."""

    parameter: str
    limit: str
    events: str
    classes: str
    severe: str
    closed: list[str]
    proven: list[str]


class Criterion(Frozen):
    """One criterion of the order: an attribute, `fit` (fitting precedents) or `figure` (what the option costs)."""

    by: str
    title: str
    best: Literal["low", "high"] = "low"


class AmountSpec(Frozen):
    """What an option costs or takes: its column in the matrix, and which fact a share is a share of."""

    name: str
    title: str
    columns: list[str]
    bases: dict[str, str] = {}


class RankingSpec(Frozen):
    """`data.ranking`, complete."""

    matrix: MatrixSpec
    menu: list[MenuOption]
    amount: AmountSpec | None = None
    facts: dict[str, FactSpec]
    subject: list[str]
    subject_columns: list[str]
    # Columns of rows in which one names what the other says.
    pairs: dict[str, list[str]] = {}
    # Systems whose rows are the case's own; those about another subject are left out, and counted.
    own_rows: list[str] = []
    tables: dict[str, TableSpec] = {}
    limits: dict[str, LimitSpec] = {}
    trigger: TriggerSpec | None = None
    tests: list[TestSpec]
    prerequisites: list[str]
    asks: list[AskSpec]
    ask_systems: list[str]
    context_systems: list[str] = []
    # Words that ask. Of what no kind names, `idle` words ask for nothing to be granted, where none of `concerns` does.
    requested: str
    idle: str = ""
    concerns: str = ""
    promised: str
    past: str
    withdrawn: str
    overrides: str = ""
    override_limit: str = ""
    criteria: list[Criterion]
    criteria_parameter: str = ""
    drift_parameter: str = ""
    fit_table: str = ""
    fit_fact: str = ""
    fit_limit: str = ""
    best_may_wait: bool = True
    owner_role: str
    governance_role: str

    def test(self, name: str) -> TestSpec:
        """The test of that id. Raises StopIteration where there is none."""
        return next(one for one in self.tests if one.id == name)


@lru_cache(maxsize=16)
def _parsed(_short: str, dumped: str) -> RankingSpec:
    said = orjson.dumps(DURATION).decode().strip('"')
    return RankingSpec.model_validate_json(dumped.replace(_DIGITS, said))


def spec_of(scenario: Scenario) -> RankingSpec:
    """The ranking's specification. Raises pydantic's ValidationError where the scenario's data do not fit."""
    return _parsed(scenario.short, orjson.dumps(scenario.data["ranking"]).decode())
