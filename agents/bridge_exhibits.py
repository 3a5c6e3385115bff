"""The week as a scheduler sees it: calendars, working hours and nights by zone, candidates, holds, changes of clocks.

Times and roles only, like the proposal itself: what an appointment is about is nowhere in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agents.bridge_holds import Holding
from agents.bridge_inputs import Person
from agents.bridge_plan import Plan, shown
from agents.bridge_record import people, rejected_runs, window_cells, zones
from agents.bridge_slots import Responder, Search
from agents.bridge_slots import Slot as Start
from casefile.claims import Citation, Section
from casefile.exhibits import Attendee, ClockChange, Drawn, Hold, Mark, Moment, Shown, Slot, Span, Week
from tools.calendars.hold import Hold as OnCalendar

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_MOST_DAYS = 7
# A change of clocks this near makes zones stand at an unusual distance in the drawn days.
_NEAR = timedelta(days=21)


def exhibits(
    found: Plan, sections: Sequence[Section], *, expires: datetime, released: bool, held: Holding
) -> dict[str, Drawn]:
    """The week, over the statements of the proposal that it draws."""
    search = found.search
    if search is None or not search.windows:
        return {}
    stated = {f"{s.id}/{c.id}": c.citations for s in sections for c in s.claims}
    home = ZoneInfo(zones(found)[0])
    since, until = _drawn(search, home)
    ends = found.request.call or found.request.ends
    deadline = None
    if found.until is not None and ends is not None:
        said = Shown(text="over by then", citations=[ends.citation])
        deadline = Moment(at=_at(found.until), said=said)
    week = Week(
        since=_at(since),
        until=_at(until),
        zones=zones(found),
        changes=list(_changes(zones(found), since - _NEAR, until + _NEAR)),
        windows=list(_windows(found)),
        deadline=deadline,
        people=[_attendee(one, found, search, since, until, stated) for one in found.people],
        slots=list(_slots(found, stated)),
        holds=list(_holds(found, expires, released, held)),
    )
    return {"week": week}


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _drawn(search: Search, home: ZoneInfo) -> tuple[datetime, datetime]:
    """Whole days of the first zone around the customer's windows."""
    first = min(one.start for one in search.windows).astimezone(home)
    last = max(one.end for one in search.windows).astimezone(home)
    since = datetime.combine(first.date(), time(), home)
    until = datetime.combine(last.date() + _DAY, time(), home)
    return since, min(until, datetime.combine(first.date() + _MOST_DAYS * _DAY, time(), home))


def _changes(names: Sequence[str], since: datetime, until: datetime) -> Iterator[ClockChange]:
    for name in names:
        zone, at = ZoneInfo(name), since.astimezone(UTC).replace(minute=0, second=0)
        while at < until:
            before, after = at.astimezone(zone), (at + _HOUR).astimezone(zone)
            if before.utcoffset() != after.utcoffset():
                yield ClockChange(zone=name, at=_at(at + _HOUR), before=_offset(before), after=_offset(after))
            at += _HOUR


def _offset(at: datetime) -> str:
    told = at.strftime("%z")
    return f"UTC{told[:3]}:{told[3:]}"


def _windows(found: Plan) -> Iterator[Mark]:
    for wish in found.wishes:
        if wish.window is not None:
            said = Shown(text=wish.text, citations=[wish.citation])
            at, until = _at(wish.window.start), _at(wish.window.end)
            yield Mark(lane="customer", kind="stretch", at=at, until=until, said=said)


def _attendee(
    person: Person,
    found: Plan,
    search: Search,
    since: datetime,
    until: datetime,
    stated: Mapping[str, Sequence[Citation]],
) -> Attendee:
    responder = search.responders[person.who]
    of = f"coverage/role-{person.role}"
    slot = found.best or found.possible
    mine = slot is not None and slot.attendees.get(person.role) == person.who
    said = Shown(text=person.name, citations=person.citations, of=of if mine and of in stated else "")
    spans = [
        *_duty(person, since, until),
        *_work(responder, found, since, until),
        *_nights(responder, search, since, until),
    ]
    cited = {(b.who, b.start, b.end): cell for b, cell in found.busy}
    for one in responder.busy:
        if one.start < until and since < one.end:
            cell = cited.get((person.who, one.start, one.end))
            kind = one.kind if one.kind in ("focus", "immovable", "held") else "busy"
            spans.append(_span(kind, one.start, one.end, [cell] if cell is not None else []))
    return Attendee(
        role=person.role.replace("_", " "), said=said, zone=responder.zone, known=responder.known, spans=spans
    )


def _span(kind: str, start: datetime, end: datetime, cells: Sequence[Citation] = ()) -> Span:
    return Span.model_validate({"kind": kind, "at": _at(start), "until": _at(end), "citations": list(cells)})


def _duty(person: Person, since: datetime, until: datetime) -> Iterator[Span]:
    start, end = max(person.duty.start, since), min(person.duty.end, until)
    if start < end:
        yield _span("duty", start, end, person.citations[2:])


def _local(zone: str, since: datetime, until: datetime) -> Iterator[datetime]:
    """The midnights of a zone that can touch the drawn time."""
    day = since.astimezone(ZoneInfo(zone)).date() - _DAY
    while datetime.combine(day, time(), ZoneInfo(zone)) < until:
        yield datetime.combine(day, time(), ZoneInfo(zone))
        day += _DAY


def _between(midnight: datetime, first: time, last: time) -> tuple[datetime, datetime]:
    """From a local time of a day until another, over midnight where it is earlier. By the clock of the zone, not by
    hours that pass: on the day of a change they differ."""
    start = datetime.combine(midnight.date(), first, midnight.tzinfo)
    day = midnight.date() + (_DAY if last <= first else timedelta())
    return start, datetime.combine(day, last, midnight.tzinfo)


def _stretches(
    zone: str, first: time, last: time, since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    for midnight in _local(zone, since, until):
        start, end = _between(midnight, first, last)
        start, end = max(start.astimezone(UTC), since), min(end.astimezone(UTC), until)
        if start < end:
            yield start, end


def _work(one: Responder, found: Plan, since: datetime, until: datetime) -> Iterator[Span]:
    if one.zone and one.opens is not None and one.closes is not None:
        stated = found.hours.get(one.who)
        for start, end in _stretches(one.zone, one.opens, one.closes, since, until):
            yield _span("work", start, end, stated.citations if stated is not None else ())


def _nights(one: Responder, search: Search, since: datetime, until: datetime) -> Iterator[Span]:
    # Whose zone is not known has no night that could be drawn.
    for start, end in _stretches(one.zone, *search.night, since, until) if one.zone else ():
        yield _span("night", start, end)


def _slots(found: Plan, stated: Mapping[str, Sequence[Citation]]) -> Iterator[Slot]:
    chosen = [*([found.best] if found.best else []), *found.fallback]
    for n, slot in enumerate(chosen, 1):
        zone = zones(found)[0]
        said = Shown(text=shown(slot.start, zone), citations=window_cells(found, slot), of=f"slots/slot-{n}")
        yield Slot(state="chosen" if n == 1 else "fallback", at=_at(slot.start), until=_at(slot.end), said=said)
    if found.possible is not None:
        why = _why(found, found.possible)
        said = Shown(text=f"only leadership could allow it: {why}", status="held", of="requests/exception")
        yield Slot(state="possible", at=_at(found.possible.start), until=_at(found.possible.end), said=said)
    for n, run in enumerate(rejected_runs(found), 1):
        of = f"rejected/no-{n}"
        why = _why(found, run[0])
        cells = list(stated.get(of, ()))
        said = Shown(text=why, status="confirmed" if cells else "unverified", citations=cells, of=of)
        yield Slot(state="rejected", at=_at(run[0].start), until=_at(run[-1].end), said=said)


def _why(found: Plan, slot: Start) -> str:
    """What stands against a start, with people by name."""
    said = []
    for one in slot.obstacles:
        person = found.person(one.role, one.who)
        text = str(one).replace(one.role, one.role.replace("_", " "), 1)
        said.append(text.replace(one.who, person.name, 1) if person is not None and one.who else text)
    return "; ".join(said)


def _holds(found: Plan, expires: datetime, released: bool, held: Holding) -> Iterator[Hold]:
    """What is held: on a calendar the one hold that stands there, else the slots that are set aside on paper."""
    chosen: list[Start] = [*([found.best] if found.best else []), *found.fallback]
    effect = held.placed or held.confirmed
    if held.system is not None:
        if effect is not None:
            on = OnCalendar.of(effect.due.action.body)
            said = Shown(text=f"on {held.system.id} as {on.uid}", status="held", of="holds/hold-1")
            lapsed = released and held.confirmed is None
            yield Hold(at=_at(on.start), until=_at(on.end), expires_at=_at(on.expires_at), released=lapsed, said=said)
        return
    for n, slot in enumerate(chosen, 1):
        who = ", ".join(one.name for one in people(found, slot))
        said = Shown(text=f"Hold {n}: {who}", status="held", of=f"holds/hold-{n}")
        yield Hold(at=_at(slot.start), until=_at(slot.end), expires_at=_at(expires), released=released, said=said)
