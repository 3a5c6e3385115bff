"""Pattern: a slot is found between calendars, held reversibly, confirmed by a person; what has no slot is escalated."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from agents.bridge_exhibits import exhibits
from agents.bridge_holds import Holding, holding, own_holds
from agents.bridge_plan import Plan, kept_slot, plan, shown
from agents.bridge_reads import last_read
from agents.bridge_record import record, unconfirmed, zones
from agents.bridge_substitutes import GRANTED, OFFERED, WANTED, Substitution, dumped, kept_one
from agents.bridge_told import TOLD, dumped_times
from agents.case_view import Assessment, CaseView
from casefile.gates import Offer
from graphs import skeleton
from graphs.governed_pass import Pattern
from graphs.nodes import holding as holding_node
from lineage.canonical import Json
from runtime.clock import from_instant, instant
from tools.readers import line_spans

_MOST = 40
CONFIRM, EXCEPTION = "slot_and_attendee_confirmation", "substitution_or_exception"


def build() -> Any:
    """The graph, uncompiled."""
    nodes = {"act": holding_node.act}
    return skeleton.build(Pattern(assess=assess, weighs_chat=True, weighs_decisions=True, nodes=nodes))


def assess(view: CaseView) -> Assessment:
    """Search under the present roster, calendars, windows and clock."""
    done = Assessment()
    since = kept_slot(view.kept, "since") or view.now
    expires = since + timedelta(minutes=float(view.parameters["escalation_sla_minutes"]))
    allowed = kept_slot(view.kept, "allowed") or _allowed(view)
    chosen = _chosen(view) or kept_slot(view.kept, "chosen")
    granted = _granted(view) or kept_one(view.kept, GRANTED)
    found = plan(view, allowed=allowed, chosen=chosen, granted=granted)
    late = view.now >= expires and (found.best is not None or bool(own_holds(view)))
    held = holding(view, found, expires, late=late, confirm_gate=CONFIRM)
    late = late and held.confirmed is None
    done.due = held.due
    done.findings.changes |= {*held.deadlines, expires}
    done.keep |= held.keep | {"since": _dumped(since)}
    for name, at in (("allowed", allowed), ("chosen", chosen)):
        if at is not None:
            done.keep[name] = _dumped(at)
    people = ((GRANTED, granted), (WANTED, found.wanted), (OFFERED, found.offered))
    done.keep |= {name: dumped(one) for name, one in people if one is not None}
    if found.possible is not None:
        done.keep["possible"] = _dumped(found.possible.start)
    record(view, found, done, expires=expires, released=late, held=held)
    done.exhibits = exhibits(found, done.sections, expires=expires, released=late, held=held)
    if found.in_chat or TOLD in view.kept:
        done.keep[TOLD] = dumped_times(found.in_chat)
    _room(view, found, done)
    done.subjects["exception"] = _proposed(found, allowed, granted)
    done.offered = {CONFIRM: _slots(found), EXCEPTION: _exceptions(found)}
    for name, detail in held.signals:
        done.findings.signal(name, "calendar", detail)
    _signals(view, found, done, held, late=late)
    return done


def _dumped(at: datetime) -> str:
    return orjson.dumps(at.isoformat()).decode()


def _approved(view: CaseView) -> str | None:
    """What leadership last approved at the gate for exceptions, by its id."""
    return next((one.choice or "" for one in reversed(view.decisions) if one.gate == EXCEPTION and one.counts()), None)


def _allowed(view: CaseView) -> datetime | None:
    """The out-of-policy slot that leadership let through: the one that was proposed to it."""
    possible, approved = kept_slot(view.kept, "possible"), _approved(view)
    return possible if possible is not None and approved in ("", instant(possible)) else None


def _granted(view: CaseView) -> Substitution | None:
    """The substitute whom leadership approved: the one that was proposed to it."""
    approved = _approved(view)
    asked = [kept_one(view.kept, name) for name in (WANTED, OFFERED)]
    return next((one for one in asked if one is not None and one.clear and approved == one.name), None)


def _proposed(found: Plan, allowed: datetime | None, granted: Substitution | None) -> dict[str, Json]:
    """What an exception is about: the one slot and the substitute, before and after leadership approved them."""
    slot = allowed or (found.possible.start if found.possible is not None else None)
    person = found.wanted or granted or found.stand_in
    told: dict[str, Json] = {"slot": instant(slot) if slot is not None else ""}
    return told | {"role": person.role if person else "", "substitute": (person.who or person.name) if person else ""}


def _slots(found: Plan) -> list[Offer]:
    """The slots that a confirmation may name: the proposed one, its fallbacks, others that meet every constraint."""
    listed = [*([found.best] if found.best else []), *found.fallback]
    listed += [slot for slot in found.slots if slot.feasible and slot not in listed][:_MOST] if listed else []
    return [
        Offer(
            id=instant(slot.start),
            name="; ".join(shown(slot.start, zone) for zone in zones(found)),
            also=(f"slot {n}", *_ways(slot.start, zones(found))),
            recommended=n == 1,
        )
        for n, slot in enumerate(listed, 1)
    ]


def _ways(at: datetime, areas: list[str]) -> list[str]:
    """How a person may write a start: in UTC, or in a zone of the proposal with its name or offset."""
    local = [at.astimezone(ZoneInfo(zone)) for zone in areas]
    written = [
        f"{at:%Y-%m-%dT%H:%MZ}",
        f"{at:%Y-%m-%d %H:%M}",
        f"{at:%Y-%m-%d %H:%M} UTC",
        f"{at:%H:%M} UTC",
        f"{at:%H:%MZ}",
    ]
    for one in local:
        written += [one.isoformat(), f"{one:%Y-%m-%d %H:%M} {one.tzname()}", f"{one:%H:%M} {one.tzname()}"]
    return written


def _exceptions(found: Plan) -> list[Offer]:
    """What leadership may approve: the one out-of-policy slot, or the substitute whom it wants."""
    offers = []
    if found.possible is not None:
        start, areas = found.possible.start, zones(found)
        name = "; ".join(shown(start, zone) for zone in areas)
        offers.append(Offer(id=instant(start), name=name, also=("slot", *_ways(start, areas))))
    named = found.wanted or found.stand_in
    if named is not None:
        barred = "" if named.clear else "which required role he takes over, or who he is, is not clear"
        also = tuple(one for one in (named.who, f"substitute {named.name}") if one)
        said = named.shown if named is found.wanted else named.told
        offers.append(Offer(id=named.name, name=said, also=also, barred=barred))
    return [one.model_copy(update={"recommended": len(offers) == 1 and not one.barred}) for one in offers]


def _chosen(view: CaseView) -> datetime | None:
    """The slot that the confirmer named in place of the proposed one."""
    named = next((one.choice for one in reversed(view.decisions) if one.gate == CONFIRM and one.counts()), None)
    return from_instant(named) if named else None


def _room(view: CaseView, found: Plan, done: Assessment) -> None:
    """What is typed in the room about people and times is kept beside, unconfirmed."""
    pattern = re.compile(view.scenario.data["room"], re.IGNORECASE)
    told = {one.where for one in found.in_room}
    for item in view.of(*view.scenario.data["systems"]["room"]):
        for span in [*view.readings(item.id).spans, *line_spans(view.readings(item.id))]:
            if pattern.search(span.text) or f"{item.id} {span.locator}" in told:
                done.findings.exceptions.append(unconfirmed(view, item.id, span.locator, span.text.strip()))


def _signals(view: CaseView, found: Plan, done: Assessment, held: Holding, *, late: bool) -> None:
    findings, asked = done.findings, found.request
    if found.wanted is not None:
        findings.signal("substitution_wanted", found.wanted.role or "roles", found.wanted.shown)
        if not found.wanted.clear:
            findings.signal("roles_unclear", found.wanted.name, f"{found.wanted.shown}: accountability is not clear")
    if not asked.roles:
        findings.signal("roles_unclear", "roles", "the ticket names no required roles")
    for text, cited in asked.unknown.items() if asked.roles else ():
        detail = f"“{text}” is required, and no role of a bridge is called so"
        findings.signal("role_uncovered", text, detail, [cited])
    if asked.call_at is None:
        findings.signal("update_time_unknown", "update call", "the promised customer-update time is not known")
    if not any(one.window is not None for one in found.wishes):
        detail = "; ".join(f"“{w.text}”: {w.problem}" for w in found.wishes) or "no window of the customer was found"
        findings.signal("customer_window_unclear", "customer", detail, [w.citation for w in found.wishes])
    # Where there is a slot, everybody whom it needs is known to be free.
    for who in found.unknown if found.best is None and (held.system is None or last_read(view.kept)) else ():
        findings.signal("calendar_unknown", who, f"{found.lacking(who)}: unknown is not free")
    if late:
        findings.signal("holds_expired", "holds", "nobody confirmed within the escalation SLA; the holds are released")
    if held.system is not None and not last_read(view.kept):
        return  # nothing is concluded from calendars that were not looked at yet
    if found.best is not None:
        # Where a calendar takes the holds, a slot is held when the calendar says so, and not before.
        if held.system is None or held.placed is not None or held.confirmed is not None:
            findings.signal("slot_held", "slot", f"held: {found.best.start:%Y-%m-%dT%H:%M:%SZ}")
        return
    kinds = {one.kind for slot in [*found.slots, *found.beyond] for one in slot.obstacles}
    uncovered = [role for role in asked.roles if found.never_covered(role)]
    for role in uncovered:
        findings.signal("role_uncovered", role, f"{role.replace('_', ' ')}: nobody is available in any window")
    named = found.stand_in
    if named is not None:
        findings.signal("substitute_offered", named.role, named.told)
    if found.asked_outside:
        detail = "; ".join(str(one) for one in found.beyond[0].obstacles)
        findings.signal("out_of_policy", "slot", f"{found.beyond[0].start:%Y-%m-%dT%H:%M:%SZ}: {detail}")
    elif found.possible is not None and any(one.kind == "night" for one in found.possible.obstacles):
        findings.signal("only_at_night", "slot", f"{found.possible.start:%Y-%m-%dT%H:%M:%SZ} crosses protected hours")
    elif found.possible is not None:
        detail = "; ".join(str(one) for one in found.possible.obstacles)
        findings.signal("out_of_policy", "slot", f"{found.possible.start:%Y-%m-%dT%H:%M:%SZ}: {detail}")
    findings.signal("no_slot", "slot", f"no slot meets every constraint: {', '.join(sorted(kinds)) or 'no window'}")
