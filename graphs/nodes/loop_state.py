"""The state of a loop beside its content: progress, the question that it waits on, and what the content lacks."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from agents.loop_checks import content_signals, required_by
from agents.material import Signal
from casefile.artifact import Artifact, Edit
from casefile.checks import blockers_of, holds_after
from graphs.context import RunContext
from graphs.stating import entered
from guardrails.minimise import Minimiser
from runtime.store.turn import Turn

STALLED = "stalled"


async def after_edits(context: RunContext, turn: Turn, artifact: Artifact, open_edits: Sequence[Edit]) -> None:
    """The content was changed by a person's word: check it again. A person who decides moves the loop on."""
    evidence = await context.store.evidence()
    readings = await context.read_all(evidence)
    required = required_by(artifact.fields, readings, context.scenario.data["queue_kinds"])
    minimise = Minimiser(context.scenario.data["minimise"])
    signals = content_signals(artifact.sections, artifact.fields, required, minimise, open_edits)
    turn.work["signals:content"] = dumped(signals)
    await _checked_again(context, turn, signals)
    await moved(context, turn, progress=True)


async def _checked_again(context: RunContext, turn: Turn, content: Sequence[Signal]) -> None:
    """Holds and blockers after a person's word: what the last pass found, beside what the content now says."""
    found = orjson.loads((await context.store.work("signals")).get("signals", "[]"))
    signals = [*(Signal.model_validate(one) for one in found), *content]
    standing = await context.store.registers()
    holds = holds_after(context.scenario, standing["holds"], signals)
    turn.registers["holds"] = entered("holds", standing["holds"], holds)
    turn.registers["blockers"] = entered("blockers", standing["blockers"], blockers_of(context.scenario, signals))


async def moved(context: RunContext, turn: Turn, *, progress: bool, question: str = "", neutral: bool = False) -> int:
    """Count turns without progress. `question` is what the copilot waits to be told; the next turn takes it away."""
    before = int((await context.store.work(STALLED)).get(STALLED, "0"))
    count = 0 if progress else before if neutral else before + 1
    limit = int(context.parameters["stall_turn_limit"])
    signals = []
    if question:
        signals.append(Signal(name="clarification_needed", about="chat", detail=question))
    if count >= limit:
        detail = f"{count} turns without progress; the limit is {limit}"
        signals.append(Signal(name="loop_stalled", about="chat", detail=detail))
    turn.work[STALLED] = str(count)
    turn.work["signals:loop"] = dumped(signals)
    return count


def dumped(signals: Sequence[Signal]) -> str:
    """Signals as a work row has them."""
    return orjson.dumps([signal.model_dump(mode="json") for signal in signals]).decode()
