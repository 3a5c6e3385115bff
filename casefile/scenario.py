"""A scenario: everything that a card says, as data. The engine reads it; no rule of a card stands in code."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, model_validator

from casefile.choices import Parameter, PolicySpec
from casefile.evidence import Frozen
from casefile.exhibits import ExhibitSpec
from casefile.registers import RegisterName, State
from casefile.views import View, ViewName

Rank = int | Literal["excluded"]


class Condition(Frozen):
    """A test on the case file. Exactly one member is set.

    * `register`: at least one item of that register in one of `states`, of one of `kinds` where given
    * `signal`: at least one signal of that name was raised in the last pass
    * `fields`: at least one field that is … (`lossy`, `below_threshold`, `not_confirmed`), only consequential ones
    * `approved`: the gate of that name has an approval for what is current; `gate:choice` asks for that choice
    * `superseded`: the gate of that name was approved for content that has changed since, and not for what is current
    * `any` / `all` / `not`: of further conditions
    """

    register_: RegisterName | None = Field(default=None, alias="register")
    kinds: list[str] = []
    states: list[State] = ["open"]
    signal: str | None = None
    fields: Literal["lossy", "below_threshold", "not_confirmed"] | None = None
    approved: str | None = None
    superseded: str | None = None
    any: list[Condition] | None = None
    all: list[Condition] | None = None
    not_: Condition | None = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _one_test(self) -> Condition:
        named = [self.register_, self.signal, self.fields, self.approved, self.superseded]
        tests = [*named, self.any, self.all, self.not_]
        if sum(test is not None for test in tests) != 1:
            names = "register, signal, fields, approved, superseded, any, all, not"
            raise ValueError(f"a condition has exactly one of: {names}")
        return self


class Refusal(Frozen):
    """A line of a gate's `refuses_when`: the card's words, and the test that they are.

    `held_by` says what rules it out where no test is needed: the `binding` (an answer counts for exactly what was read;
    when it changes the answer is void), or the `answer` (who answers, and what he takes, is checked as he does).
    """

    text: str
    when: Condition | None = None
    held_by: Literal["binding", "answer"] | None = None

    @model_validator(mode="after")
    def _once(self) -> Refusal:
        if self.when is not None and self.held_by is not None:
            raise ValueError(f"{self.text}: a reason to refuse is tested or held by construction, not both")
        return self


class Signer(Frozen):
    """Whom a gate needs: `count` different people with one of the `roles`, where `when` holds (always, by default).

    `last` ones may sign only when all others have: a declaration after its reviews.
    """

    roles: list[str]
    count: int = 1
    when: Condition | None = None
    last: bool = False


class Lane(Frozen):
    """The one downstream queue, with its audience."""

    id: str
    text: str
    audience: list[str]


class Gate(Frozen):
    """A mandatory human approval, in the order in which it opens.

    `opens_when` None means that the gate belongs to something outside the run and never opens. `roles` may answer;
    `signers` are whom it needs, each a different person (by default `quorum` people of `roles`). `not_by` names who
    may not decide: requester, author, proposer, first_approver.
    An approval binds the `subject`: the artifact's revision, the configuration (schema, mapping, bounds) in force, or
    another content that the pattern names (a planned action); where `sections` are named, only those of the revision.
    `marks_exception`: an end that this gate led to is an end after an exception. A gate that does not release leads on
    to the next one, in a loop to the rest of kind `outcome`; `leads_to` says in words what happens then. `rests_at` is
    the kind of outcome at which the run rests while the gate may not be answered, was returned, has expired, or nobody
    on the roster can answer it. `validity_parameter` names the parameter that gives `validity_minutes`. `bound_fields`
    are fields of the revision that a decision names by value, beside the hash: what a manifest is signed for. `lane`
    is where it releases into, if that is not the scenario's own lane. A gate that does not wait (`waits: false`) may
    be answered whenever it is open and keeps nothing waiting. `choices`: what a decision may name — a side of a
    contradiction, or an option that the pattern offers: `offered`, an approver says which; `recommended`, he may, and
    else takes what his revision says. While one of the gates in `alongside` is open, this one may be answered too.
    `second_to` names the gates whose approver is the first one. `invites`: those whom the policy names for its
    emergency path may answer too, beside its own roles. A gate `aside` is about something that is only proposed beside
    the revision: a no, or that nobody may or can answer, refuses that alone, and the run goes on.
    """

    name: str
    approver: str
    roles: list[str]
    binds: list[str]
    refuses_when: list[Refusal] = []
    opens_when: Condition | None = None
    subject: str = "revision"
    sections: list[str] = []
    bound_fields: list[str] = []
    releases: bool = True
    outcome: str | None = None
    leads_to: str | None = None
    rests_at: str = "exception"
    marks_exception: bool = False
    quorum: int = 1
    signers: list[Signer] = []
    not_by: list[Literal["requester", "author", "proposer", "first_approver"]] = []
    validity_minutes: int | None = None
    validity_parameter: str | None = None
    on_reject: str
    outside: str | None = None
    choices: Literal["contradiction_sides", "offered", "recommended"] | None = None
    lane: Lane | None = None
    waits: bool = True
    alongside: list[str] = []
    second_to: list[str] = []
    invites: bool = False
    aside: bool = False

    @model_validator(mode="after")
    def _says_who_is_first(self) -> Gate:
        if ("first_approver" in self.not_by) != bool(self.second_to):
            raise ValueError(f"gate {self.name}: not_by first_approver and second_to go together")
        if self.aside and self.releases:
            raise ValueError(f"gate {self.name}: what stands aside releases nothing")
        return self

    @property
    def needed(self) -> list[Signer]:
        """Whom it needs, also where the card only names a number."""
        return self.signers or [Signer(roles=self.roles, count=self.quorum)]

    @property
    def subject_key(self) -> str:
        """The name under which the hash of what it binds is kept."""
        return f"{self.subject}:{','.join(self.sections)}" if self.sections else self.subject


class Source(Frozen):
    """A row of the card's sources: which systems give it, its rank, what it gives.

    `matches` (a regex on id and file name), `kinds` (of file) and `authors` (who wrote a statement: the customer's
    own people or somebody else) tell rows of one system apart. What a row that is not `copied` says is context: it is
    listed by its place, and its words and figures do not reach the artifact beyond the order that has to be shown.
    """

    name: str
    rank: Rank
    gives: str
    systems: list[str] = []
    kinds: list[str] = []
    matches: str | None = None
    authors: Literal["customer", "internal"] | None = None
    reference: bool = False
    copied: bool = True


class Outcome(Frozen):
    """A named end or rest. `final` ones never change; `kind` is how the pattern's graph refers to it."""

    name: str
    when: str
    kind: str
    final: bool = True


class End(Frozen):
    """A rule of the card that stops a run whatever gates are open: at a final outcome, or at a rest until it clears.

    `outcome` is a kind. `before` names the gate (or `release`) before which it applies: earlier gates are asked first.
    `beside` names gates that a person may still answer while the run rests there.
    """

    when: Condition
    outcome: str
    final: bool
    reason: str
    before: str | None = None
    beside: list[str] = []


class Released(Frozen):
    """Which kind of outcome a release reaches where `when` holds; the first line that fits wins."""

    when: Condition
    outcome: str


class Acts(Frozen):
    """When the run performs its next action: where `when` holds and every gate before `before` is signed.

    Without `before` it does so first of all, also before a rule that ends the run: what the run holds elsewhere is
    given back before it ends.
    """

    when: Condition
    before: str = ""


class HoldLine(Frozen):
    """A line of the card's holds, and the signals that make it apply."""

    id: str
    trigger: str
    effect: str
    signals: list[str]
    waivable: bool = False


class PreconditionLine(Frozen):
    """A line of the card's preconditions, and the signals that leave it unmet."""

    id: str
    text: str
    signals: list[str]


class BoundaryLine(Frozen):
    """A line of the card's must_not: its words and the intents by which a request for it is recognised."""

    id: str
    text: str
    intents: list[str] = []
    verbs: list[str] = []
    objects: list[str] = []
    phrases: list[str] = []


class FieldSpec(Frozen):
    """How one field of the artifact is recognised in evidence and normalised. `rule` names the normalisation.

    `labels` are names that stand beside a value (a label before a colon, a JSON key, a column); `label_patterns`
    are regexes on such a name; `patterns` are regexes on a sentence, whose group `value` (or the whole) is the value.
    `mapped_from` are the sources that the mapping in force names, where the schema brought the field.
    """

    title: str
    rule: str
    consequential: bool = False
    core: bool = False
    labels: list[str] = []
    label_patterns: list[str] = []
    patterns: list[str] = []
    owner: str = ""
    mapped_from: list[str] = []


class ArtifactSpec(Frozen):
    """The governed artifact: its name and contents as on the card, and which registers are content.

    `drafted`: the parts that people may have worded in the chat, by what they call them ("customer update").
    """

    name: str
    revision: str
    supersedes: list[str]
    contents: list[str]
    registers: list[RegisterName]
    drafted: list[str] = []


class Scenario(Frozen):
    """One card, complete. `evidence_fields` are looked for beside the artifact's fields.

    `gates_together`: a loop, whose gates stand open at once (`casefile.rest`). `quarantines` says what keeps an item
    out of everything: by default it is used, and what must not be carried on is masked. `data` is what only the
    scenario's pattern reads (column names, taxonomies, tables). `clocked`: time alone can open a hold, so the clock is
    looked at before a decision is judged. `views` say who sees what, `restricted_views` which of them nobody opens
    without an entry in the lineage, `workspace` what is drawn of the result. `policies` are what an organisation may
    set for all its cases in place of a file of each. `tools` are those that each agent may read with, as shipped; an
    agent or a tool that is not named is refused.
    """

    slug: str
    short: str
    title: str
    family: str
    pattern: str
    version: str
    purpose: str
    trigger: str
    people: list[dict[str, str]]
    artifact: ArtifactSpec
    sources: list[Source]
    preconditions: list[PreconditionLine]
    steps: list[str]
    rules: list[str]
    ends: list[End] = []
    gates_together: bool = False
    clocked: bool = False
    views: dict[ViewName, View] = {}
    restricted_views: list[ViewName] = []
    workspace: list[ExhibitSpec] = []
    released: list[Released] = []
    acts: Acts | None = None
    quarantines: list[Literal["secrets", "personal"]] = []
    outcomes: list[Outcome]
    gates: list[Gate]
    holds: list[HoldLine]
    must_not: list[BoundaryLine]
    lane: Lane
    privacy: list[str]
    lineage: list[str]
    metrics: list[str]
    bad_inputs: list[str]
    parameters: list[Parameter]
    policies: PolicySpec | None = None
    tools: dict[str, list[str]] = {}
    fields: dict[str, FieldSpec] = {}
    evidence_fields: dict[str, FieldSpec] = {}
    data: dict[str, Any] = {}

    @model_validator(mode="after")
    def _drafts_what_it_may(self) -> Scenario:
        forbidden = next((line.id for line in self.must_not if "draft-customer" in line.intents), None)
        text = next((part for part in self.artifact.drafted if "customer" in part.casefold()), None)
        if forbidden and text:
            raise ValueError(
                f"artifact.drafted has {text!r}, and must_not {forbidden} forbids to draft for the customer"
            )
        return self

    def gate(self, name: str) -> Gate | None:
        """The gate of that name, or None."""
        return next((gate for gate in self.gates if gate.name == name), None)

    def paired(self) -> dict[str, frozenset[str]]:
        """By gate, the gates that need another person than it: a second approver is not the first one, nor the other
        way round."""
        pairs = [(one.name, first) for one in self.gates if "first_approver" in one.not_by for first in one.second_to]
        names = {name for pair in pairs for name in pair}
        return {name: frozenset(one for pair in pairs if name in pair for one in pair if one != name) for name in names}

    def outcome(self, kind: str) -> Outcome:
        """The outcome that the pattern calls `kind`. Raises StopIteration where the scenario lacks it."""
        return next(outcome for outcome in self.outcomes if outcome.kind == kind)

    def source_of(
        self, system: str, kind: str, name: str, author: Literal["customer", "internal"] | None = None
    ) -> Source | None:
        """The row of the card that a statement belongs to, or None where the card has no such system.

        The first row that fits every distinction it makes wins; a row that makes none is the last resort. An item
        that names no system belongs to a row by its kind.
        """
        rows = [row for row in self.sources if (system in row.systems if system else kind in row.kinds)]
        best = max(rows, key=lambda row: _fit(row, kind, name, author), default=None)
        return best if best is not None and _fit(best, kind, name, author) >= 0 else None

    @model_validator(mode="after")
    def _consistent(self) -> Scenario:
        names = [outcome.name for outcome in self.outcomes]
        kinds = [outcome.kind for outcome in self.outcomes]
        gates = [gate.name for gate in self.gates]
        for gate in self.gates:
            if gate.on_reject not in names:
                raise ValueError(f"gate {gate.name}: on_reject names no outcome of the card: {gate.on_reject}")
            if gate.opens_when is not None and gate.rests_at not in kinds:
                raise ValueError(f"gate {gate.name}: rests_at names no kind of outcome: {gate.rests_at}")
        for kind in [*(end.outcome for end in self.ends), *(line.outcome for line in self.released)]:
            if kind not in kinds:
                raise ValueError(f"ends, released: there is no outcome of kind {kind}")
        if self.acts is not None and self.acts.before not in ("", *gates):
            raise ValueError(f"acts: there is no gate {self.acts.before}")
        for end in self.ends:
            unknown = {end.before or "release", *end.beside} - {"release", *gates}
            if unknown:
                raise ValueError(f"ends: there is no gate {', '.join(sorted(unknown))}")
        return self


def _fit(row: Source, kind: str, name: str, author: str | None) -> int:
    """How well a row fits: -1 where it says otherwise, else one for each distinction that it makes and meets."""
    points = 0
    if row.matches is not None:
        if not re.search(row.matches, name, re.IGNORECASE):
            return -1
        points += 4
    if row.authors is not None and author is not None:
        if row.authors != author:
            return -1
        points += 2
    if row.kinds and kind in row.kinds:
        points += 1
    return points
