"""The executing node: the next action of a plan, once, as approved, in its window, with its result read back.

The steps, each on record before the next one:

1. authority: the gates are signed for exactly this content, checked against the store (R1)
2. the state is read; where it is not the one that the plan expects, nothing is sent and the action is held
3. the effect is written down (`planned`), authority is checked again, and it is written down as `sent`
4. one request, to a declared system
5. the state is read back, until it is as expected or the time is over
6. the result is written down, with what was read as new evidence

A process that dies between 3 and 6 leaves an effect that is `sent`: it is looked up, never sent blindly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from langgraph.runtime import Runtime

from casefile.actions import Due, PlannedAction, Result, Verdict, differing, fits, judge, plain, seen
from casefile.effects import Authority, Effect, authority, key_of
from casefile.evidence import Evidence
from casefile.rest import where
from graphs.context import RunContext, State
from graphs.nodes.gate import ledger
from graphs.nodes.references import references
from graphs.position import load, position_of
from guardrails import secrets
from lineage.canonical import Json, canonical, digest, digest_bytes
from runtime.clock import from_instant, instant
from runtime.errors import LeaseTaken
from runtime.faults import fault_point
from runtime.store.turn import Event, Turn
from tools import systems
from tools.systems import Answer, Request, System

OBSERVED = "observed:"
_SILENT_READS = 2


@dataclass(frozen=True, slots=True)
class Acting:
    """One action being performed: where, and at which time of the run."""

    context: RunContext
    due: Due
    system: System
    at: datetime

    def turn(self, step: str) -> Turn:
        """The turn of a step. Its key is the effect's: whichever process takes the step, it is taken once."""
        return Turn(key=f"effect:{self.due.action.core()[7:39]}:{step}", at=self.at)

    def entry(self, turn: Turn, kind: str, effect: Effect, under: Sequence[str] = (), **told: Json) -> None:
        """What happened, for the lineage. `under` are the approvals that the header itself names, by hash."""
        action = self.due.action
        content: dict[str, Json] = {
            "action": action.id,
            "system": action.system,
            "object": action.object,
            "request": f"{action.method} {action.path}",
            "idempotency_key": effect.idempotency_key,
            "approved_content": effect.subject_sha256,
            "policy_version": self.due.policy,
            "approvals": [{"decision": g.decision, "gate": g.gate, "by": g.by} for g in effect.grounds],
            **told,
        }
        turn.entries.append(self.context.entry(kind, turn, citations=tuple(under), content={"effect": content}))


async def act(state: State, runtime: Runtime[RunContext]) -> State:
    """Perform the action that is due, or find out what became of one that was sent."""
    context = runtime.context
    row = await context.store.row()
    if row is None:
        raise KeyError(context.store.run)
    at = from_instant(state.get("at", row.clock))
    sent = next((one for one in await context.store.effects() if one.state == "sent"), None)
    if sent is not None:
        await _conclude(Acting(context, sent.due, _declared(context, sent.due), at), sent, None)
        return {}
    if await context.store.next_event() is not None:
        return {}  # a newer fact is looked at first (R2)
    loaded = await load(context, at)
    position = position_of(context, loaded)
    now = where(context.scenario, position)
    if now.step != "act" or loaded.due is None:
        turn = Turn(key=f"{state.get('event', row.turn)}:no_act:{row.turn}", at=at)
        ledger(context, loaded, now, turn, position, opened=None)
        await context.store.commit(turn)
        return {}
    allowed = authority(context.scenario, position, loaded.due)
    if allowed.refused:
        raise AssertionError(f"the gates lead to {loaded.due.action.id}, and its authority fails: {allowed.refused}")
    await _begin(Acting(context, loaded.due, _declared(context, loaded.due), at), allowed)
    return {}


def _declared(context: RunContext, due: Due) -> System:
    system = context.systems.get(due.action.system)
    if system is None:
        raise KeyError(f"the system {due.action.system} is not running; the case declares {sorted(context.systems)}")
    return system


async def _begin(acting: Acting, allowed: Authority) -> None:
    """Read the state; plan the effect; check again; send it."""
    action, store = acting.due.action, acting.context.store
    fault_point("execution.begin")
    answer = await _read(acting)
    fault_point("execution.state_read")
    state = answer.body if answer.status == 200 else None
    if state is None or (action.before and not fits(action.before, state)):
        await _held(acting, answer, state)
        return
    effect = Effect(
        id=action.id,
        idempotency_key=key_of(store.case, acting.due),
        state="planned",
        due=acting.due,
        subject_sha256=acting.due.subject(),
        core=action.core(),
        grounds=list(allowed.grounds),
        emergency=allowed.emergency,
        planned_at=acting.at,
        before=_least(action, state),
    )
    turn = acting.turn(f"planned:{effect.subject_sha256[7:23]}")
    turn.effects.append(effect)
    acting.entry(turn, "effect_planned", effect, state_before=plain(effect.before))
    await store.commit(turn)
    fault_point("execution.planned")
    await _send(acting, effect)


async def _send(acting: Acting, effect: Effect) -> None:
    """Check the authority once more against the store, write down that it is sent, and send it."""
    context, action = acting.context, acting.due.action
    loaded = await load(context, acting.at)
    position = position_of(context, loaded)
    refused = authority(context.scenario, position, acting.due).refused
    if refused and effect.attempts:
        verdict = Verdict("in_doubt", f"{effect.reason}; not sent again: {refused}")
        await _record(acting, effect.model_copy(update={"reason": verdict.reason}), verdict, Answer(0))
        return
    if refused:
        return
    attempt = effect.attempts + 1
    first_sent = effect.sent_at or acting.at
    effect = effect.model_copy(update={"state": "sent", "attempts": attempt, "sent_at": first_sent})
    turn = acting.turn(f"sent:{attempt}")
    turn.effects.append(effect)
    acting.entry(turn, "effect_sent", effect, await _approvals(acting, effect), attempt=attempt)
    if not await context.store.commit(turn) and await _sent_by_another(acting, effect):
        raise LeaseTaken(f"attempt {attempt} of {action.id} is made by another worker")
    fault_point("execution.sent")
    headers = {action.idempotency_header: effect.idempotency_key}
    answer = await systems.call(acting.system, Request(action.method, action.path, action.body, action.form, headers))
    fault_point("execution.answered")
    await _conclude(acting, effect, answer)


async def _approvals(acting: Acting, effect: Effect) -> list[str]:
    """The signed decisions that allow the effect, or the standing approval, by hash."""
    envelopes = await acting.context.store.envelopes()
    named = [envelopes[one.decision].sha256 for one in effect.grounds if one.decision in envelopes]
    return named or [digest(acting.due.under)]


async def _sent_by_another(acting: Acting, effect: Effect) -> bool:
    """Whether somebody took the lease while this process stood still: the attempt is theirs, and is sent once."""
    known = {one.idempotency_key: one for one in await acting.context.store.effects()}
    there = known.get(effect.idempotency_key)
    return there is not None and there.attempts >= effect.attempts


async def _conclude(acting: Acting, effect: Effect, answer: Answer | None) -> None:
    """Read the state back and say what the attempt came to. `answer` None: this process never saw it."""
    action, limits = acting.due.action, acting.due.limits
    read = await _look(acting)
    fault_point("execution.read_back")
    state = read.body if read.status == 200 else None
    status, body = (answer.status, answer.body) if answer is not None else (0, None)
    verdict = judge(action, limits, Result(status, body, state, effect.attempts, interrupted=answer is None))
    said = "lost" if answer is None else f"{status}" if status else "none in time"
    found = references(action, [body, state])
    effect = effect.model_copy(
        update={
            "answers": [*effect.answers, said],
            "reason": secrets.mask(verdict.reason),
            "after": _least(action, state) if state is not None else {},
            "references": list(dict.fromkeys([*effect.references, *found])),
        }
    )
    if verdict.state == "again":
        await _send(acting, effect)
        return
    await _record(acting, effect, verdict, read)


async def _record(acting: Acting, effect: Effect, verdict: Verdict, read: Answer) -> None:
    """Write the result down, and what was read as evidence; then the case is weighed again."""
    action, store = acting.due.action, acting.context.store
    done = verdict.state == "done"
    by = [f"{action.system}: {action.read_method} {action.read_path} at {instant(acting.at)}"] if done else []
    effect = effect.model_copy(
        update={"state": verdict.state, "confirmed_by": by, "done_at": acting.at if done else None}
    )
    turn = acting.turn(verdict.state)
    turn.effects.append(effect)
    item, data = _evidence(acting, effect, read, len(await store.evidence()))
    turn.evidence.append(item)
    turn.blobs[item.sha256] = data
    frozen: dict[str, Json] = {"id": item.id, "file": item.file, "system": item.system, "size": item.size}
    told = acting.context.entry("evidence_frozen", turn, citations=(item.sha256,), content={"item": frozen})
    turn.entries.append(told)
    acting.entry(
        turn,
        f"effect_{verdict.state}",
        effect,
        reason=verdict.reason,
        attempts=effect.attempts,
        evidence=item.sha256,
        references=list[Json](effect.references),
    )
    body = orjson.dumps({"effect": effect.idempotency_key, "state": effect.state}).decode()
    turn.events.append(Event(turn.key, "acted", instant(acting.at), body))
    await store.commit(turn)
    fault_point("execution.recorded")


def _evidence(acting: Acting, effect: Effect, read: Answer, number: int) -> tuple[Evidence, bytes]:
    """What the system showed, as an item of evidence: only the members that the action speaks of."""
    action = acting.due.action
    told: dict[str, Json] = {
        "action": action.id,
        "system": action.system,
        "object": action.object,
        "read": f"{action.read_method} {action.read_path}",
        "read_at": instant(acting.at),
        "status": read.status,
        "state": plain(effect.after),
        "references": list[Json](effect.references),
        "result": effect.state,
    }
    data = canonical(told)
    name = f"result-{action.id}-{number}"
    sha256 = digest_bytes(data)
    at = acting.at
    item = Evidence(
        id=name, file=f"{name}.json", system=action.system, sha256=sha256, size=len(data), captured_at=at, arrived_at=at
    )
    return item, data


def _least(action: PlannedAction, state: Any) -> dict[str, Json]:
    """Of a state what the action speaks of, without secrets."""
    return {name: _masked(value) for name, value in seen(action, state).items()}


def _masked(value: Any) -> Json:
    return secrets.mask(value) if isinstance(value, str) else plain(value)


async def _held(acting: Acting, answer: Answer, state: Any) -> None:
    """The target is not as approved: nothing is sent, and what stands there is told to the next pass."""
    action = acting.due.action
    if state is None:
        reason = f"the state of {action.object} could not be read ({answer.status or answer.text})"
        found: dict[str, Json] = {}
    else:
        found = {name: _masked(value) for name, value in differing(action.before, state).items()}
        already = " (it is already as the action would leave it)" if fits(action.expect, state) else ""
        told = ", ".join(f"{name} is {value!r}" for name, value in found.items())
        reason = f"the state of {action.object} is not the one approved: {told}{already}"
    turn = acting.turn(f"observed:{digest_bytes(canonical([reason, acting.due.subject()]))[7:23]}")
    told_of = digest_bytes(canonical(plain(action.content)))
    body = orjson.dumps({"state": found, "reason": reason, "at": instant(acting.at), "content": told_of}).decode()
    turn.work[f"kept:{OBSERVED}{action.core()}"] = body
    turn.events.append(Event(turn.key, "acted", instant(acting.at), body))
    content: dict[str, Json] = {"action": action.id, "reason": reason}
    turn.entries.append(acting.context.entry("action_held", turn, content={"held": content}))
    await acting.context.store.commit(turn)


async def _read(acting: Acting) -> Answer:
    action = acting.due.action
    return await systems.call(acting.system, Request(action.read_method, action.read_path))


async def _look(acting: Acting) -> Answer:
    """Look until the state is as expected, or the time is over. A stub system of a packet changes when it is asked, not
    while anybody sleeps: there the waits between looks are on the run's clock only."""
    action = acting.due.action
    silent = 0
    read = Answer(0)
    for wait in acting.due.limits.looks():
        if acting.system.access is not None:
            await asyncio.sleep(wait)
        read = await _read(acting)
        silent += read.silent
        if (read.status == 200 and fits(action.expect, read.body)) or silent >= _SILENT_READS:
            break
    return read
