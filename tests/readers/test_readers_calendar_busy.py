"""Busy times out of calendars: recurrence by zone, exceptions, moved and cancelled instances, private ones."""

from __future__ import annotations

from datetime import UTC, datetime

from tools.calendars.busy import busy, known
from tools.readers import read

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n"
WHO = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:Ada@example.org\r\n"


def _event(uid: str, *lines: str) -> str:
    return "".join(
        f"{line}\r\n"
        for line in ("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines, WHO[:-2], "END:VEVENT")
    )


def _busy(*events: str, since: str = "2026-03-01", until: str = "2026-04-10") -> list[str]:
    reading = read((HEAD + "".join(events) + "END:VCALENDAR\r\n").encode(), "calendar.ics")
    assert isinstance(reading.data, dict)
    start, end = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (since, until))
    return [f"{one.start:%m-%dT%H:%M}" for one in busy(str(reading.data["freebusy"]), start, end)]


def test_a_weekly_meeting_keeps_its_local_hour_over_the_change_of_clocks() -> None:
    weekly = _event("a", "DTSTART;TZID=Europe/Prague:20260320T100000", "DTEND;TZID=Europe/Prague:20260320T103000",
                    "RRULE:FREQ=WEEKLY;COUNT=3")  # fmt: skip
    assert _busy(weekly) == ["03-20T09:00", "03-27T09:00", "04-03T08:00"]


def test_exceptions_and_moved_instances_are_respected() -> None:
    weekly = _event("a", "DTSTART:20260302T100000Z", "DTEND:20260302T103000Z", "RRULE:FREQ=WEEKLY;COUNT=4",
                    "EXDATE:20260309T100000Z")  # fmt: skip
    moved = _event("a", "RECURRENCE-ID:20260316T100000Z", "DTSTART:20260317T140000Z", "DTEND:20260317T143000Z")
    assert _busy(weekly, moved) == ["03-02T10:00", "03-17T14:00", "03-23T10:00"]


def test_cancelled_and_transparent_events_keep_nobody_busy() -> None:
    cancelled = _event("a", "DTSTART:20260302T100000Z", "DTEND:20260302T103000Z", "STATUS:CANCELLED")
    open_ = _event("b", "DTSTART:20260303T100000Z", "DTEND:20260303T103000Z", "TRANSP:TRANSPARENT")
    assert _busy(cancelled, open_) == []


def test_a_private_event_says_when_and_nothing_else() -> None:
    private = _event("a", "DTSTART:20260302T100000Z", "DTEND:20260302T103000Z", "CLASS:PRIVATE", "SUMMARY:Dr. Nagel",
                     "LOCATION:Clinic", "DESCRIPTION:results")  # fmt: skip
    reading = read((HEAD + private + "END:VCALENDAR\r\n").encode(), "calendar.ics")
    everything = str(reading.data) + "".join(span.text for span in reading.spans)
    assert _busy(private) == ["03-02T10:00"]
    assert not any(word in everything for word in ("Nagel", "Clinic", "results"))


def test_whose_calendars_were_read() -> None:
    text = HEAD + _event("a", "DTSTART:20260302T100000Z", "DTEND:20260302T103000Z") + "END:VCALENDAR\r\n"
    reading = read(text.encode(), "calendar.ics")
    assert isinstance(reading.data, dict)
    assert known(str(reading.data["freebusy"])) == {"ada@example.org"}


def test_an_event_that_names_nobody_stands_in_its_owners_calendar() -> None:
    own = "BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260302T100000Z\r\nDTEND:20260302T103000Z\r\nEND:VEVENT\r\n"
    reading = read((HEAD + own + "END:VCALENDAR\r\n").encode(), "calendar.ics")
    assert isinstance(reading.data, dict)
    text = str(reading.data["freebusy"])
    span = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))
    assert [one.who for one in busy(text, *span, owner="ada@example.org")] == ["ada@example.org"]
    assert (busy(text, *span), known(text)) == ([], frozenset())
    assert known(text, "ada@example.org") == {"ada@example.org"}
