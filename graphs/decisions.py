"""A person's decision: checked, stored by compare-and-set, and only then does the graph wake (DESIGN.md §6).

Who holds the key that he signs with answers in two steps: `prepare` gives the statement of the answer that he is about
to give, and `decide` counts the answer where the signature that came is over the statement as it then stands.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import orjson
from sqlalchemy.exc import IntegrityError

from casefile.decisions import Decision
from casefile.gates import expiry
from casefile.packet import Decides
from casefile.scenario import Gate
from graphs.context import RunContext
from graphs.judgement import judge, lapsed
from graphs.position import Loaded, load
from graphs.signing import said, signed
from guardrails import secrets
from lineage.canonical import Json, canonical
from lineage.decision import statement
from lineage.rules import gate_item
from runtime.clock import from_instant, instant
from runtime.installation import wall_time
from runtime.store import signing_requests
from runtime.store.signing_requests import SigningRequest
from runtime.store.turn import Event, Refused, Turn

# How long a person has to sign what he was given, by the machine's clock.
TO_SIGN: Final = timedelta(minutes=5)


async def prepare(
    context: RunContext, key: str, answer: Decides, at: datetime, kid: str
) -> tuple[SigningRequest, str | None]:
    """The statement of an answer, for its person to sign with the key that he holds; and why the answer would count for
    nothing as things stand. Nothing is decided by it.

    The same key again gives the first one, until its time is over. It is made also of an answer that would count for
    nothing now: that he gave it is recorded, and by him.
    """
    answer = answer.model_copy(update={"reason": secrets.mask(answer.reason) if answer.reason else answer.reason})
    loaded, now = await load(context, at), wall_time()
    decision, gate = judge(context, key, answer, loaded, await _ended(context))
    decision = _dated(decision, gate, instant(loaded.now))
    request = SigningRequest(
        decision=key,
        owner=answer.by,
        kid=kid,
        answer=answer.model_dump_json(),
        body=canonical(statement(said(context, decision, gate, loaded, answer.reason, instant(now)))),
        decided_at=instant(loaded.now),
        signed_at=instant(now),
        until=instant(now + TO_SIGN),
    )
    stored = await signing_requests.put(context.store.database, context.store.tenant, context.store.run, request)
    return stored, decision.reason if decision.state == "refused" else None


async def decide(context: RunContext, key: str, answer: Decides, at: datetime) -> Decision:
    """Store what a person answered. The same key again returns the first answer (R10).

    A decision that counts for nothing is stored too, with the reason: state `refused`. Raises SigningError, and stores
    nothing, where the person holds his key and has not signed this.
    """
    before = await _stored(context, key)
    if before is not None:
        return before
    store = context.store
    request = await signing_requests.find(store.database, store.tenant, store.run, key)
    loaded = await load(context, at)
    decision, gate = judge(context, key, answer, loaded, await _ended(context))
    if request is not None:
        # It is dated as it was shown, and so expires by then: what it binds and who answers is judged as of now.
        decision = _dated(decision, gate, request.decided_at)
    try:
        await _commit(context, key, answer, decision, gate, loaded, request)
    except IntegrityError:
        # Somebody else's answer took the place between our look and our write: one winner, and we say who.
        loaded = await load(context, at)
        winner = next((d for d in loaded.decisions if d.slot == decision.slot), None)
        reason = f"already decided by {winner.by}" if winner else "already decided"
        decision = decision.model_copy(update={"state": "refused", "reason": reason, "slot": f"refused:{key}"})
        await _commit(context, key, answer, decision, gate, loaded, request)
    stored = await _stored(context, key)
    if stored is None:
        raise AssertionError(f"decision {key} was not stored")
    if request is not None:
        await signing_requests.drop(store.database, store.tenant, store.run, key)
    return stored


def _dated(decision: Decision, gate: Gate | None, at: str) -> Decision:
    """The decision as of a time of the run, in whole seconds as it is signed."""
    when = from_instant(at)
    return decision.model_copy(update={"at": when, "expires_at": expiry(gate, when) if gate else None})


async def _ended(context: RunContext) -> str | None:
    row = await context.store.row()
    return row.outcome if row is not None and row.final else None


async def _stored(context: RunContext, key: str) -> Decision | None:
    return next((d for d in await context.store.decisions() if d.id == key), None)


async def _lapse(context: RunContext, turn: Turn, decision: Decision, loaded: Loaded) -> None:
    """Before a gate is answered anew, the record says that its earlier answer is over."""
    over = [one for one in lapsed(loaded) if one.gate == decision.gate and decision.state != "refused"]
    envelopes = await context.store.envelopes() if over else {}
    for one in over:
        turn.restated.append(one.model_copy(update={"state": "expired"}))
        content: dict[str, Json] = {"decision": one.id, "state": "expired", "reason": one.reason}
        envelope = envelopes[one.id].sha256 if one.id in envelopes else None
        turn.entries.append(context.entry("decision_expired", turn, envelope=envelope, content=content))


async def _commit(
    context: RunContext,
    key: str,
    answer: Decides,
    decision: Decision,
    gate: Gate | None,
    loaded: Loaded,
    request: SigningRequest | None,
) -> None:
    turn = Turn(key=f"decision:{key}", at=loaded.now)
    await _lapse(context, turn, decision, loaded)
    envelope = await signed(context, decision, gate, loaded, answer.reason, request)
    turn.decisions.append(decision)
    turn.envelopes.append(envelope)
    row = await context.store.row()
    final = row is not None and row.final
    if not final:
        turn.events.append(Event(key, "decides", instant(loaded.now), answer.model_dump_json()))
    refused = decision.state == "refused"
    content: dict[str, Json] = {
        "gate": decision.gate,
        "decision": decision.decision,
        "state": decision.state,
        "reason": decision.reason,
        "binds": {
            "subject": decision.subject_sha256,
            "evidence": decision.evidence_digest,
            "lane": decision.lane,
            "audience": list(decision.audience),
            "policy": decision.policy_version,
            "values": dict(decision.bound),
        },
    }
    turn.entries.append(
        context.entry(
            "decision_refused" if refused else "decided",
            turn,
            actor=context.person(decision.by),
            base_revision=decision.artifact_sha256,
            closes=() if refused else (gate_item(decision.gate, decision.action, decision.target),),
            envelope=envelope.sha256,
            content={"decision": content},
        )
    )
    if refused:
        action = f"{decision.decision} {decision.gate}"
        turn.refusals.append(
            Refused(action, decision.by, decision.reason or "", row.turn if row else 0, instant(turn.at))
        )
    elif gate is not None:
        _choice(turn, decision, loaded)
    await context.store.commit(turn)


def _choice(turn: Turn, decision: Decision, loaded: Loaded) -> None:
    """A value chosen among the sides of an open contradiction changes the content: the next pass settles it."""
    if decision.choice is None or decision.decision != "approve":
        return
    for item in loaded.registers["contradictions"]:
        about, sides = getattr(item, "about", ""), getattr(item, "sides", [])
        if item.state != "open" or (decision.target and decision.target not in (item.id, about)):
            continue
        for side in sides:
            if str(side.value).casefold() == decision.choice.casefold():
                turn.work[f"settled:{about}"] = orjson.dumps({"value": str(side.value), "by": decision.by}).decode()
