"""From raw model text to a typed proposal: the one path that every implementation of the port uses."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import ValidationError

from runtime.model.errors import InvalidOutputError, ModelError, OutputTooLongError
from runtime.model.port import Mode, ProposalResult, T, Usage

_FAULTS_SHOWN = 4
_ECHO = 4_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call gave. `fault` is set where the text must not be used as it is, and says why."""

    text: str
    usage: Usage
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """The second and last try: the answer that was not accepted, cut to some thousand characters, and why."""

    answer: str
    fault: str


@dataclass(frozen=True, slots=True)
class Failed:
    """There will be no answer. `mode` differs from the port's own where the model was not asked at all."""

    cause: ModelError
    usage: Usage
    mode: Mode | None = None


Ask = Callable[[Repair | None], Awaitable[Answer | Failed]]


async def settle(ask: Ask, schema: type[T], *, limit: int, model: str, mode: Mode) -> ProposalResult[T]:
    """Ask, read, repair once, or drop with the reason. An answer over `limit` characters is not repaired."""
    usage = Usage()
    repair: Repair | None = None
    while True:
        answer = await ask(repair)
        usage += answer.usage
        if isinstance(answer, Failed):
            return ProposalResult(None, str(answer.cause), usage, model, answer.mode or mode)
        try:
            return ProposalResult(_accept(answer, schema, limit), None, usage, model, mode)
        except InvalidOutputError as error:
            if repair is not None or isinstance(error, OutputTooLongError):
                return ProposalResult(None, f"invalid output: {error}", usage, model, mode)
            repair = Repair(answer.text[:_ECHO], str(error))


def read(text: str, schema: type[T], limit: int) -> T:
    """`text` as a `schema`; raises InvalidOutputError.

    Strict: no extra member at any depth, no repeated key, no NaN, no coercion of one type to another.
    """
    if len(text) > limit:
        raise OutputTooLongError(limit)
    bare = _unwrapped(text)
    try:
        value = schema.model_validate_json(bare.encode("utf-8", "replace"), strict=True, extra="forbid")
    except ValidationError as error:
        raise InvalidOutputError(_in_short(error)) from None
    # After pydantic, whose parser bounds the depth; json.loads has no such bound.
    json.loads(bare, object_pairs_hook=_unique, parse_constant=_no_constant)
    return value


def _accept(answer: Answer, schema: type[T], limit: int) -> T:
    if len(answer.text) > limit:
        raise OutputTooLongError(limit)
    if answer.fault is not None:
        raise InvalidOutputError(answer.fault)
    return read(answer.text, schema, limit)


def _unwrapped(text: str) -> str:
    # Models without structured output often put their JSON in one Markdown fence; nothing else is forgiven.
    bare = text.strip()
    if bare.startswith("```") and bare.endswith("```") and len(bare) > 6:
        first, _, rest = bare[:-3].partition("\n")
        if first.removeprefix("```").strip().lower() in {"", "json"}:
            return rest.strip()
    return bare


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidOutputError("a key occurs twice in one object")
    return members


def _no_constant(name: str) -> NoReturn:
    raise InvalidOutputError(f"{name[:12]} is not JSON")


def _in_short(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    lines = []
    for fault in faults[:_FAULTS_SHOWN]:
        # Names of members may be the model's own, so they are cut.
        place = ".".join(str(part)[:40] for part in fault["loc"][:8])
        lines.append(f"{place or 'answer'}: {fault['msg'][:160]}")
    if len(faults) > _FAULTS_SHOWN:
        lines.append(f"and {len(faults) - _FAULTS_SHOWN} more")
    return "; ".join(lines)
