"""What is to be done on the calendar of a bridge next: look, hold, confirm or take back; one thing at a time.

The agent holds and takes back by delegation of the card, and within its bounds: only a slot that meets every hard
constraint, only the people of the proposal, never without an expiry, never beside another hold of its own. It confirms
only what a person approved. The run knows its holds by its own effects; what the calendar says is read back each time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from agents.bridge_plan import Plan
from agents.bridge_reads import ASK, PASSED, calendar_of, last_read, passed
from agents.bridge_slots import Slot
from agents.case_view import CaseView
from casefile.actions import Due, Limits, PlannedAction
from casefile.effects import Effect
from lineage.canonical import Json, digest
from runtime.clock import from_instant, instant
from tools.calendars.hold import Hold
from tools.systems import System

AGAIN = timedelta(seconds=60)
_PLACE, _CONFIRM, _RELEASE = "place_hold", "confirm_hold", "release_hold"
_ATTEMPTS = 5
_LETTERS = str.maketrans("0123456789", "ghjkmnpqrs")


@dataclass(slots=True)
class Holding:
    """Where the run stands with its holds. `placed` is the one that stands for the proposed slot."""

    system: System | None = None
    placed: Effect | None = None
    confirmed: Effect | None = None
    due: Due | None = None
    signals: list[tuple[str, str]] = field(default_factory=list)
    deadlines: list[datetime] = field(default_factory=list)
    keep: dict[str, str] = field(default_factory=dict)

    def say(self, name: str, detail: str) -> None:
        """A signal about the calendar."""
        self.signals.append((name, detail))


def holding(view: CaseView, found: Plan, expires: datetime, *, late: bool, confirm_gate: str) -> Holding:
    """The next step. Taking back comes before holding anew: nobody is held for two slots of one bridge."""
    this = Holding(calendar_of(view))
    if this.system is None:
        return this
    this.keep[PASSED] = passed(view)
    holds = _standing(view)
    this.confirmed = next(
        (one for one in view.effects if one.due.action.kind == _CONFIRM and one.state == "done"), None
    )
    if this.confirmed is not None:
        return this
    doubt = next((e for e in view.effects if e.due.action.kind == _CONFIRM and e.state == "in_doubt"), None)
    if doubt is not None:
        this.say("hold_in_doubt", f"whether {doubt.due.action.object} was confirmed on the calendar is not known")
        return this
    rejected = any(one.state == "rejected" for one in view.decisions)
    over = late or rejected
    wanted = None if over else found.best
    kept = [one for one in holds if one.state == "done" and not _lost(view, this, one)]
    this.placed = next((one for one in kept if _is_for(one, wanted, expires)), None)
    stale = [one for one in holds if one is not this.placed]
    if rejected and not late:
        this.placed = _as_rejected(view, found, expires)
    if stale:
        _release(view, this, stale[0])
    elif over or _unread(view, found, this, confirm_gate):
        return this
    elif this.placed is not None:
        _confirm(view, this, this.placed, confirm_gate)
    elif wanted is not None:
        _place(view, this, wanted, expires)
    return this


def _as_rejected(view: CaseView, found: Plan, expires: datetime) -> Effect | None:
    """The hold in the proposal that was rejected: what was rejected stays as it was read."""
    placed = [one for one in view.effects if one.due.action.kind == _PLACE and _is_for(one, found.best, expires)]
    return placed[-1] if placed else None


def _standing(view: CaseView) -> list[Effect]:
    """The holds that stand on the calendar, or may: placed or in doubt, and not taken back."""
    gone = {one.due.action.object for one in view.effects if one.due.action.kind == _RELEASE and one.state == "done"}
    return [
        one
        for one in view.effects
        if one.due.action.kind == _PLACE and one.state in ("done", "in_doubt") and one.due.action.object not in gone
    ]


def _lost(view: CaseView, this: Holding, placed: Effect) -> bool:
    """Whether a hold was found changed or gone when it was to be confirmed."""
    failed = [one for one in view.effects if one.due.action.kind == _CONFIRM and one.state == "failed"]
    if any(one.due.action.object == placed.due.action.object for one in failed):
        return True
    number = 0
    while body := view.kept.get(f"observed:{_confirming(view, this, placed, number).core()}"):
        if orjson.loads(body)["state"]:
            return True
        number += 1
    return False


def own_holds(view: CaseView) -> frozenset[str]:
    """The UIDs of every hold that this run ever wrote."""
    return frozenset(one.due.action.object for one in view.effects if one.due.action.kind == _PLACE)


def _is_for(effect: Effect, slot: Slot | None, expires: datetime) -> bool:
    if slot is None:
        return False
    hold = Hold.of(effect.due.action.body)
    same = (hold.start, hold.end, hold.expires_at) == (slot.start, slot.end, expires)
    return same and dict(hold.attendees) == dict(slot.attendees)


def _unread(view: CaseView, found: Plan, this: Holding, confirm_gate: str) -> bool:
    """Whether the calendars have to be read before anything is held or confirmed.

    They are read at first, after time passed, after a hold was lost to others, and after an approval: right before the
    slot is confirmed (card, steps).
    """
    windows = [one.window for one in found.wishes if one.window is not None]
    if not found.people or not windows:
        return False
    read = last_read(view.kept)
    approvals = [one.id for one in view.decisions if one.gate == confirm_gate and one.counts()]
    lost = [one.idempotency_key for one in view.effects if one.due.action.kind == _PLACE and one.state == "failed"]
    because = digest({"approvals": list[Json](approvals), "lost": list[Json](lost), "passed": passed(view)})
    for who, problem in read.problems.items() if read is not None else ():
        this.say("calendar_unreachable", f"{who}: {problem}")
    if read is not None and read.problems:
        this.deadlines.append(read.at + AGAIN)
    if read is not None and read.because == because:
        return False
    day = timedelta(days=1)
    ask = {
        "people": sorted({one.who for one in found.people if "@" in one.who}),
        "since": instant(min(one.start for one in windows) - day),
        "until": instant(max(one.end for one in windows) + day),
        "own": sorted(own_holds(view)),
        "kinds": sorted(found.kinds),
        "because": because,
    }
    this.keep[ASK] = orjson.dumps(ask).decode()
    this.say("calendar_unread", "free-busy and the holds of other bridges are read")
    return True


def _ended(effect: Effect) -> datetime:
    return effect.done_at or effect.sent_at or effect.planned_at


def _place(view: CaseView, this: Holding, slot: Slot, expires: datetime) -> None:
    tried = [one for one in view.effects if one.due.action.kind == _PLACE and one.state == "failed"]
    same = [one for one in tried if _is_for(one, slot, expires)]
    earlier = [one for one in view.effects if one.due.action.kind == _PLACE and _is_for(one, slot, expires)]
    if len(same) >= _ATTEMPTS:
        this.say("hold_not_placed", f"the slot was taken by others {len(same)} times: {same[-1].reason}")
        return

    def action(number: int) -> PlannedAction:
        seed = digest(
            {
                "run": view.run,
                "start": instant(slot.start),
                "end": instant(slot.end),
                "expires": instant(expires),
                "attendees": dict(slot.attendees),
                "number": number,
            }
        )
        uid = f"casegate-{seed[7:39].translate(_LETTERS)}"
        hold = Hold(uid, view.packet.case, slot.start, slot.end, expires, dict(slot.attendees))
        body = hold.state()
        return _action(view, this, _PLACE, uid, body, "hold", before={"exists": False}, expect=body, claim=True)

    _next(view, this, "hold_due", action, len(earlier))
    if this.due is not None and not slot.feasible:
        # A slot that leadership let through may be held: the exception is a person's decision, and is on record.
        this.due.checks.append("allowed by leadership although it is out of policy")


def _release(view: CaseView, this: Holding, effect: Effect) -> None:
    uid = effect.due.action.object
    tried = [one for one in view.effects if one.due.action.kind == _RELEASE and one.due.action.object == uid]
    latest = max((_ended(one) + AGAIN for one in tried), default=None)
    if latest is not None and view.now < latest:
        this.say("release_waits", f"{uid} could not be taken back: {tried[-1].reason}")
        this.deadlines.append(latest)
        return

    def action(number: int) -> PlannedAction:
        return _action(
            view, this, _RELEASE, uid, None, f"release {number}", before={"uid": uid}, expect={"exists": False}
        )

    _next(view, this, "release_due", action, len(tried))
    if this.due is None:
        this.say("release_waits", f"{uid} could not be taken back: the calendar does not answer")


def _confirm(view: CaseView, this: Holding, placed: Effect, gate: str) -> None:
    _next(view, this, "confirm_ready", lambda number: _confirming(view, this, placed, number), 0, gates=[gate])


def _confirming(view: CaseView, this: Holding, placed: Effect, number: int) -> PlannedAction:
    held = dict(placed.due.action.body)
    body = {**held, "status": "CONFIRMED"}
    return _action(view, this, _CONFIRM, held["uid"], body, f"confirm {number}", before=held, expect=body)


def _next(
    view: CaseView,
    this: Holding,
    signal: str,
    make: Callable[[int], PlannedAction],
    first: int,
    gates: Sequence[str] = (),
) -> None:
    """The action as the next attempt; none while the calendar did not answer a moment ago."""
    number = first
    while (observed := view.kept.get(f"observed:{make(number).core()}")) is not None:
        told = orjson.loads(observed)
        again = from_instant(told["at"]) + AGAIN
        if view.now < again:
            this.say("calendar_unreachable", str(told["reason"]))
            this.deadlines.append(again)
            return
        number += 1
    action = make(number)
    delegated = "" if gates else f"{view.scenario.data['delegation']}@{view.scenario.version}"
    this.due = Due(
        action=action,
        binding={"action": action.content, "system": action.system, "policy": view.policy_version},
        gates=list(gates),
        revision_gates=list(gates),
        windowed=False,
        limits=Limits(retry_limit=2, wait_seconds=2),
        policy=view.policy_version,
        checks=[
            "tentative until a person confirms it",
            "expires by itself",
            "the people of the proposal, and nobody else",
        ],
        under=delegated,
    )
    this.say(signal, action.title)


def _action(
    view: CaseView,
    this: Holding,
    kind: str,
    uid: str,
    body: dict[str, Any] | None,
    step: str,
    *,
    before: dict[str, Any],
    expect: dict[str, Any],
    claim: bool = False,
) -> PlannedAction:
    if this.system is None:
        raise AssertionError("an action without a calendar")
    titles = {_PLACE: "Hold the slot", _CONFIRM: "Confirm the hold", _RELEASE: "Take the hold back"}
    return PlannedAction(
        id=f"{step.replace(' ', '-')}-{uid[9:17]}",
        kind=kind,
        title=f"{titles[kind]} ({uid})",
        system=this.system.id,
        object=uid,
        method="DELETE" if kind == _RELEASE else "PUT",
        path=f"/{uid}.ics",
        body=body,
        read_method="CLAIM" if claim else "GET",
        read_path=f"/{uid}.ics",
        before=before,
        expect=expect,
        idempotent=True,
        key=uid if kind == _PLACE else f"{uid}:{step.replace(' ', ':')}",
        content={"kind": kind, "uid": uid, "hold": body or {}, "step": step},
    )
