"""The model port: what an agent asks, and what it gets. The model proposes, and nothing more (R4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

Mode = Literal["offline", "openai", "scripted"]
T = TypeVar("T", bound=BaseModel)


class Prompt(BaseModel):
    """One version of a prompt text; `sha256` is of `text`, as the prompt loader computed it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: str
    sha256: str
    text: str


class ProposalRequest(BaseModel):
    """What the model sees: the task, numbered spans and the case in short.

    `spans` are (number, text); an answer cites the numbers. `run` and `turn` are the keys that token budgets
    count under; `spent` is what the run used before, by its own account. `max_tokens` bounds the answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    prompt: Prompt
    spans: tuple[tuple[int, str], ...] = ()
    case_summary: str = ""
    max_tokens: int = Field(default=2_000, ge=1)
    run: str = ""
    spent: int = Field(default=0, ge=0)
    turn: str

    @model_validator(mode="after")
    def _numbers_are_unique(self) -> ProposalRequest:
        numbers = [number for number, _ in self.spans]
        if len(set(numbers)) != len(numbers):
            raise ValueError("two spans have the same number: a citation of it would mean either")
        return self


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls and tokens of one request, for the lineage; estimated where the endpoint does not say."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.calls + other.calls, self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out)


@dataclass(frozen=True, slots=True)
class ProposalResult(Generic[T]):
    """A valid proposal, or the reason why there is none; exactly one of `value` and `dropped` is set."""

    value: T | None
    dropped: str | None
    usage: Usage
    model: str
    mode: Mode


@dataclass(frozen=True, slots=True)
class ChatText:
    """A piece of a streamed answer, passed on as it came."""

    text: str


@dataclass(frozen=True, slots=True)
class ChatEnd:
    """The last event of a stream, always there: `dropped` says why the answer is missing or incomplete."""

    dropped: str | None
    model: str
    mode: Mode
    usage: Usage = field(default_factory=Usage)


ChatEvent = ChatText | ChatEnd


class ModelPort(Protocol):
    """A language model, or none. Failures of the endpoint are results with a reason, not exceptions."""

    @property
    def mode(self) -> Mode:
        """Which kind of port it is, as results say it."""
        ...

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    async def propose(self, request: ProposalRequest, schema: type[T]) -> ProposalResult[T]:
        """A proposal that fits `schema`, after at most one repair; otherwise dropped with the reason."""
        ...

    def stream(self, request: ProposalRequest) -> AsyncIterator[ChatEvent]:
        """Chat text as it is written, then exactly one ChatEnd."""
        ...
