"""Time zones as people write them: ids, and the scenario's words for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from agents.case_view import CaseView

# What stands around the name of a zone and does not change it: "US Eastern Time".
_AROUND = re.compile(r"\b(?:us|u\.s\.|time|zone|standard|daylight|summer|local|the)\b", re.IGNORECASE)
# A city names its zone only as its time: "New York time", "Berlin local time".
_CITY = re.compile(r"\btime\W*$", re.IGNORECASE)
_CONTINENTS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
_STATES = ("North", "South", "West")  # parts of Australia
_SHORT = 4  # letters of an abbreviation, which counts in capitals only: "est" is a word elsewhere
_NOON = 12
_HALF = re.compile(
    r"\b(?P<clock>(?P<hour>\d{1,2})(?:[:.]\d{2})?) in the (?P<half>morning|afternoon|evening)\b", re.IGNORECASE
)
_COMMA = re.compile(
    r"(?<=[\dmM.]),\s+([A-Za-z][A-Za-z/_]*(?: (?:Standard|Daylight|Summer|European|Time|time))*)(?=\s*(?:[.;,(]|$))"
)
_BRACKETED = re.compile(r"(?P<name>[^()]+?)\s*\((?P<inside>[^()]+)\)\s*")
_MOST = 5  # words of a zone's name


def zone_of(view: CaseView, text: str) -> str:
    """The zone id that a cell names, by its id or by one of the scenario's words; empty where there is none such, or
    where what stands in brackets behind it ("Eastern (EDT)") is another zone."""
    areas: Mapping[str, str] = view.scenario.data["zones"]
    told = text.strip()
    if (both := _BRACKETED.fullmatch(told)) is not None:
        named = {zone_of(view, both["name"]), zone_of(view, both["inside"])} - {""}
        return named.pop() if len(named) == 1 else ""
    plain = " ".join(_AROUND.sub(" ", told).split()).casefold()
    city = _cities().get(plain, "") if _CITY.search(told) else ""
    meant = areas.get(told.casefold()) or areas.get(plain) or city or told
    try:
        ZoneInfo(meant)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
    return meant


@cache
def _cities() -> dict[str, str]:
    """The zone of every city that is the name of one zone alone: "New York time" is America/New_York."""
    found: dict[str, list[str]] = {}
    for zone in available_timezones():
        area, _, place = zone.partition("/")
        if area in _CONTINENTS and place not in _STATES:
            found.setdefault(place.rpartition("/")[2].replace("_", " ").casefold(), []).append(zone)
    return {city: zones[0] for city, zones in found.items() if len(zones) == 1}


def zone_in(view: CaseView, text: str) -> tuple[str, str]:
    """The zone id that the first words of a text name, the longest name first, and the rest of it; else nothing."""
    words = text.split()
    for count in range(min(len(words), _MOST), 0, -1):
        name = " ".join(words[:count]).strip("().,:;")
        if len(name) <= _SHORT and not name.isupper():
            continue
        area = zone_of(view, name)
        if area:
            return area, " ".join(words[count:])
    return "", text


def worded(view: CaseView, text: str) -> str:
    """A text with its halves of the day as `am` and `pm`, and without a comma between a clock and its zone.

    "10:00 to 11:30 in the morning, Eastern (EDT)" is "10:00 to 11:30 am Eastern (EDT)".
    """
    halved = _HALF.sub(_half, text)
    return _COMMA.sub(lambda match: f" {match[1]}" if zone_of(view, match[1].strip()) else match[0], halved)


def _half(match: re.Match[str]) -> str:
    if int(match["hour"]) > _NOON:
        return match["clock"]
    return f"{match['clock']} {'am' if match['half'].casefold() == 'morning' else 'pm'}"


def zone_said(view: CaseView, text: str) -> str:
    """The one zone that a sentence names anywhere in it; nothing where it names none, or several."""
    words = text.split()
    found = {area for n in range(len(words)) if (area := zone_in(view, " ".join(words[n:]))[0])}
    return found.pop() if len(found) == 1 else ""
