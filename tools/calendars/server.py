"""A CalDAV server as a declared system: holds placed, confirmed and taken back, and nobody held twice.

Two runs that want the same person at the same time both write their hold first and look around afterwards. A hold is
established by a look, after its own writing, that finds no other hold of its people: of two, the one written later sees
the earlier one, so never both are established. A hold that sees another takes itself back; where both see each other
the one with the smaller UID waits for the other to go. Every write is a compare-and-set: a hold is created where there
is none (`If-None-Match: *`), and changed or removed only as it was read (`If-Match`).

| request | what it does |
| --- | --- |
| `PUT /<uid>.ics`, tentative | creates and establishes the hold; 409, and it is gone again, where somebody is held |
| `PUT /<uid>.ics`, confirmed | confirms the hold that stands there, with exactly these people and times |
| `DELETE /<uid>.ics` | takes a hold back; one that is not there is as good |
| `GET /<uid>.ics` | the hold as it stands |
| `CLAIM /<uid>.ics` | the same, after a hold whose writer may have died was established or taken back |
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from runtime.calendar_settings import CalendarSettings
from runtime.faults import fault_point
from tools.calendars.hold import Hold, read_hold
from tools.systems import Answer, Request

if TYPE_CHECKING:
    from caldav import DAVClient
    from caldav.davclient import DAVResponse

_LOOKS, _PAUSE = 10, 0.1
_CALENDAR = {"Content-Type": "text/calendar; charset=utf-8"}


class CalendarServer:
    """One collection of holds on one server. A client is made for each call: calls come from many threads."""

    def __init__(self, settings: CalendarSettings, password: SecretStr) -> None:
        self.settings, self._password = settings, password
        self._url = settings.url.rstrip("/") + "/"

    def client(self) -> DAVClient:
        """A client that follows no redirect and reads no proxy from the environment."""
        from caldav import DAVClient

        given = self.settings
        made = DAVClient(
            self._url,
            username=given.username,
            password=self._password.get_secret_value(),
            timeout=given.timeout_seconds,
        )
        made.session.trust_env = False
        made.session.max_redirects = 0
        return made

    async def call(self, request: Request) -> Answer:
        """Take one request of an effect."""
        return await asyncio.to_thread(self._call, request)

    def _call(self, request: Request) -> Answer:
        from caldav.lib.error import AuthorizationError, DAVError
        from requests import RequestException

        url = self._url + request.path.removeprefix("/")
        try:
            return self._take(self.client(), request, url)
        except AuthorizationError:
            return Answer(403, text="the calendar server refused the name and password of the settings")
        except (RequestException, DAVError) as error:
            return Answer(0, text=f"no answer: {type(error).__name__}")

    def _take(self, client: DAVClient, request: Request, url: str) -> Answer:
        uid = request.path.removeprefix("/").removesuffix(".ics")
        if request.method == "PUT":
            hold = Hold.of(request.body)
            return _confirm(client, url, hold) if hold.status == "CONFIRMED" else self._place(client, url, hold)
        if request.method == "DELETE":
            return _remove(client, url)
        found, _ = _read(client, url)
        if request.method == "CLAIM" and found is not None and found.status == "TENTATIVE":
            self._establish(client, url, found)
            found, _ = _read(client, url)
        return Answer(200, found.state() if found is not None else {"uid": uid, "exists": False})

    def _place(self, client: DAVClient, url: str, hold: Hold) -> Answer:
        written = client.put(url, hold.text().decode(), {**_CALENDAR, "If-None-Match": "*"})
        fault_point("calendar.written")
        if written.status == 412:  # it stands already: written by an attempt whose answer was lost
            found, _ = _read(client, url)
            if found is None or found.state() != hold.state():
                return Answer(409, {"status": "another entry has this UID"})
        elif written.status not in (200, 201, 204):
            return Answer(written.status, text=f"the calendar server answered {written.status}")
        meets = self._establish(client, url, hold)
        if meets is not None:
            return Answer(409, {"status": "held elsewhere", "people": sorted(hold.people & meets.people)})
        return Answer(201, hold.state())

    def _establish(self, client: DAVClient, url: str, hold: Hold) -> Hold | None:
        """Look around after writing. None: the hold stands; else the one that it gave way to."""
        meets: Hold | None = None
        for _ in range(_LOOKS):
            others = [
                one for one in self._holds(client, hold.start, hold.end) if one.uid != hold.uid and hold.meets(one)
            ]
            if not others:
                return None
            meets = others[0]
            if any(one.status == "CONFIRMED" or one.uid < hold.uid for one in others):
                break
            time.sleep(_PAUSE)
        _remove(client, url)
        return meets

    def _holds(self, client: DAVClient, start: datetime, end: datetime) -> list[Hold]:
        return [hold for event in events(client, self._url, start, end) if (hold := read_hold(event)) is not None]

    def expire(self, now: datetime) -> list[Hold]:
        """Remove every hold that nobody confirmed in time, whoever placed it. One that changes meanwhile stays.

        Raises requests.RequestException or DAVError where the server does not answer.
        """
        client, gone = self.client(), []
        for event in events(client, self._url, None, None):
            hold = read_hold(event)
            if hold is None or hold.status == "CONFIRMED" or hold.expires_at > now:
                continue
            url = f"{self._url}{hold.uid}.ics"
            found, etag = _read(client, url)
            if found == hold and client.request(url, "DELETE", "", {"If-Match": etag}).status in (200, 204):
                gone.append(hold)
        return gone


def events(client: DAVClient, url: str, start: datetime | None, end: datetime | None) -> Iterator[Any]:
    """The events of a collection that touch [start, end), or all; recurrences are not expanded."""
    for component in resources(client, url, start, end):
        yield from component.walk("VEVENT")


def resources(client: DAVClient, url: str, start: datetime | None, end: datetime | None) -> list[Any]:
    """The calendar objects of a collection as they stand on the server, each with its time zones and exceptions."""
    from caldav import Calendar
    from icalendar import Calendar as Text

    collection = Calendar(client=client, url=url)
    found = collection.search(start=start, end=end, event=True, expand=False) if start else collection.events()
    return [Text.from_ical(one.data) for one in found]


def _read(client: DAVClient, url: str) -> tuple[Hold | None, str]:
    """The hold at an address, with the tag of its state."""
    from caldav.lib.error import DAVError
    from icalendar import Calendar

    response: DAVResponse = client.request(url)
    if response.status == 404:
        return None, ""
    if response.status != 200:
        raise DAVError(url=url, reason=f"the calendar server answered {response.status}")
    found = [read_hold(event) for event in Calendar.from_ical(response.raw).walk("VEVENT")]
    return next((one for one in found if one is not None), None), str(response.headers.get("ETag", ""))


def _confirm(client: DAVClient, url: str, hold: Hold) -> Answer:
    """Confirm what is held: the same people, the same times, or nothing."""
    found, etag = _read(client, url)
    if found is None:
        return Answer(404, text="the hold is not there any more")
    if found.status == "CONFIRMED" and found == hold:
        return Answer(200, found.state())
    if found.state() != {**hold.state(), "status": "TENTATIVE"}:
        return Answer(409, {"status": "not as approved"})
    written = client.put(url, hold.text().decode(), {**_CALENDAR, "If-Match": etag})
    return Answer(written.status, hold.state() if written.status in (200, 201, 204) else None)


def _remove(client: DAVClient, url: str) -> Answer:
    """Take a tentative hold away, as it was read. A confirmed one is a person's word, and stays."""
    found, etag = _read(client, url)
    if found is None:
        return Answer(404)
    if found.status == "CONFIRMED":
        return Answer(409, {"status": "confirmed"})
    response = client.request(url, "DELETE", "", {"If-Match": etag})
    return Answer(response.status)
