"""The scheduling proposal: coverage, slots in every zone, checks, holds with their expiry, the invite draft.

Timing and roles only: no titles of calendars, no incident narrative, nothing of private appointments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from agents.bridge_holds import Holding
from agents.bridge_inputs import DELEGATE, Person, says
from agents.bridge_plan import Plan, shown
from agents.bridge_slots import Slot
from agents.case_view import Assessment, CaseView
from agents.figures import Figure
from agents.material import Findings, step
from casefile.claims import Citation, Claim, FieldValue, Section, Status
from casefile.registers import ExceptionItem, Side
from tools.calendars.hold import Hold

AUTHOR = "agent:scheduling"
_SURE = 95
_MOST_RUNS = 40


def record(view: CaseView, found: Plan, done: Assessment, *, expires: datetime, released: bool, held: Holding) -> None:
    """Write the proposal into the assessment."""
    findings = done.findings
    _stated(found, findings)
    if found.best is not None:
        _slot_fields(view, found, found.best, expires, findings)
    _discrepancies(view, found, findings)
    _unread(found, findings)
    for wish in found.wishes:
        if wish.window is None:
            findings.ask("customer window", wish.question, "customer_success_manager")
    for text in found.request.unknown if found.request.roles else ():
        findings.ask(
            "required roles",
            f"Who fills “{text}”, which is required and no role of a bridge?",
            "support_escalation_manager",
        )
    for told in [*found.in_room, *found.in_chat]:
        findings.ask("customer window", told.question, "customer_success_manager")
    done.sections = [
        Section(id="coverage", title="Required-role coverage", claims=list(_coverage(view, found))),
        Section(id="slots", title="Ranked slots, in every zone", claims=list(_ranked(view, found))),
        Section(id="checks", title="Policy checks of the proposed slot", claims=list(_checks(found))),
        Section(id="holds", title="Tentative holds", claims=list(_holds(view, found, expires, released, held))),
        Section(id="invite", title="Draft invite (not sent)", claims=list(_invite(view, found))),
        Section(id="rejected", title="Rejected slots with reasons", claims=list(_rejected(view, found))),
        Section(id="requests", title="Exceptions and substitutions", claims=list(_requests(view, found))),
    ]


def zones(found: Plan) -> list[str]:
    """The zones that the proposal shows: the customer's, and those of the people who take part."""
    slot = found.best or found.possible or next(iter([*found.slots, *found.beyond]), None)
    rows = [found.person(role, who) for role, who in (slot.attendees if slot else {}).items()]
    told = [found.area] if found.area else []
    local = [_zone(found, one) for one in rows if one is not None]
    return list(dict.fromkeys([*told, *(zone for zone in local if zone), "UTC"]))


def _zone(found: Plan, person: Person) -> str:
    """The zone of a person: that of his working hours, else the roster's."""
    stated = found.hours.get(person.who)
    return stated.zone if stated is not None and stated.zone else person.zone


def _stated(found: Plan, findings: Findings) -> None:
    asked = found.request
    for name, title, one, at in (
        ("severity", "Severity", asked.severity, None),
        ("account", "Account", asked.account, None),
        ("component", "Degraded component", asked.component, None),
        ("response_window_ends_at", "Agreed response window ends", asked.ends, asked.ends_at),
        ("customer_update_call_at", "Customer's own update call", asked.call, asked.call_at),
        ("customer_time_zone", "Time zone of the customer", found.zone, None),
        ("meeting_platform", "Meeting platform", found.platform, None),
    ):
        if one is not None:
            findings.fields[name] = _field(title, one, at)


def _field(title: str, one: Figure, at: datetime | None) -> FieldValue:
    value = f"{at:%Y-%m-%dT%H:%M:%SZ}" if at is not None else one.text
    steps = [step("utc", one.text, value)] if value != one.text else []
    return FieldValue(
        title=title, value=value, raw=one.text, status="confirmed", confidence=_SURE, citations=[one.citation],
        normalization=steps,
    )  # fmt: skip


def _slot_fields(view: CaseView, found: Plan, slot: Slot, expires: datetime, findings: Findings) -> None:
    value = f"{slot.start:%Y-%m-%dT%H:%M:%SZ}"
    cells = window_cells(found, slot) + [c for p in people(found, slot) for c in p.citations[2:]]
    for name, title, at in (
        ("slot_start", "Proposed slot, start", slot.start),
        ("slot_end", "Proposed slot, end", slot.end),
    ):
        text = f"{at:%Y-%m-%dT%H:%M:%SZ}"
        findings.fields[name] = FieldValue(
            title=title, value=text, raw=text, status="confirmed", confidence=_SURE, citations=cells,
            normalization=[step("computed", "first start on the grid that meets every hard constraint", text)],
        )  # fmt: skip
    for zone in zones(found):
        name = "slot_" + zone.casefold().replace("/", "_")
        findings.fields[name] = FieldValue(
            title=f"Proposed slot in {zone}", value=shown(slot.start, zone), raw=value, status="confirmed",
            confidence=_SURE, citations=cells[:4], normalization=[step("zone", value, shown(slot.start, zone))],
        )  # fmt: skip
    for person in people(found, slot):
        findings.fields[f"attendee_{person.role}"] = FieldValue(
            title=f"Attendee, {person.role.replace('_', ' ')}", value=person.name, raw=person.name, status="confirmed",
            confidence=_SURE, citations=person.citations,
        )  # fmt: skip
    findings.fields["hold_expires_at"] = FieldValue(
        title="Holds expire", value=f"{expires:%Y-%m-%dT%H:%M:%SZ}", status="unverified", origin="defaulted",
        note=f"by the parameter escalation_sla_minutes: {view.parameters['escalation_sla_minutes']}",
    )  # fmt: skip


def window_cells(found: Plan, slot: Slot) -> list[Citation]:
    """The words of the customer that offer a slot."""
    inside = [
        w for w in found.wishes if w.window is not None and w.window.start <= slot.start and slot.end <= w.window.end
    ]
    return [one.citation for one in inside[:1]]


def people(found: Plan, slot: Slot) -> list[Person]:
    """The rows of the roster that a slot brings together."""
    return [one for role, who in slot.attendees.items() if (one := found.person(role, who)) is not None]


def _unread(found: Plan, findings: Findings) -> None:
    """Calendars that were not read, each with the item that says so, or with what it is not needed for."""
    told = [(f"{item}:{who}", item, f"{item}: the calendar of {who} could not be read") for who, item in found.unread]
    if found.best is not None:
        named = {who for who, _ in found.unread}
        others = [who for who in found.unknown if who not in named]
        told += [(who, who, f"{found.lacking(who)}; the proposed slot does not need it") for who in others]
    findings.exceptions += [
        ExceptionItem(key=f"calendar:{key}", kind="unread", about=about, reason=reason, state="noted")
        for key, about, reason in told
    ]


def _discrepancies(view: CaseView, found: Plan, findings: Findings) -> None:
    """A name in the ticket that the roster does not have on call at the slot, or now where there is none: the roster
    wins, both stay visible.

    So does the severity policy over a ticket that says something else of the leadership delegate.
    """
    _delegate(found, findings)
    slot = found.best or found.possible
    for role, stated in found.request.assigned.items():
        person = found.on_roster(role, slot, view.now)
        if person is None or person.name.casefold() == stated.text.casefold():
            continue
        sides = [
            Side(value=person.name, citations=person.citations),
            Side(value=stated.text, citations=[stated.citation]),
        ]
        rule = "the on-call schedule beats a name in the ticket"
        findings.contradict(f"attendee_{role}", sides, rule, settled=True, key=f"{role}:{stated.text}")


def _delegate(found: Plan, findings: Findings) -> None:
    stated, policy = found.request.delegate, found.request.policy
    if stated is None or policy.delegate is None or policy.delegate == (says(stated.text) is True):
        return
    sides = [
        Side(value="required" if policy.delegate else "not required", citations=policy.cells[:1]),
        Side(value=stated.text, citations=[stated.citation]),
    ]
    rule = "the leadership delegate is required where the severity policy or the ticket says so"
    findings.contradict(DELEGATE, sides, rule, settled=True, key=f"{DELEGATE}:{stated.text}")


def _claim(name: str, text: str, cells: Sequence[Citation], status: Status | None = None) -> Claim:
    return Claim(
        id=name,
        text=text,
        status=status or ("confirmed" if cells else "unverified"),
        author=AUTHOR,
        citations=list(cells),
    )


def _coverage(view: CaseView, found: Plan) -> Iterator[Claim]:
    slot = found.best or found.possible
    for role in found.request.roles:
        person = found.person(role, slot.attendees.get(role, "")) if slot is not None else None
        now = [p for p in found.people if p.role == role and p.duty.start <= view.now < p.duty.end]
        if person is None and slot is None and now:
            duty = _stands_in(found, now[0]) or " is on call now"
            text = f"{role.replace('_', ' ')}: {now[0].name}{duty}, {now[0].zone}; there is no slot yet."
            yield _claim(f"role-{role}", text, now[0].citations)
        elif person is None:
            yield _claim(
                f"role-{role}", f"{role.replace('_', ' ')}: not covered.", found.request.role_cells[:1], "missing"
            )
        else:
            text = f"{role.replace('_', ' ')}: {person.name}, {person.zone}{_stands_in(found, person)}."
            yield _claim(f"role-{role}", text, person.citations)


def _stands_in(found: Plan, person: Person) -> str:
    """For whom a substitute is there, and by whose word."""
    if found.granted is None or (person.role, person.who) != (found.granted.role, found.granted.who):
        return ""
    gone = found.granted.instead or ", ".join(one.name for one in found.replaced)
    return f", standing in for {gone or 'the role'} as incident leadership approved"


def _ranked(view: CaseView, found: Plan) -> Iterator[Claim]:
    for n, slot in enumerate([*([found.best] if found.best else []), *found.fallback], 1):
        times = "; ".join(shown(slot.start, zone) for zone in zones(found))
        kind = "proposed" if n == 1 else "fallback"
        yield _claim(f"slot-{n}", f"Slot {n}, {kind}: {times}.", window_cells(found, slot))


def _checks(found: Plan) -> Iterator[Claim]:
    slot = found.best
    if slot is None:
        return
    for person in people(found, slot):
        at = found.hours.get(person.who)
        told = f"working hours {at.opens:%H:%M} to {at.closes:%H:%M} {at.zone}" if at else "no working hours stated"
        text = f"{person.name}: free; {told}; outside the protected night; no focus block."
        obstacles = [one for one in slot.obstacles if one.who == person.who]
        if obstacles:
            text = f"{person.name}: allowed by leadership although: {'; '.join(map(str, obstacles))}."
        yield _claim(f"check-{person.role}", text, at.citations if at else person.citations)


def _holds(view: CaseView, found: Plan, expires: datetime, released: bool, held: Holding) -> Iterator[Claim]:
    if held.system is not None:
        yield from _on_calendar(view, found, expires, released, held)
        return
    for n, slot in enumerate([*([found.best] if found.best else []), *found.fallback], 1):
        text = (
            f"Hold {n}: {slot.start:%Y-%m-%dT%H:%M:%SZ}, owner {view.packet.requested_by}, incident {view.packet.case},"
            f" expires {expires:%Y-%m-%dT%H:%M:%SZ}."
        )
        yield _claim(f"hold-{n}", text if not released else f"{text} Expired and released.", [], "held")


def _on_calendar(view: CaseView, found: Plan, expires: datetime, released: bool, held: Holding) -> Iterator[Claim]:
    """The one hold that stands on the calendar, by its UID; fallbacks are kept ready and hold nobody."""
    effect = held.placed or held.confirmed
    name = held.system.id if held.system is not None else ""
    ending = f"owner {view.packet.requested_by}, incident {view.packet.case}, expires {expires:%Y-%m-%dT%H:%M:%SZ}"
    if released:
        yield _claim("hold-1", f"The hold on {name} expired and was taken back; nobody is held.", [], "held")
    elif effect is not None:
        hold = Hold.of(effect.due.action.body)
        text = f"Hold 1: {hold.start:%Y-%m-%dT%H:%M:%SZ} on {name} as {hold.uid}, {ending}."
        yield _claim("hold-1", text, [], "held")
    elif found.best is not None:
        yield _claim("hold-1", f"Nobody is held for {found.best.start:%Y-%m-%dT%H:%M:%SZ} on {name} yet.", [], "held")
    for n, slot in enumerate(found.fallback, 1):
        yield _claim(f"fallback-{n}", f"Fallback {n}: {slot.start:%Y-%m-%dT%H:%M:%SZ}, not held.", [], "held")


def _invite(view: CaseView, found: Plan) -> Iterator[Claim]:
    if found.best is None:
        return
    platform = found.platform.text if found.platform is not None else "the meeting platform of the account"
    text = (
        f"Bridge {view.packet.case}: {shown(found.best.start, zones(found)[0])}, on {platform}; link on confirmation."
    )
    yield _claim("invite", text, [found.platform.citation] if found.platform else [], "held")
    names = ", ".join(f"{p.name} ({p.role.replace('_', ' ')})" for p in people(found, found.best))
    yield _claim("invite-attendees", f"Internal attendees: {names}.", [], "held")


def rejected_runs(found: Plan) -> list[list[Slot]]:
    """Runs of starts that fail for the same reasons, as many as the record lists."""
    runs: list[list[Slot]] = []
    for slot in [*found.slots, *found.beyond]:
        if slot.feasible or slot is found.best:
            continue
        reasons = [str(one) for one in slot.obstacles]
        if runs and [str(one) for one in runs[-1][-1].obstacles] == reasons:
            runs[-1].append(slot)
        else:
            runs.append([slot])
    return runs[:_MOST_RUNS]


def _rejected(view: CaseView, found: Plan) -> Iterator[Claim]:
    """Each run as one line."""
    for n, run in enumerate(rejected_runs(found), 1):
        first, last = f"{run[0].start:%Y-%m-%dT%H:%M:%SZ}", f"{run[-1].start:%H:%M:%SZ}"
        span = first if len(run) == 1 else f"{first} to {last} ({len(run)} starts)"
        who = {one.who for one in run[0].obstacles}
        meets = [(b, cited) for b, cited in found.busy if b.start < run[0].end and run[0].start < b.end]
        cells = [cited for stretch, cited in meets if stretch.who in who]
        yield _claim(f"no-{n}", f"{span}: {'; '.join(map(str, run[0].obstacles))}.", cells[:6])


def _requests(view: CaseView, found: Plan) -> Iterator[Claim]:
    if found.wanted is not None:
        text = f"{found.wanted.shown} ({found.wanted.where}); nobody is swapped before incident leadership approves it."
        yield _claim("substitution", text, [], "held")
    elif (named := found.stand_in) is not None:
        text = f"{named.told} ({named.where}); nobody stands in before incident leadership approves it."
        yield _claim("substitution", text, [], "held")
    if found.possible is not None:
        times = "; ".join(shown(found.possible.start, zone) for zone in zones(found))
        reasons = "; ".join(str(one) for one in found.possible.obstacles)
        yield _claim("exception", f"Only leadership could allow {times}: {reasons}.", [], "held")


def unconfirmed(view: CaseView, item: str, locator: str, text: str) -> ExceptionItem:
    """A constraint or an offer typed into the room: it needs a confirmation, and changes nothing."""
    reason = f"{item} {locator}: typed in the incident room, unconfirmed: “{text[:160]}”"
    return ExceptionItem(key=f"room:{item}:{locator}", kind="unconfirmed", about=item, reason=reason, state="noted")
