"""From settings to the calendar that a case declares, or that the installation has for cases with holds."""

from __future__ import annotations

from collections.abc import Mapping

from casefile.packet import Packet
from casefile.scenario import Scenario
from runtime.calendar_settings import Calendars
from runtime.errors import InputError
from tools.calendars.server import CalendarServer
from tools.systems import System


def calendars_of(calendars: Calendars, scenario: Scenario, packet: Packet) -> dict[str, System]:
    """The calendar servers of a case, by the system's id: those that its packet declares by name, else the default.

    A packet names a calendar of the settings and never an address. Raises InputError where there is none of that name.
    """
    found: dict[str, System] = {}
    default = scenario.data.get("calendar")
    for n, declared in enumerate(packet.systems):
        if declared.kind != "caldav":
            continue
        if not default:
            expected = f"no calendar was expected: {scenario.short} places no holds"
            raise InputError("packet.yaml", f"systems[{n}].kind", expected)
        name = declared.calendar or calendars.default
        if name not in calendars.calendars:
            there = ", ".join(sorted(calendars.calendars)) or "none"
            expected = f"a calendar of the settings was expected (CASEGATE_CALENDARS has {there}), found {name!r}"
            raise InputError("packet.yaml", f"systems[{n}].calendar", expected)
        found[declared.id] = _open(calendars, name, declared.id)
    if not found and default and calendars.default:
        found[str(default)] = _open(calendars, calendars.default, str(default))
    return found


def _open(calendars: Calendars, name: str, system: str) -> System:
    settings = calendars.calendars[name]
    return System(system, name, "", "", CalendarServer(settings, calendars.password(name)))


def every(calendars: Calendars) -> Mapping[str, CalendarServer]:
    """Every calendar server of the installation, for what is done without a case: removing what has expired."""
    return {name: CalendarServer(one, calendars.password(name)) for name, one in calendars.calendars.items()}
