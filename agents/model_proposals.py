"""What agents with a model may propose: typed, closed, citing span numbers. Each is checked by `agents.model_checks`."""  # noqa: E501

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(max_length=2_000)]
Short = Annotated[str, Field(max_length=200)]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Cite(_Closed):
    """A span by its number, and the words of it that carry the statement, letter for letter."""

    span: int
    quote: Text


class Statement(_Closed):
    """One sentence for one section. `replaces` is the id of the statement that it takes the place of, or empty."""

    section: Short
    text: Text
    kind: Literal["fact", "hypothesis", "action"]
    replaces: Short
    reason: Text
    cites: Annotated[list[Cite], Field(max_length=12)]


class Draft(_Closed):
    """What drafting would add or change."""

    statements: Annotated[list[Statement], Field(max_length=40)]


class Value(_Closed):
    """One field's value as the cited words give it."""

    field: Short
    value: Short
    span: int
    quote: Text


class Extraction(_Closed):
    """Values that stand in words which rules do not read."""

    values: Annotated[list[Value], Field(max_length=20)]


class Pair(_Closed):
    """Two spans that speak of the same fact and may disagree."""

    about: Short
    first: int
    second: int


class Reconciliation(_Closed):
    """Which statements belong beside each other. Whether they conflict, and which outranks which, is decided by code."""  # noqa: E501

    pairs: Annotated[list[Pair], Field(max_length=20)]


class Doubt(_Closed):
    """An objection to the draft."""

    to: Short
    text: Text
    cites: Annotated[list[Cite], Field(max_length=4)]


class Objections(_Closed):
    """What a careful opponent would say."""

    objections: Annotated[list[Doubt], Field(max_length=20)]


class Queries(_Closed):
    """What to look for next; `enough` where nothing more is needed."""

    queries: Annotated[list[Short], Field(max_length=4)]
    enough: bool


class SystemId(_Closed):
    """An id of a question, by its name."""

    name: Short
    value: Short


class SystemAsk(_Closed):
    """A question to a connected system, by its tool."""

    tool: Short
    ids: Annotated[list[SystemId], Field(max_length=8)]


class SystemAsks(_Closed):
    """Which connected systems a person asks about; usually none."""

    asks: Annotated[list[SystemAsk], Field(max_length=8)]


class Sentence(_Closed):
    """One sentence of an answer, with what it rests on."""

    text: Text
    cites: Annotated[list[Cite], Field(max_length=6)]


class Reply(_Closed):
    """An answer from the spans alone; `unanswered` where they do not carry one."""

    sentences: Annotated[list[Sentence], Field(max_length=12)]
    unanswered: bool


class Wanted(_Closed):
    """What a person asks for in the chat."""

    kind: Literal["ask", "find", "change", "note"]
