"""What people do to a run besides deciding: they write, object, and review edits. Each is a turn of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from langgraph.runtime import Runtime

from agents.answer_lists import View
from agents.answers import HALF, Answer
from agents.model_spans import cleaner
from agents.supervision import kind_of
from casefile.packet import Edits, Objects, Says
from casefile.registers import Objection
from graphs.asking import Asking, used_before
from graphs.boundary import boundary_of
from graphs.context import RunContext, State
from graphs.governed_pass import quarantined_items
from graphs.nodes.answering import Ground, answered, content_of, withdrawn
from graphs.nodes.approvals import at_the_gate
from graphs.nodes.model_turns import checker
from graphs.stating import entered
from guardrails import approvals, boundary
from guardrails.minimise import Minimiser
from lineage.canonical import Json
from runtime.store.standing import Record
from runtime.store.turn import Refused, Turn


def converser(*, weighed: bool) -> Callable[..., Awaitable[State]]:
    """The chat of a pattern. `weighed`: what people say is weighed with the evidence in the pass that follows."""

    async def converse(state: State, runtime: Runtime[RunContext]) -> State:
        """Answer a chat turn: a refusal where the boundary is asked to be crossed, else what the case file says.

        Chat never answers a gate and never changes the record by itself.
        """
        return await _converse(state, runtime.context, weighed)

    return converse


async def _converse(state: State, context: RunContext, weighed: bool) -> State:
    standing = await context.store.standing()
    event = standing.event
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
    for line in verdict.refused:
        reason = f"outside the boundary: {line.text}"
        turn.refusals.append(Refused(line.text, said.by, reason, event.seq, event.at))
        turn.entries.append(context.entry("refused", turn, actor=person, content={"reason": reason}))
    if not verdict.refused:
        await _answer(context, turn, said.text, standing.record, weighed)
    await context.store.commit(turn)
    return {"next": "settle"}


_CHANGES_NOTHING = (
    "nothing was changed: here the record follows its evidence; object to what is wrong, or add what is missing"
)


async def _answer(context: RunContext, turn: Turn, text: str, record: Record, weighed: bool) -> None:
    """The answer, in the lineage before anyone sees it (R6)."""
    asking = Asking(context, turn, before=used_before(record.work))
    minimise = Minimiser(context.scenario.data.get("minimise", ()))
    clean = cleaner(minimise)
    note, kind = await at_the_gate(context, text), kind_of(text)
    reply = Answer(())
    if not (note and approvals.alone(text)):
        gone = [*withdrawn(record.evidence), *quarantined_items(context, record.named("checked:*"))]
        view = View(record.revisions[-1], record.revisions, record.registers)
        check = checker(asking, minimise, lambda _: False)
        reply = await answered(asking, Ground(view, record.evidence, gone, check, clean, HALF), text)
    changes = _CHANGES_NOTHING if not weighed and kind in ("change", "redirect", "object") else ""
    content = content_of(asking, "ask", reply, (note, changes, reply.note), clean)
    words = asking.taken.get("answering")
    turn.entries.append(context.by_agent("answered", "retrieval", turn, words, content={"answer": content}))
    await asking.settle()


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
