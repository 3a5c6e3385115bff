"""Slots against an oracle that looks at every minute: the same feasible slots, also across daylight-saving changes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.bridge_slots import Duty, Responder, Search, Stretch, slots

ZONES = ("America/New_York", "Europe/Prague", "Australia/Sydney", "America/Sao_Paulo")
# Days around the changes of clocks in these zones, and an ordinary one.
DAYS = ("2026-03-08", "2026-03-18", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01", "2026-06-10")
ROLES = ("support_owner", "engineering_service_owner")
NIGHT = (time(20), time(7))


@st.composite
def _search(draw: st.DrawFn) -> Search:
    day = datetime.fromisoformat(draw(st.sampled_from(DAYS))).replace(tzinfo=UTC)

    def stretch(kind: str = "busy") -> Stretch:
        start = day + timedelta(minutes=draw(st.integers(0, 24 * 12)) * 5)
        return Stretch(start, start + timedelta(minutes=5 * draw(st.integers(1, 36))), kind)  # type: ignore[arg-type]

    people = {}
    duties = []
    for n, role in enumerate(ROLES):
        for k in range(draw(st.integers(1, 2))):
            who = f"{n}{k}"
            opens = draw(st.sampled_from([None, time(8), time(9, 30), time(22)]))
            closes = None if opens is None else draw(st.sampled_from([time(17), time(18, 30), time(6)]))
            busy = [
                stretch(draw(st.sampled_from(["busy", "focus", "immovable"]))) for _ in range(draw(st.integers(0, 3)))
            ]
            zone, known = draw(st.sampled_from(ZONES)), draw(st.sampled_from([True, True, True, False]))
            people[who] = Responder(who, zone, opens, closes, busy, known)
            on = stretch()
            duties.append(Duty(role, who, on.start, on.end + timedelta(hours=draw(st.integers(0, 20)))))
    windows = [stretch() for _ in range(draw(st.integers(1, 2)))]
    until = day + timedelta(hours=draw(st.integers(6, 40)))
    grid = draw(st.sampled_from([15, 30]))
    return Search(ROLES, duties, people, windows, day, until, draw(st.sampled_from([15, 30])), grid, NIGHT)


def _minute_is_free(person: Responder, minute: datetime) -> bool:
    """Said again, minute by minute, in the words of the card."""
    local = minute.astimezone(ZoneInfo(person.zone)).time()
    if local >= NIGHT[0] or local < NIGHT[1]:
        return False
    return not any(one.start <= minute < one.end for one in person.busy)


def _at_work(person: Responder, start: datetime, end: datetime) -> bool:
    if person.opens is None or person.closes is None:
        return True
    first, last = (at.astimezone(ZoneInfo(person.zone)) for at in (start, end))
    if person.opens <= person.closes:
        return first.date() == last.date() and first.time() >= person.opens and last.time() <= person.closes
    return first.time() >= person.opens or last.time() <= person.closes


def _oracle(search: Search) -> set[datetime]:
    found = set()
    start = search.since
    while start < search.until + timedelta(days=1):
        end = start + timedelta(minutes=search.minutes)
        on_grid = (start.hour * 60 + start.minute) % search.grid == 0
        inside = any(one.start <= start and end <= one.end for one in search.windows) and end <= search.until
        if on_grid and inside and all(_covered(search, role, start, end) for role in search.roles):
            found.add(start)
        start += timedelta(minutes=5)
    return found


def _covered(search: Search, role: str, start: datetime, end: datetime) -> bool:
    minutes = [start + timedelta(minutes=n) for n in range(search.minutes)]
    for duty in search.duties:
        person = search.responders[duty.who]
        if duty.role != role or not (duty.start <= start and end <= duty.end) or not person.known:
            continue
        if all(_minute_is_free(person, minute) for minute in minutes) and _at_work(person, start, end):
            return True
    return False


@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
@given(_search())
def test_the_feasible_slots_are_those_of_the_oracle(search: Search) -> None:
    assert {one.start for one in slots(search) if one.feasible} == _oracle(search)


def test_a_calendar_that_was_not_read_is_not_a_free_one() -> None:
    day = datetime(2026, 6, 10, tzinfo=UTC)
    person = Responder("a", "UTC", known=False)
    window = Stretch(day + timedelta(hours=10), day + timedelta(hours=11))
    search = Search(
        ["r"], [Duty("r", "a", day, day + timedelta(days=1))], {"a": person}, [window], day, window.end, 30, 30, NIGHT
    )
    assert [str(one) for slot in slots(search) for one in slot.obstacles] == ["r: a the calendar is not known"] * 2
