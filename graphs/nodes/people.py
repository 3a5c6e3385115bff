"""What people do to a run besides deciding: they write, object, and review edits. Each is a turn of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson
from langgraph.runtime import Runtime

from casefile.packet import Edits, Objects, Says
from casefile.registers import Objection
from graphs.boundary import boundary_of
from graphs.context import RunContext, State
from graphs.nodes.approvals import at_the_gate
from graphs.nodes.intake import add_to_index
from graphs.stating import entered
from graphs.tool_calls import search
from guardrails import approvals, boundary
from lineage.canonical import Json
from runtime.store.turn import Refused, Turn


async def converse(state: State, runtime: Runtime[RunContext]) -> State:
    """Answer a chat turn: a refusal where the boundary is asked to be crossed, else what the evidence says.

    Chat never answers a gate and never changes the record by itself.
    """
    context = runtime.context
    event = await context.store.next_event()
    if event is None or event.seq != state["event"]:
        return {"next": "settle"}
    said = Says.model_validate_json(event.body)
    turn = context.turn(state, "converse")
    person = context.person(said.by)
    if context.packet.person(said.by) is None:
        reason = f"{said.by} is not on the roster of the case"
        turn.refusals.append(Refused("write in the chat", said.by, reason, event.seq, event.at))
        turn.entries.append(context.entry("refused", turn, actor=person, content={"reason": reason}))
        await context.store.commit(turn)
        return {"next": "settle"}
    turn.entries.append(context.entry("said", turn, actor=person, content={"text": said.text}))
    verdict = boundary.ask(said.text, boundary_of(context.scenario, context.packet))
    if verdict.refused:
        for line in verdict.refused:
            reason = f"outside the boundary: {line.text}"
            turn.refusals.append(Refused(line.text, said.by, reason, event.seq, event.at))
            turn.entries.append(context.entry("refused", turn, actor=person, content={"reason": reason}))
    else:
        note = await at_the_gate(context, said.text)
        if note and approvals.alone(said.text):
            answer: Json = {"mode": context.mode, "note": note, "spans": []}
        else:
            answer = await _answer(context, turn, said.text, note)
        turn.entries.append(context.by_agent("answered", "retrieval", turn, content={"answer": answer}))
    await context.store.commit(turn)
    return {"next": "settle"}


async def _answer(context: RunContext, turn: Turn, question: str, first: str) -> Json:
    """The spans that speak of it, quoted with their places. Offline there is no other answer, and it says so.

    `first` is what is to be said before.
    """
    evidence = await context.store.evidence()
    if context.index is None:  # this process has not indexed yet, and an index in memory died with the last one
        for item in evidence:
            if not item.withdrawn:
                await add_to_index(context, item)
    gone = [item.id for item in evidence if item.withdrawn]
    checked = await context.store.work("checked:*")
    gone += [n.removeprefix("checked:") for n, body in checked.items() if _quarantined(context, orjson.loads(body))]
    hits, refused = await search(context, turn, "retrieval", [question], gone)
    found: list[Json] = [{"evidence": hit.evidence, "locator": hit.locator, "quote": hit.text[:300]} for hit in hits[0]]
    note = "; ".join(part for part in (first, refused or "quoted from the evidence by rules") if part)
    return {"mode": context.mode, "note": note, "spans": found}


def _quarantined(context: RunContext, checked: Mapping[str, Sequence[object]]) -> bool:
    return any(checked.get(kind) for kind in context.scenario.quarantines)


async def object_(state: State, runtime: Runtime[RunContext]) -> State:
    """Enter a person's objection in the register."""
    context = runtime.context
    event = await context.store.next_event()
    if event is None or event.seq != state["event"]:
        return {"next": "settle"}
    said = Objects.model_validate_json(event.body)
    turn = context.turn(state, "object")
    if context.packet.person(said.by) is None:
        reason = f"{said.by} is not on the roster of the case"
        turn.refusals.append(Refused("object", said.by, reason, event.seq, event.at))
    else:
        standing = (await context.store.registers())["objections"]
        new = Objection(key=f"{said.by}:{said.to}:{said.text}", kind="person", by=said.by, to=said.to, text=said.text)
        turn.registers["objections"] = entered("objections", standing, [new], close=False)
        opened = tuple(i.id for i in turn.registers["objections"] if i.key == new.key)
        content: dict[str, Json] = {"to": said.to, "text": said.text}
        turn.entries.append(
            context.entry("objected", turn, actor=context.person(said.by), opens=opened, content=content)
        )
    await context.store.commit(turn)
    return {"next": "settle"}


async def review_edits(state: State, runtime: Runtime[RunContext]) -> State:
    """A transform proposes no edits: accepting or rejecting one is refused on the record."""
    context = runtime.context
    event = await context.store.next_event()
    if event is None or event.seq != state["event"]:
        return {"next": "settle"}
    review = Edits.model_validate_json(event.body)
    turn = context.turn(state, "review_edits")
    for verb, ids in (("accept", review.accept), ("reject", review.reject)):
        for one in [ids] if isinstance(ids, str) else ids:
            reason = f"there is no proposed edit {one!r}"
            turn.refusals.append(Refused(f"{verb} edit {one}", review.by, reason, event.seq, event.at))
            content: dict[str, Json] = {"reason": reason}
            turn.entries.append(context.entry("refused", turn, actor=context.person(review.by), content=content))
    await context.store.commit(turn)
    return {"next": "settle"}
