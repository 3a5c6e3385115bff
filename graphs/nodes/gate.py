"""Shared nodes at the end of every graph: settle where the run stands, wait, release."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import orjson
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from casefile.evidence import Evidence
from casefile.registers import Hold
from casefile.release import Authority, Shipment, authority, manifest
from casefile.rest import Position, Rest, restated, where
from graphs.context import RunContext, State
from graphs.position import APART, OPENED, WAITING, Loaded, load, loaded, position_of
from graphs.stating import entered
from lineage.canonical import Json, canonical, digest_bytes
from lineage.rules import APART as SEPARATOR
from lineage.rules import apart_item, gate_item
from runtime.clock import from_instant, instant
from runtime.store.turn import Event, OutboxRow, Refused, Turn

NO_APPROVER = "no_eligible_approver"
# A run that is due to act after all goes back to where that is settled.
_AFTER_NO_RELEASE = {"gate": "gate", "act": "receive"}


async def settle(state: State, runtime: Runtime[RunContext]) -> State:
    """Decide from the store alone what comes next, and close the event.

    Whatever came meanwhile is looked at first: a decision is not acted upon while the inbox holds a newer fact (R2).
    """
    context = runtime.context
    standing = await context.store.standing()
    row, event = standing.row, standing.event
    if row is None or row.final:
        return await _after_the_end(state, context, event)
    if event is not None and event.seq != state.get("event"):
        return {"next": "receive"}
    found = await loaded(context, standing.record, from_instant(state.get("at", row.clock)))
    position = position_of(context, found)
    rest = where(context.scenario, position)
    if event is None:  # this event was settled before a crash: only the way on from here is asked again
        return {"next": "end" if rest.final else rest.step}
    turn = context.turn(state, "settle")
    turn.handled.append(state["event"])
    turn.restated = restated(context.scenario, position)
    envelopes = await context.store.envelopes() if turn.restated else {}
    for decision in turn.restated:
        content = {"decision": decision.id, "state": decision.state, "reason": decision.reason}
        # The envelope's hash says in the header, which has no content, which decision has lapsed.
        envelope = envelopes[decision.id].sha256 if decision.id in envelopes else None
        turn.entries.append(context.entry(f"decision_{decision.state}", turn, envelope=envelope, content=content))
    _approver_hold(context, found, rest, turn)
    ledger(context, found, rest, turn, position, opened=row.gate)
    await context.store.commit(turn)
    if await context.store.next_event() is not None:
        return {"next": "receive"}
    if rest.step == "rest" and rest.final:
        return {"next": "end"}
    return {"next": rest.step}


async def _after_the_end(state: State, context: RunContext, event: Event | None) -> State:
    """What reached the inbox while the run was ending is refused on the record; a final outcome never changes."""
    if event is None:
        return {"next": "end"}
    turn = Turn(key=f"{event.seq}:after_the_end", at=from_instant(event.at), handled=[event.seq])
    if event.kind != "decides":  # a decision that came too late says so itself
        reason = "the run has ended; its outcome is final"
        turn.refusals.append(Refused(event.kind, "system", reason, event.seq, event.at))
        turn.entries.append(context.entry("refused", turn, content={"reason": reason}))
    await context.store.commit(turn)
    return {"next": "receive" if await context.store.next_event() is not None else "end"}


def _approver_hold(context: RunContext, loaded: Loaded, rest: Rest, turn: Turn) -> None:
    """A gate that nobody on the roster can answer is a hold, not a wait (contract §4)."""
    standing = loaded.registers["holds"]
    ours = [item for item in standing if isinstance(item, Hold) and item.kind == NO_APPROVER]
    others = [item for item in standing if item not in ours]
    found = []
    for gate in rest.unmanned:
        found.append(
            Hold(
                key=f"{NO_APPROVER}:{gate.name}",
                kind=NO_APPROVER,
                trigger="no eligible approver",
                effect=f"{gate.name} cannot be answered",
                about=gate.name,
                detail=f"nobody on the roster holds {', '.join(gate.roles)} at {instant(loaded.now)}",
            )
        )
    if found or any(item.state == "open" for item in ours):
        turn.registers["holds"] = entered("holds", standing, [*others, *found])


def _keep_apart(context: RunContext, loaded: Loaded, rest: Rest, turn: Turn, position: Position) -> None:
    """Whom the duties keep apart from the gates that may be answered now stands in a header before anybody answers: so
    also who sees nothing but headers can tell that nobody approved what he asked for or proposed (R11)."""
    wanted, why = set[str](), dict[str, Json]()
    for gate in (one for one in context.scenario.gates if one.name in rest.answerable):
        item = gate_item(gate.name, position.about.get(gate.subject))
        for person, reason in position.apart(gate).items():
            wanted.add(apart_item(item, person))
            why[f"{gate.name}: {person}"] = reason
    # What was said of a gate that nobody may answer now stands until it may be answered again.
    asked = tuple(f"{gate_item(name)}{end}" for name in rest.answerable for end in (":", SEPARATOR))
    over = [one for one in loaded.apart if one.startswith(asked) and one not in wanted]
    fresh = sorted(wanted.difference(loaded.apart))
    if not fresh and not over:
        return
    turn.work[APART] = orjson.dumps(sorted({*loaded.apart, *fresh}.difference(over))).decode()
    content: dict[str, Json] = {"apart": why}
    entry = context.entry("duties_separated", turn, opens=tuple(fresh), closes=tuple(over), content=content)
    turn.entries.append(entry)


def ledger(context: RunContext, loaded: Loaded, rest: Rest, turn: Turn, position: Position, opened: str | None) -> None:
    """What the run ledger says from now on, and the lineage of a gate that opened or an outcome that was reached."""
    current = loaded.current
    new = current.sha256 if current else None
    _keep_apart(context, loaded, rest, turn, position)
    if rest.step == "gate" and rest.gate is not None:
        if opened != f"{rest.gate.name}@{new}":
            opening: dict[str, Json] = {
                "gate": rest.gate.name,
                "roles": list(rest.gate.roles),
                "binds": list(rest.gate.binds),
            }
            opens = (gate_item(rest.gate.name),)
            turn.entries.append(context.entry("gate_opened", turn, base_revision=new, opens=opens, content=opening))
            turn.run["gate_opened_at"] = instant(turn.at)
        for gate in (rest.gate, *rest.beside):
            if position.asked(gate) not in position.opened:
                turn.work[OPENED + position.asked(gate)] = instant(turn.at)
        turn.work[WAITING] = orjson.dumps([gate.name for gate in (rest.gate, *rest.beside)]).decode()
        turn.run |= {"status": "waiting", "outcome": None, "final": False, "gate": f"{rest.gate.name}@{new}"}
        return
    turn.run["gate"] = None
    if rest.step in ("release", "act"):
        # Said before the acting step runs: after a crash between the two, this run is found again.
        turn.run["status"] = "working"
        return
    name = rest.outcome_name or context.scenario.outcome(rest.outcome).name
    turn.run |= {"status": "finished", "outcome": name, "final": rest.final}
    content: dict[str, Json] = {"outcome": name, "reason": rest.reason, "final": rest.final}
    turn.entries.append(context.entry("outcome", turn, base_revision=new, content=content))
    turn.seal = rest.final


async def gate(state: State) -> State:
    """Wait for a person. The value that wakes it is only a wake-up; the decision is read from the store."""
    interrupt({"waiting": "gate"})
    return {"next": "receive"}


async def rest(state: State) -> State:
    """Rest at an outcome that is not final: evidence, people, chat or time may still change it."""
    interrupt({"waiting": "change"})
    return {"next": "receive"}


async def release(state: State, runtime: Runtime[RunContext]) -> State:
    """The only step with an effect. It checks everything again, against the store, and then writes the outbox row.

    The row's idempotency key is lane and content: the same content enters a lane once, whatever runs twice (R10).
    """
    context = runtime.context
    loaded = await load(context, context.now(state))
    position = position_of(context, loaded)
    now = where(context.scenario, position)
    current = loaded.current
    intact = current is not None and current.intact
    grounds = authority(context.scenario, position, loaded.configuration) if intact else None
    turn = context.turn(state, "release")
    attached = await attachments(context, loaded)
    if now.step == "release" and (current is None or grounds is None or attached is None):
        now = _withheld(context, "the packet to embed is not what was frozen" if attached is None else "no authority")
    if now.step != "release" or current is None or grounds is None or attached is None:
        ledger(context, loaded, now, turn, position, opened=None)
        await context.store.commit(turn)
        return {"next": "end" if now.final else _AFTER_NO_RELEASE.get(now.step, "rest")}
    outcome = context.scenario.outcome(now.outcome)
    lane = grounds.decisions[-1].lane if grounds.decisions else context.scenario.lane.id
    body = _entry(context, loaded, grounds, lane, attached)
    turn.outbox.append(OutboxRow(f"{context.store.run}:{lane}:{current.sha256}", lane, body))
    turn.run |= {"status": "finished", "outcome": outcome.name, "final": outcome.final, "gate": None}
    content = {"lane": lane, "outcome": outcome.name, "manifest": digest_bytes(body)}
    # Where no gate was due, the header itself names the standing approval, by the hash of what was approved.
    standing = (loaded.configuration["sha256"],) if grounds.under else ()
    turn.entries.append(
        context.entry("released", turn, base_revision=current.sha256, citations=standing, content=content)
    )
    turn.seal = outcome.final
    await context.store.commit(turn)
    return {"next": "end" if outcome.final else "rest"}


def _withheld(context: RunContext, reason: str) -> Rest:
    """The rest of a release that may not happen: where the run rests while its releasing gate cannot be answered."""
    kind = next(one.rests_at for one in context.scenario.gates if one.releases and one.opens_when is not None)
    return Rest("rest", outcome=kind, reason=f"nothing left: {reason}")


async def attachments(context: RunContext, loaded: Loaded) -> list[tuple[Evidence, bytes]] | None:
    """The packets that leave with the artifact, as the ledger froze them. None where one is gone or is not its hash."""
    ledger = {item.id: item for item in loaded.evidence}
    found = []
    for name in loaded.attach:
        item = ledger.get(name)
        if item is None or item.withdrawn:
            return None
        data = await context.store.blob(item.sha256)
        if digest_bytes(data) != item.sha256:
            return None
        found.append((item, data))
    return found


def _entry(
    context: RunContext, loaded: Loaded, grounds: Authority, lane: str, attached: Sequence[tuple[Evidence, bytes]]
) -> bytes:
    """The lane's line: the manifest, exactly the content that was approved, and the packets that it embeds."""
    current = loaded.current
    if current is None:
        raise AssertionError("a release without a revision")
    shipment = Shipment(
        lane=lane,
        at=instant(loaded.now),
        evidence_digest=loaded.evidence_digest(),
        policy_version=context.policy_version,
        attached=[item for item, _ in attached],
        open_holds=[item.id for item in loaded.registers["holds"] if item.state == "open"],
    )
    shown = manifest(context.scenario, current, grounds, shipment)
    packets: list[Json] = [
        {"id": item.id, "name": item.file, "sha256": item.sha256, **_embedded(data)} for item, data in attached
    ]
    line = {**shown, "manifest_sha256": digest_bytes(canonical(shown)), "content": current.artifact.content()}
    return canonical(line | ({"packets": packets} if packets else {}))


def _embedded(data: bytes) -> dict[str, Json]:
    """Text as it is, anything else in base64: the bytes that the hash names can be made again from either."""
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}
