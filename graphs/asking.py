"""Asking the model inside a turn: bounded evidence in, a typed proposal out, and a lineage entry for it either way.

A proposal that is missing costs nothing: the result of the rules stands, and the turn says why there is no more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

import orjson
from opentelemetry import trace
from pydantic import BaseModel

from casefile.artifact import Edit
from casefile.edits import fingerprint
from graphs.context import RunContext
from guardrails.secrets import mask
from lineage.canonical import Json
from lineage.entry import Actor, Agent, EntryDraft
from runtime.model.port import Prompt, ProposalRequest, ProposalResult, Usage
from runtime.store.run_store import RunStore
from runtime.store.turn import Origin, Turn

T = TypeVar("T", bound=BaseModel)
USAGE = "model:usage"
_tracer = trace.get_tracer("casegate")


@dataclass(slots=True)
class Asking:
    """The questions of one turn. `notes` are what a person should know about the model's part in it."""

    context: RunContext
    turn: Turn
    notes: list[str] = field(default_factory=list)
    used: Usage = field(default_factory=Usage)
    prompts: dict[str, Prompt] = field(default_factory=dict)
    """What each agent was last asked with."""
    taken: dict[str, Origin] = field(default_factory=dict)
    """The agents of whose last proposal something was taken in this turn, with what they were asked with."""
    clean: Callable[[str], str] = field(default_factory=lambda: cache(mask))
    """Takes secrets out of a text. A turn asks several times about the same spans: each is cleaned once."""
    before: dict[str, int] | None = None
    """The run's account as it stood before this turn, once it was looked up."""

    @property
    def possible(self) -> bool:
        """Whether there is a model to ask."""
        return self.context.mode != "offline"

    async def ask(
        self, agent: str, task: str, spans: tuple[tuple[int, str], ...], summary: str, schema: type[T]
    ) -> T | None:
        """The proposal of an agent, or None with a note. Whatever it is asked with, no secret leaves (R7)."""
        if not self.possible:
            return None
        text = self.prompts[agent] = await self.context.prompt(agent)
        request = ProposalRequest(
            task=mask(task),
            prompt=text,
            spans=tuple((number, self.clean(shown)) for number, shown in spans),
            case_summary=mask(summary),
            run=self.context.store.run,
            spent=(await self._account())["tokens"],
            turn=self.turn.key,
        )
        with _tracer.start_as_current_span(f"chat {self.context.model_name}") as span:
            result = await self.context.model.propose(request, schema)
            _describe(span, agent, result)
        self.used += result.usage
        dropped = result.dropped[:300] if result.dropped else None
        if dropped:
            self.notes.append(f"{agent}: the model's proposal was dropped ({dropped}); the rules' result stands")
        self.turn.entries.append(_entry(self.context, self.turn, text, result.model, dropped, result.usage))
        return result.value

    def worded(self, agent: str, edits: Sequence[Edit]) -> None:
        """These edits are the agent's words: how people take them is counted for the prompt that it was asked with."""
        if edits:
            self.turn.worded |= dict.fromkeys(map(fingerprint, edits), self.take(agent))

    def take(self, agent: str) -> Origin:
        """Something of the agent's last proposal is taken: what comes of it names the prompt and the model."""
        text = self.prompts[agent]
        self.taken[agent] = Origin(text.name, text.version, text.sha256)
        return self.taken[agent]

    async def settle(self) -> None:
        """Add what was used to the run's account, in this turn."""
        if self.used.calls:
            before = await self._account()
            tokens = before["tokens"] + self.used.tokens_in + self.used.tokens_out
            total = {"calls": before["calls"] + self.used.calls, "tokens": tokens}
            self.turn.work[USAGE] = orjson.dumps(total).decode()

    async def _account(self) -> dict[str, int]:
        if self.before is None:
            self.before = await model_usage(self.context.store)
        return self.before


def _describe(span: trace.Span, agent: str, result: ProposalResult[T]) -> None:
    """The GenAI conventions. Ids and counts only: neither prompts nor answers go into a trace."""
    span.set_attribute("gen_ai.operation.name", "chat")
    span.set_attribute("gen_ai.agent.name", agent)
    span.set_attribute("gen_ai.provider.name", result.mode)
    span.set_attribute("gen_ai.request.model", result.model)
    span.set_attribute("gen_ai.usage.input_tokens", result.usage.tokens_in)
    span.set_attribute("gen_ai.usage.output_tokens", result.usage.tokens_out)


async def model_usage(store: RunStore) -> dict[str, int]:
    """Calls and tokens of the run so far."""
    return used_before(await store.work(USAGE))


def used_before(work: Mapping[str, str]) -> dict[str, int]:
    """Calls and tokens of the run so far, of what earlier turns left."""
    body = work.get(USAGE)
    return {"calls": 0, "tokens": 0} if body is None else dict(orjson.loads(body))


def _entry(context: RunContext, turn: Turn, text: Prompt, model: str, dropped: str | None, used: Usage) -> EntryDraft:
    content: dict[str, Json] = {"dropped": dropped, "calls": used.calls, "tokens": used.tokens_in + used.tokens_out}
    return context.entry(
        "model_asked",
        turn,
        actor=Actor("agent", text.name),
        agent=Agent(text.name, text.name, text.version, text.sha256, model[:200]),
        content={"asked": content},
    )
