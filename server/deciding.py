"""A person's answer to a gate: the case looked at again where time has passed, then stored by compare-and-set.

Who holds the key that he signs with answers through `server.countersigning`.
"""

from __future__ import annotations

from datetime import timedelta

from casefile.decisions import Decision
from casefile.packet import Decides, Passes, Step
from casefile.scenario import Gate
from runtime.clock import from_instant, instant
from runtime.errors import SigningError
from runtime.store import person_keys, run_list
from runtime.store.chain import head_of
from server import telemetry
from server.api.access import OnRun
from server.models.gates import DecisionIn, DecisionMade
from server.models.problem import Fault, RevisionName, Winner
from server.problems import Conflict, Forbidden, Gone, Unusable
from server.turns import desk, event_key
from server.views.mask import mask_for
from server.views.now import Now, look
from server.views.run import approval_view
from server.views.words import person_name


async def answer(on: OnRun, gate: Gate, body: DecisionIn, given: str) -> DecisionMade:
    """Store the answer. The same key again returns the first one.

    Raises Conflict (decided already, stale, not open), Gone, Forbidden, Unusable.
    """
    key = event_key(on, "decide", given)
    before = await decided(on, key)
    if before is not None:
        same(before, gate, body)
        return await answered(on, before, gate, await head_size(on))
    await fresh(on, gate, body)
    store = on.opened.context.store
    if await person_keys.held(store.database, store.tenant, on.actor) is not None:
        raise Conflict("you sign with a key that you hold: ask for what is to be signed, and send the signature")
    return await counted(on, gate, key, as_step(on, gate, body))


async def decided(on: OnRun, key: str) -> Decision | None:
    """The decision of that id, or None."""
    return next((one for one in await on.opened.context.store.decisions() if one.id == key), None)


async def fresh(on: OnRun, gate: Gate, body: DecisionIn) -> None:
    """Look at the case again, and at whether this can be an answer. Raises Unusable, Forbidden, Conflict."""
    await look_again(on)
    now = await look(on.opened.context, on.now)
    if gate.choices in ("offered", "recommended") and gate.name not in now.loaded.offered:
        # It waits since a version that did not store what may be chosen: one more look stores it.
        await look_again(on, at_once=True)
        now = await look(on.opened.context, on.now)
    _well_formed(now, gate, body)
    _capped(on, now, gate)


async def counted(on: OnRun, gate: Gate, key: str, answer: Decides) -> DecisionMade:
    """Have the answer judged and stored. Raises what `answer` raises."""
    store, size = on.opened.context.store, await head_size(on)
    try:
        await desk(on).submit(key, Step(at=on.now, decides=answer))
    except SigningError as error:
        raise Conflict(str(error), current=_current(await look(on.opened.context, on.now))) from error
    decision = await decided(on, key)
    if decision is None:
        raise AssertionError(f"decision {key} was not stored")
    telemetry.DECISIONS.labels(decision.state).inc()
    on.service.committed(store.tenant, store.run)
    return await answered(on, decision, gate, size)


async def head_size(on: OnRun) -> int:
    """How many entries the case has now."""
    store = on.opened.context.store
    head = await head_of(store.database, store.tenant, store.case)
    return head.size if head else 0


def as_step(on: OnRun, gate: Gate, body: DecisionIn) -> Decides:
    """The answer, by who is signed in."""
    return Decides(
        gate=gate.name,
        by=on.actor,
        decision=body.decision,
        revision=body.revision,
        action=body.action,
        target=body.target,
        choice=body.choice,
        accepts=body.accepts,
        reason=body.reason,
    )


def same(before: Decision, gate: Gate, body: DecisionIn) -> None:
    """An idempotency key is for one request: another one under it is a mistake, and is not taken for the first."""
    first = (before.gate, before.decision, before.choice, before.target, before.action, before.accepts)
    again = (gate.name, body.decision, body.choice, body.target, body.action, body.accepts)
    if first != again or body.revision not in (before.revision, before.artifact_sha256):
        fault = Fault(place="header.Idempotency-Key", expected="a fresh key: this one was used for another answer")
        raise Unusable(f"{fault.place}: {fault.expected}", [fault])


def _well_formed(now: Now, gate: Gate, body: DecisionIn) -> None:
    named = body.revision.startswith("sha256:") or any(r.revision == body.revision for r in now.loaded.revisions)
    if not named:
        raise _unusable("body.revision", f"a revision of this run; there is no {body.revision!r}")
    match gate.choices:
        case "offered" | "recommended":
            _takes_an_option(now, gate, body)
        case "contradiction_sides":
            sides = [
                str(getattr(side, "value", "")).casefold()
                for item in now.loaded.registers["contradictions"]
                if item.state == "open"
                for side in getattr(item, "sides", [])
            ]
            if body.choice is not None and body.choice.casefold() not in sides:
                raise _unusable("body.choice", "a side of an open contradiction")
        case None:
            if body.choice is not None:
                raise _unusable("body.choice", f"null: {gate.name} leaves nothing to choose")


def _takes_an_option(now: Now, gate: Gate, body: DecisionIn) -> None:
    """A person says by id which option he takes, in `choice` alone; whether he may take it is the gate's to say."""
    offered = [one.id for one in now.loaded.offered.get(gate.name, [])]
    if body.action is not None:
        raise _unusable("body.action", "null: the option stands in choice")
    silent = body.choice is None and (gate.choices == "recommended" or not offered)
    if body.decision == "approve" and not silent and body.choice not in offered:
        raise _unusable("body.choice", f"the option that is approved: one of {', '.join(offered)}")


def _capped(on: OnRun, now: Now, gate: Gate) -> None:
    """The roster may give a role that the directory does not: such an answer is not even recorded as this role's."""
    person = on.standing.person
    if person is not None and person.holds_at(gate.roles, now.at) and not set(gate.roles) & set(on.standing.roles):
        raise Forbidden(f"the directory gives you none of {', '.join(gate.roles)} in this tenant")


async def answered(on: OnRun, decision: Decision, gate: Gate, size: int) -> DecisionMade:
    """What became of it, after that many entries. Raises what says why it counts for nothing."""
    context = on.opened.context
    if decision.state == "refused":
        await _refused(on, decision, gate)
    shown = approval_view(context.packet, decision, await mask_for(context, on.standing.view))
    return DecisionMade(run=context.store.run, event=decision.id, lineage=size, decision=shown)


async def _refused(on: OnRun, decision: Decision, gate: Gate) -> None:
    """Why it counts for nothing, as a status: whose fault it is decides."""
    now = await look(on.opened.context, on.now)
    reason = decision.reason or "it counts for nothing"
    person = on.standing.person
    if person is None or not person.holds_at(gate.roles, on.now) or person.id in now.position.barred(gate):
        raise Forbidden(reason)
    until = now.position.open_until(gate)
    if until is not None and on.now >= until:
        raise Gone(f"the request at {gate.name} expired at {instant(until)}")
    raise Conflict(reason, winner=_winner(on, now, gate), current=_current(now))


def _winner(on: OnRun, now: Now, gate: Gate) -> Winner | None:
    """The answer that counts: at this gate for what is current, else the last one that counted at all."""
    counted = [o for o in now.loaded.decisions if o.gate == gate.name and o.state in ("valid", "rejected", "void")]
    standing = now.answers(gate) or counted
    if not standing:
        return None
    one = standing[-1]
    return Winner(
        by=one.by,
        name=person_name(on.opened.context.packet, one.by),
        decision=one.decision,
        at=instant(one.at),
        revision=one.revision,
    )


def _current(now: Now) -> RevisionName | None:
    current = now.loaded.current
    return RevisionName(revision=current.revision, sha256=current.sha256) if current is not None else None


async def look_again(on: OnRun, *, at_once: bool = False) -> None:
    """Let time pass in the run before a decision is judged: freshness and validity are those of now, not of the last
    turn (R2). Waits until the run rests. Raises Conflict where it is still at work then.
    """
    store = on.opened.context.store
    row = await store.row()
    if row is None or row.final or row.status == "failed":
        return
    looked = await run_list.last_looked(store.database, store.tenant, store.run)
    age = on.now - from_instant(looked) if looked is not None else timedelta.max
    # Where time alone can open a hold, no check is young enough: `submit` then looks at the clock itself.
    if at_once or age >= timedelta(seconds=on.service.settings.tick_seconds):
        await desk(on).submit(f"tick:{instant(on.now)}", Step(at=on.now, passes=Passes()))
    await desk(on).drive()


def _unusable(place: str, expected: str) -> Unusable:
    return Unusable(f"{place}: {expected}", [Fault(place=place, expected=expected)])
