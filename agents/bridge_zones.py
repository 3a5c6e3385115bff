"""Time zones as people write them: ids, and the scenario's words for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agents.case_view import CaseView

# What stands around the name of a zone and does not change it: "US Eastern Time".
_AROUND = re.compile(r"\b(?:us|u\.s\.|time|zone|standard|daylight|summer|the)\b", re.IGNORECASE)
_SHORT = 4  # letters of an abbreviation, which counts in capitals only: "est" is a word elsewhere
_MOST = 5  # words of a zone's name


def zone_of(view: CaseView, text: str) -> str:
    """The zone id that a cell names, by its id or by one of the scenario's words; empty where there is none such."""
    areas: Mapping[str, str] = view.scenario.data["zones"]
    told = text.strip()
    plain = " ".join(_AROUND.sub(" ", told).split()).casefold()
    meant = areas.get(told.casefold()) or areas.get(plain) or told
    try:
        ZoneInfo(meant)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
    return meant


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


def zone_said(view: CaseView, text: str) -> str:
    """The one zone that a sentence names anywhere in it; nothing where it names none, or several."""
    words = text.split()
    found = {area for n in range(len(words)) if (area := zone_in(view, " ".join(words[n:]))[0])}
    return found.pop() if len(found) == 1 else ""
