"""The chat of a copilot loop: refused, answered, turned into edits, a new goal, an objection, or a question back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson
from langgraph.runtime import Runtime

from agents.answer_lists import Line, View
from agents.answers import Answer
from agents.model_spans import cleaner
from agents.prose import Prose
from agents.supervision import Kind, kind_of, spelled_out, tracked
from casefile.artifact import Edit
from casefile.packet import Says
from casefile.registers import Objection, OpenQuestion
from graphs.asking import Asking, used_before
from graphs.boundary import boundary_of, inside
from graphs.context import RunContext, State
from graphs.nodes.answering import Ground, answered, content_of, hits_of, withdrawn
from graphs.nodes.approvals import at_the_gate
from graphs.nodes.copilot_pass import CHAT, GOAL, loop_of, minimiser
from graphs.nodes.edits import may_not, propose
from graphs.nodes.loop_state import moved
from graphs.nodes.model_chat import model_changes, model_kind
from graphs.nodes.model_systems import ask_systems
from graphs.nodes.model_turns import checker
from graphs.stating import entered
from guardrails import approvals, boundary
from lineage.canonical import Json, digest
from runtime.store.standing import Record
from runtime.store.turn import Event, Refused, Turn

AGAIN = "again"
"""Work row: the chat turn after which the agents look at the whole case again."""
NOTHING_WORDED = "no new wording stood the checks; say which statement is to say what"


@dataclass(slots=True)
class Talk:
    """One chat turn at work."""

    context: RunContext
    event: Event
    said: Says
    turn: Turn
    asking: Asking
    record: Record
    progress: bool = False
    neutral: bool = False
    question: str = ""
    next: str = "settle"
    reply: tuple[Kind, Answer] | None = None
    notes: list[str] = field(default_factory=list)


async def converse(state: State, runtime: Runtime[RunContext]) -> State:
    """Handle a chat turn. Chat never answers a gate; what it changes in the record, it changes as edits or as a goal."""  # noqa: E501
    context = runtime.context
    standing = await context.store.standing()
    event = standing.event
    if event is None or event.seq != state["event"]:
        return {"next": "settle"}
    turn = context.turn(state, "converse")
    if await context.store.done(turn.key):
        again = (await context.store.work(AGAIN)).get(AGAIN)
        return {"next": "reconcile" if again == str(event.seq) else "settle"}
    talk = Talk(
        context,
        event,
        Says.model_validate_json(event.body),
        turn,
        Asking(context, turn, before=used_before(standing.record.work)),
        standing.record,
    )
    if context.packet.person(talk.said.by) is None:
        _refuse(talk, "write in the chat", f"{talk.said.by} is not on the roster of the case")
    else:
        person = context.person(talk.said.by)
        turn.entries.append(context.entry("said", turn, actor=person, content={"text": talk.said.text}))
        line = boundary_of(context.scenario, context.packet)
        crossed = boundary.ask(talk.said.text, line).refused
        for one in crossed:
            _refuse(talk, one.text, f"outside the boundary: {one.text}")
        if not crossed:
            await _handle(talk)
        elif kind_of(left := inside(talk.said.text, line)) == "redirect":
            # A new direction stands beside what is refused with it: whom the case is about is never lost by a refusal.
            await _redirect(talk, left)
            await moved(context, turn, progress=talk.progress)
    await talk.asking.settle()
    await context.store.commit(turn)
    return {"next": talk.next}


def _refuse(talk: Talk, action: str, reason: str) -> None:
    said, turn = talk.said, talk.turn
    turn.refusals.append(Refused(action, said.by, reason, talk.event.seq, talk.event.at))
    person = talk.context.person(said.by)
    turn.entries.append(talk.context.entry("refused", turn, actor=person, content={"reason": reason}))


async def _handle(talk: Talk) -> None:
    view = await _view(talk)
    if note := await at_the_gate(talk.context, talk.said.text):
        talk.notes.append(note)
    if (question := tracked(talk.said.text)) is not None:
        await _track(talk, *question)
        return
    kind: Kind = "note"
    if not (note and approvals.alone(talk.said.text)):
        kind = await model_kind(talk.asking, talk.said.text, kind_of(talk.said.text))
    match kind:
        case "note":
            talk.neutral = True
            noted = "noted; a gate is answered at the gate, not in the chat"
            talk.reply = (kind, Answer((), "" if note else noted))
        case "redirect":
            await _redirect(talk, talk.said.text)
        case "object":
            await _object(talk)
        case "change":
            await _change(talk, view)
        case "find" | "ask":
            await _ask(talk, view, kind)
    idle = await moved(talk.context, talk.turn, progress=talk.progress, question=talk.question, neutral=talk.neutral)
    if talk.reply is not None:
        limit = int(talk.context.parameters["stall_turn_limit"])
        _say(talk, *talk.reply, "" if talk.neutral else _warning(idle, limit))


def _warning(idle: int, limit: int) -> str:
    """Said one turn before the limit, while a person can still steer."""
    if idle == 0 or idle != limit - 1:
        return ""
    counted = f"{idle} turn{'s' if idle > 1 else ''} without progress"
    return f"{counted}: after one more this case goes back to people alone, for good"


async def _view(talk: Talk) -> View:
    record = talk.record
    return View(record.revisions[-1], record.revisions, record.registers, await talk.context.store.open_edits())


async def _ask(talk: Talk, view: View, kind: Kind) -> None:
    """Answer with citations, or pause and ask. The same quotes again are a stall; a list is neither."""
    arrived = await ask_systems(talk.asking, talk.said.text)
    reply = await answered(talk.asking, await _ground(talk, view), talk.said.text, find=kind == "find")
    if reply.paused:
        talk.question = reply.note
    elif reply.listed:
        talk.neutral = True
    else:
        shown = "answered:" + digest([line.text for line in reply.lines])[7:39]
        talk.progress = bool(reply.lines) and shown not in await talk.context.store.work(shown)
        talk.turn.work[shown] = str(talk.event.seq)
    talk.progress = talk.progress or arrived
    talk.reply = (kind, reply)


async def _ground(talk: Talk, view: View) -> Ground:
    context, evidence = talk.context, talk.record.evidence
    readings = await context.read_all(evidence)
    prose = Prose(loop_of(context, talk.turn.at, evidence, readings))
    check = checker(talk.asking, prose.minimise, prose.asserts)
    threshold = float(context.parameters["confidence_pause_threshold"])
    return Ground(view, evidence, withdrawn(evidence), check, cleaner(prose.minimise), threshold)


async def _change(talk: Talk, view: View) -> None:
    """What a person spells out becomes edits in his own name; the rest needs a model, and says so."""
    sections = view.current.artifact.sections
    change = spelled_out(talk.said.text, talk.said.by, sections)
    edits: Sequence[Edit] = change.edits
    asked = not edits and talk.asking.possible
    if asked:
        ground = await _ground(talk, view)
        hits = await hits_of(talk.asking, ground, talk.said.text)
        edits = await model_changes(talk.asking, talk.said.text, await ground.usable(talk.asking), hits)
    made = await propose(talk.context, talk.turn, edits, sections, talk.record.evidence, view.open_edits)
    talk.progress = bool(made.new)
    lines = [
        Line(f"{e.id} {e.target}: “{e.before or 'nothing'}” → “{e.after or 'removed'}”", tuple(e.citations))
        for e in made.new
    ]
    lines += [
        Line(f"not proposed again: it was rejected as {one}, and no new evidence speaks for it") for one in made.silent
    ]
    nothing = NOTHING_WORDED if asked else change.problem or "nothing to propose"
    talk.reply = ("change", Answer(tuple(lines), "proposed; accept or reject each" if made.new else nothing))


async def _track(talk: Talk, text: str, owner: str) -> None:
    """An open question of a person's own goes into the tracker; nothing but a person takes it out. Without an owner the
    copilot asks who answers it."""
    clean = minimiser(talk.context).text(text)
    if owner:
        new = OpenQuestion(key=f"{talk.said.by}:chat:{clean}", about=CHAT, question=clean, owner=owner)
        standing = talk.record.registers["open_questions"]
        talk.turn.registers["open_questions"] = entered("open_questions", standing, [new], close=False)
        _go_through_again(talk)
        answer = f"kept as an open question of {owner}"
    else:
        talk.question = answer = f"Who owns the question “{clean}”? Ask again with “Owner: …”."
    await moved(talk.context, talk.turn, progress=bool(owner), question=talk.question)
    _say(talk, "note", Answer((), answer), "")


def _go_through_again(talk: Talk) -> None:
    """The agents look at the whole case again after this turn."""
    talk.progress = True
    talk.next = "reconcile"
    talk.turn.work[AGAIN] = str(talk.event.seq)


async def _redirect(talk: Talk, text: str) -> None:
    """A new goal: it is the lead's own words in the scope; the old framing is dropped, and both are on record."""
    if reason := may_not(talk.context, talk.said.by, talk.turn):
        _refuse(talk, "set the direction of the case", reason)
        return
    _go_through_again(talk)
    goal: dict[str, Json] = {
        "text": minimiser(talk.context).text(text),
        "by": talk.said.by,
        "turn": talk.event.seq,
    }
    talk.turn.work[GOAL] = orjson.dumps(goal).decode()
    content: dict[str, Json] = {"goal": goal, "dropped": "the framing before this turn; key facts are confirmed again"}
    person = talk.context.person(talk.said.by)
    talk.turn.entries.append(talk.context.entry("redirected", talk.turn, actor=person, content=content))


async def _object(talk: Talk) -> None:
    talk.progress = True
    said = talk.said
    standing = talk.record.registers["objections"]
    text = minimiser(talk.context).text(said.text)
    new = Objection(key=f"{said.by}:chat:{text}", kind="person", by=said.by, to="draft", text=text)
    merged = entered("objections", standing, [new], close=False)
    talk.turn.registers["objections"] = merged
    opened = tuple(item.id for item in merged if item.key == new.key)
    person = talk.context.person(said.by)
    entry = talk.context.entry("objected", talk.turn, actor=person, opens=opened, content={"text": said.text})
    talk.turn.entries.append(entry)


def _say(talk: Talk, kind: Kind, reply: Answer, warning: str) -> None:
    """The answer, in the lineage before anyone sees it (R6)."""
    notes = (*talk.notes, reply.note, warning)
    content = content_of(talk.asking, kind, reply, notes, minimiser(talk.context).text)
    words = talk.asking.taken.get("answering") or talk.asking.taken.get("drafting")
    entry = talk.context.by_agent("answered", "supervisor", talk.turn, words, content={"answer": content})
    talk.turn.entries.append(entry)
