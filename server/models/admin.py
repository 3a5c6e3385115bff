"""Settings of a tenant as admins see and change them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from server.models.problem import Shape

Reason = Annotated[str, Field(min_length=1, max_length=500, examples=["the lead asked for shorter sentences"])]
VersionState = Literal["draft", "evaluated", "active", "retired"]


class ReasonIn(Shape):
    """Why. It stands in the admin lineage."""

    reason: Reason


class Proposed(Shape):
    """The number of a version that was proposed. Nothing is in force by that."""

    version: int


class Done(Shape):
    """The version in force now."""

    active: int


class VersionRow(Shape):
    """One version of a setting. Number 0 is what is shipped. `may` says why the viewer cannot put it in force."""

    version: int
    state: VersionState
    author: str
    reason: str
    at: str | None
    sha256: str
    activated_by: str | None = None
    activated_at: str | None = None
    may_activate: bool = False
    why_not: str = ""


class EvaluationView(Shape):
    """What an evaluation found: `asked` is how often the model was asked with exactly this text."""

    passed: bool
    cases: int
    failed: int
    asked: int
    model: str
    suites: list[str]
    misses: list[str]
    by: str
    at: str


class ProgressView(Shape):
    """An evaluation at work."""

    version: int
    cases: int
    done: int
    failed: int


class UseCounts(Shape):
    """What became of what a version worded. `uses` are lineage entries that name it."""

    uses: int
    proposed: int
    accepted: int
    rejected: int
    changed: int = Field(description="accepted, and reworded by a person afterwards")


class PromptVersion(VersionRow):
    """A version of a prompt."""

    text: str
    evaluation: EvaluationView | None
    counts: UseCounts


class UseRow(Shape):
    """A lineage entry that names a prompt or a tool."""

    case: str
    run: str
    seq: int
    agent: str
    name: str
    version: str
    refused: bool
    at: str


class PromptRow(Shape):
    """A prompt in the list."""

    name: str
    agent: str
    task: str
    active: int
    versions: int
    drafts: int
    scenarios: list[str]
    counts: UseCounts


class Prompts(Shape):
    """The prompts of a tenant. `model` is what they are evaluated with, or null where none is configured."""

    prompts: list[PromptRow]
    model: str | None


class PromptPage(Shape):
    """One prompt with its versions, newest first, and where it was used last."""

    name: str
    agent: str
    task: str
    active: int
    versions: list[PromptVersion]
    scenarios: list[str]
    cases: int
    running: ProgressView | None
    model: str | None
    uses: list[UseRow]


class PromptIn(Shape):
    """A text, and why."""

    text: str = Field(min_length=20, max_length=20_000)
    reason: Reason


class ToolRow(Shape):
    """A tool that agents can be given."""

    name: str
    description: str
    kind: Literal["read", "effect", "off"]
    arguments: list[str]


class GrantCount(Shape):
    """How often an agent used a tool in a scenario, and how often it was refused."""

    agent: str
    tool: str
    used: int
    refused: int


class ScopeVersion(VersionRow):
    """A version of a scenario's scopes."""

    grants: dict[str, list[str]]


class ScenarioScopes(Shape):
    """A scenario's part of the matrix."""

    scenario: str
    title: str
    agents: list[str]
    active: int
    grants: dict[str, list[str]]
    versions: list[ScopeVersion]
    counts: list[GrantCount]


class ToolMatrix(Shape):
    """Who may use what."""

    tools: list[ToolRow]
    scenarios: list[ScenarioScopes]
    uses: list[UseRow]


class ScopesIn(Shape):
    """The whole of a scenario's scopes: agent → tools. What is not named is refused."""

    grants: dict[str, list[str]] = Field(max_length=100)
    reason: Reason


class ParameterField(Shape):
    """A parameter, or a choice of a policy set, as a form shows it. Values in the wording of the card.

    Of a list, `options` are its possible members, `minimum` and `maximum` how many it may have.
    """

    name: str
    type: Literal["number", "integer", "text", "list", "option", "parts"]
    why: str
    unit: str
    minimum: float | None
    maximum: float | None
    options: list[str]
    default: str
    value: str
    own: bool = Field(description="whether the value in force is the tenant's own")


class ParameterVersion(VersionRow):
    """A version of a scenario's parameters or policy set: the choices that differ from what is shipped."""

    values: dict[str, str]


class ParameterRow(Shape):
    """A scenario in the list."""

    scenario: str
    title: str
    parameters: int
    own: int
    active: int
    drafts: int


class ParameterList(Shape):
    """Every scenario with its parameters."""

    scenarios: list[ParameterRow]


class ParameterPage(Shape):
    """A scenario's parameters as a form, and its versions, newest first."""

    scenario: str
    title: str
    active: int
    fields: list[ParameterField]
    versions: list[ParameterVersion]


class ValuesIn(Shape):
    """Values by parameter; what is not named is as shipped."""

    values: dict[str, Any] = Field(max_length=100)


class ParametersIn(ValuesIn):
    """Values, and why."""

    reason: Reason


class PreviewRow(Shape):
    """A waiting run that would stand otherwise."""

    run: str
    case: str
    changes: list[str]


class PreviewView(Shape):
    """What the values would do to waiting runs. Nothing was written: the runs keep the parameters they started with."""

    looked: int
    waiting: int
    effects: list[PreviewRow]
