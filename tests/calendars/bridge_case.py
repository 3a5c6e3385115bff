"""A bridge whose people have their calendars on a real server; and running it, here or in a process apart."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from radicale_server import Radicale
from running import APART, CASES, finish

from casefile.packet import Step
from graphs.playing import Connected
from graphs.result import write
from graphs.runner import Run, admit, check_packet, checkpointer
from runtime import faults
from runtime.calendar_settings import load_calendars
from runtime.model.offline import Offline
from runtime.store.database import Database
from server.run_command import execute
from tools.calendars.opening import calendars_of
from tools.packet_folder import load

CASE = CASES / "bridge-scheduling" / "cases" / "the-week-in-which-clocks-differ"
PEOPLE = [f"{name}@norden.example" for name in ("ilka", "rae", "tomas", "joan")]
# Nine to ten in New York each Wednesday since winter: by 18 March 13:00 to 14:00 UTC, an hour earlier than before.
WEEKLY = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//norden//own program//EN
BEGIN:VTIMEZONE
TZID:Where the office is
BEGIN:DAYLIGHT
DTSTART:20070311T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20071104T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
TZNAME:EST
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:weekly@norden
DTSTAMP:20260101T000000Z
SUMMARY:Confidential talk with the works council
DESCRIPTION:nobody else is to know of it
DTSTART;TZID=Where the office is:20260107T090000
DTEND;TZID=Where the office is:20260107T100000
RRULE:FREQ=WEEKLY
CLASS:PRIVATE
END:VEVENT
END:VCALENDAR
"""


def event(uid: str, start: str, end: str, **more: str) -> str:
    """A calendar object with one event; times as iCalendar writes them, in UTC."""
    lines = [f"UID:{uid}", "DTSTAMP:20260101T000000Z", f"DTSTART:{start}", f"DTEND:{end}", "SUMMARY:Dentist"]
    lines += [f"{name.upper()}:{value}" for name, value in more.items()]
    body = "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//norden//own program//EN\r\n{body}\r\nEND:VCALENDAR\r\n"


def furnish(server: Radicale) -> None:
    """Calendars of the four people; Rae's has her weekly meeting, the others' are empty."""
    for who in PEOPLE:
        server.make(server.calendar_of(who))
    server.put(server.calendar_of("rae@norden.example"), "weekly.ics", WEEKLY)


def packet(folder: Path, *, case: str = "INC-6506", **changes: Any) -> Path:
    """The packet without a calendar file: what is known of the people's times comes from the server."""
    shutil.copytree(CASE, folder, dirs_exist_ok=True)
    for name in ("calendars.ics", "expect.yaml", "demo"):
        (folder / name).unlink(missing_ok=True)
    given = yaml.safe_load((folder / "packet.yaml").read_text())
    given |= {"case": case, "timeline": []} | changes
    given["sources"] = [one for one in given["sources"] if one["id"] != "calendars"]
    (folder / "packet.yaml").write_text(yaml.safe_dump(given, sort_keys=False))
    return folder


def decision(at: str, answer: str = "approve", by: str = "u-esc") -> dict[str, Any]:
    """A step in which the slot is confirmed, or not."""
    told = {"gate": "slot_and_attendee_confirmation", "by": by, "decision": answer, "revision": "current"}
    return {"at": f"2026-03-18T{at}Z", "decides": told}


def run(folder: Path, out: Path, settings: Path) -> dict[str, Any]:
    """Run a packet in this process."""
    url = f"sqlite:///{out / '.casegate' / 'casegate.db'}"
    connected = Connected(load_calendars(settings))
    return asyncio.run(execute(load(folder), out, url, Offline(), quiet=True, connected=connected))


def killed_at(point: str, folder: Path, out: Path, settings: Path) -> bool:
    """Run a packet in a process apart that is killed at a fault point; False where it ended before."""
    code = finish(APART.Process(target=_run_to, args=(point, folder, out, settings)))
    assert code in (0, -9), code
    return code == -9


def _run_to(point: str, folder: Path, out: Path, settings: Path) -> None:
    faults.arm(faults.killing(point))
    run(folder, out, settings)


@asynccontextmanager
async def live(folder: Path, out: Path, settings: Path) -> AsyncIterator[Live]:
    """A run that is told one thing after the other, while a test changes the calendars in between."""
    out.mkdir(parents=True, exist_ok=True)
    url, given = f"sqlite:///{out / 'casegate.db'}", load(folder)
    database = await Database.open(url)
    try:
        async with checkpointer(url) as saver:
            systems = calendars_of(load_calendars(settings), check_packet(given)[0], given.packet)
            admitted = await admit(database, saver, given, Offline(), systems=systems)
            await admitted.open(given)
            await admitted.drive()
            yield Live(admitted, out)
    finally:
        await database.close()


@dataclass(slots=True)
class Live:
    """A run at rest."""

    run: Run
    out: Path
    told: int = 0

    async def tell(self, step: dict[str, Any]) -> dict[str, Any]:
        """Something happens; the outcome when the run has come to rest."""
        self.told += 1
        await self.run.submit(f"live{self.told}", Step.model_validate(step))
        await self.run.drive()
        return await self.outcome()

    async def outcome(self) -> dict[str, Any]:
        """The result as it stands."""
        return await write(self.run.context, self.out)


def passes(at: str) -> dict[str, Any]:
    """A step in which only time passes."""
    return {"at": f"2026-03-18T{at}Z", "passes": {}}
