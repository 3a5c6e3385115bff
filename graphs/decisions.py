"""A person's decision: checked, stored by compare-and-set, and only then does the graph wake (DESIGN.md §6)."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import orjson
from sqlalchemy.exc import IntegrityError

from agents.records import label_of
from casefile.gates import Decision, DecisionState, Standing, check, expiry
from casefile.packet import Decides
from casefile.rest import Rest, refusal, where
from casefile.scenario import Gate
from graphs.context import RunContext
from graphs.lanes import lane_of
from graphs.position import Loaded, bound_of, load, position_of
from graphs.signing import signed
from lineage.canonical import Json
from lineage.rules import gate_item
from runtime.clock import instant
from runtime.store.turn import Event, Refused, Turn


async def decide(context: RunContext, key: str, answer: Decides, at: datetime) -> Decision:
    """Store what a person answered. The same key again returns the first answer (R10).

    A decision that counts for nothing is stored too, with the reason: state `refused`.
    """
    before = await _stored(context, key)
    if before is not None:
        return before
    loaded = await load(context, at)
    row = await context.store.row()
    ended = row.outcome if row is not None and row.final else None
    decision, gate = _judge(context, key, answer, loaded, ended)
    try:
        await _commit(context, key, answer, decision, gate, loaded)
    except IntegrityError:
        # Somebody else's answer took the place between our look and our write: one winner, and we say who.
        loaded = await load(context, at)
        winner = next((d for d in loaded.decisions if d.slot == decision.slot), None)
        reason = f"already decided by {winner.by}" if winner else "already decided"
        decision = decision.model_copy(update={"state": "refused", "reason": reason, "slot": f"refused:{key}"})
        await _commit(context, key, answer, decision, gate, loaded)
    stored = await _stored(context, key)
    if stored is None:
        raise AssertionError(f"decision {key} was not stored")
    return stored


async def _stored(context: RunContext, key: str) -> Decision | None:
    return next((d for d in await context.store.decisions() if d.id == key), None)


def _judge(
    context: RunContext, key: str, answer: Decides, loaded: Loaded, ended: str | None
) -> tuple[Decision, Gate | None]:
    gate = context.scenario.gate(answer.gate)
    position = position_of(context, loaded)
    now = where(context.scenario, position)
    current = loaded.current
    subject = position.subjects.get(gate.subject_key, "") if gate else ""
    same = [d for d in loaded.decisions if d.gate == answer.gate and d.subject_sha256 == subject]
    over = {one.id for one in _lapsed(loaded)}
    standing_ones = [d for d in same if d.state in ("valid", "rejected") and d.id not in over]
    reason = check(
        answer,
        Standing(
            gate=gate,
            open_gate=_open_gate(now, answer.gate),
            refusal=refusal(gate, position.facts) if gate else None,
            person=position.person(answer.by),
            person_id=answer.by,
            at=loaded.now,
            requested_by=context.packet.requested_by,
            revision=current.revision if current else None,
            revisions={i.id: i.sha256 for i in loaded.evidence if i.prior}
            | {r.revision: r.sha256 for r in loaded.revisions},
            sha256=current.sha256 if current else None,
            facts=position.facts,
            people=position.people,
            expired=gate is not None and position.expired(gate),
            named=position.named,
            earlier=standing_ones,
            resting=now.reason,
            invited=gate is not None and position.invited(gate, answer.by),
            barred=position.barred(gate) if gate else {},
            on_table=position.about.get(gate.subject, "") if gate else "",
        ),
    ) or _not_offered(gate, answer, loaded)
    if ended is not None:
        reason = f"the run has ended: {ended}; its outcome is final"
        barred = refusal(gate, position.facts) if gate else None
        reason += f"; the gate may not be answered: {barred}" if barred else ""
    elif reason is not None and now.step == "rest" and reason.endswith("is not open"):
        reason = f"{reason}: {now.reason}"
    elif reason is not None and standing_ones and gate is not None and now.gate is not gate:
        reason = f"{reason}; it was decided by {standing_ones[-1].by}"
    if reason is not None:
        state, slot = "refused", f"refused:{key}"
    else:
        state = "rejected" if answer.decision == "reject" else "valid"
        # A decision whose time ran out keeps its place: the answer to the request made anew takes the next one.
        taken = sum(one.state != "refused" for one in same)
        about = (position.about.get(gate.subject) if gate else None) or answer.action or ""
        slot = f"{answer.gate}:{subject}:{about}:{answer.target or ''}:{taken}"
    decision = Decision(
        id=key,
        slot=slot[:400],
        gate=answer.gate,
        by=answer.by,
        decision=answer.decision,
        subject_sha256=subject,
        artifact_sha256=current.sha256 if current else None,
        revision=current.revision if current else None,
        evidence_digest=loaded.evidence_digest(),
        policy_version=context.policy_version,
        lane=gate.lane.id if gate and gate.lane else lane_of(context.scenario, current, answer.target),
        audience=gate.lane.audience if gate and gate.lane else context.scenario.lane.audience,
        at=loaded.now,
        expires_at=expiry(gate, loaded.now) if gate else None,
        action=answer.action or (position.about.get(gate.subject) if gate and reason is None else None),
        target=answer.target,
        choice=answer.choice,
        accepts=answer.accepts,
        bound=bound_of(gate, loaded) if gate is not None and gate.bound_fields else {},
        state=cast("DecisionState", state),
        reason=reason or answer.reason,
    )
    return decision, gate


def _not_offered(gate: Gate | None, answer: Decides, loaded: Loaded) -> str | None:
    """Why the option that the answer names cannot be approved, where the gate chooses among offered ones."""
    if gate is None or gate.choices != "offered" or answer.decision != "approve":
        return None
    offered = {label_of(name): reason for name, reason in loaded.offered.get(gate.name, {}).items()}
    names = [name for name in (answer.choice, answer.action) if name is not None]
    for named in names or [""]:
        reason = offered.get(label_of(named), "it is not among the options offered" if names else "")
        if reason:
            return f"{named}: {reason}" if named else reason
    return None


def _lapsed(loaded: Loaded) -> list[Decision]:
    """The decisions whose time is over at this moment, and of which no turn has said so yet. What was done under one
    keeps it valid."""
    used = {effect.subject_sha256 for effect in loaded.effects if effect.used}
    return [
        one
        for one in loaded.decisions
        if one.state == "valid"
        and one.expires_at is not None
        and one.expires_at <= loaded.now
        and one.subject_sha256 not in used
    ]


def _by_name(loaded: Loaded) -> dict[str, str]:
    """Every revision's hash by its name; prior ones keep theirs."""
    prior = {item.id: item.sha256 for item in loaded.evidence if item.prior}
    return prior | {revision.revision: revision.sha256 for revision in loaded.revisions}


def _open_gate(now: Rest, asked: str) -> str | None:
    """The gate that is answered where it may be, else the one that is open."""
    if asked in now.answerable:
        return asked
    return now.gate.name if now.step == "gate" and now.gate else None


async def _lapse(context: RunContext, turn: Turn, decision: Decision, loaded: Loaded) -> None:
    """Before a gate is answered anew, the record says that its earlier answer is over."""
    over = [one for one in _lapsed(loaded) if one.gate == decision.gate and decision.state != "refused"]
    envelopes = await context.store.envelopes() if over else {}
    for one in over:
        turn.restated.append(one.model_copy(update={"state": "expired"}))
        content: dict[str, Json] = {"decision": one.id, "state": "expired", "reason": one.reason}
        envelope = envelopes[one.id].sha256 if one.id in envelopes else None
        turn.entries.append(context.entry("decision_expired", turn, envelope=envelope, content=content))


async def _commit(
    context: RunContext, key: str, answer: Decides, decision: Decision, gate: Gate | None, loaded: Loaded
) -> None:
    turn = Turn(key=f"decision:{key}", at=loaded.now)
    await _lapse(context, turn, decision, loaded)
    envelope = await signed(context, decision, gate, loaded, answer.reason)
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
