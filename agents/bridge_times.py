"""Times of a bridge's ticket: beside their names, in an object under them, or in a line that begins with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from agents.bridge_zones import zone_in
from agents.case_view import CaseView
from agents.figures import Figure, named
from agents.incident_facts import moment
from agents.records import label_of
from agents.stated_values import spans_of
from agents.times import mentions
from casefile.claims import Citation
from casefile.evidence import Evidence

_BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")
_JOINT = (
    r"(?:\s+(?:is|are|was|been|has|will|be|promised|agreed|ends?|closes?|lasts|set|at|for|on|by|until|till|to|today))*"
    r"[\s,:]*(?=\d)"
)
_CLOCK_AND_WORDS = re.compile(
    r"(\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]\.?m\b\.?)?)\s+([A-Za-z][A-Za-z._/]*(?:\s[A-Za-z][A-Za-z._/]*)*)"
)
_ALSO = re.compile(r"\(\s*\d{1,2}[:.]\d{2}")
_RANGE = re.compile(r"\s(?:to|until|till|bis|-|–|—)\s")
_LENGTH = re.compile(r"^\D{0,20}?(\d+(?:\.\d+)?)\s*(h|hrs?|hours?|min|mins|minutes?)\b", re.IGNORECASE)


def stated(view: CaseView, items: Sequence[Evidence], names: Sequence[str]) -> Figure | None:
    """What stands under one of the names, in a member of that name, or behind it in a line without a colon."""
    told = named(view, items, names)
    if told is not None:
        return told
    labels = {label_of(name) for name in names}
    words = "|".join(re.escape(name).replace(r"\ ", r"[\s_-]+") for name in sorted(names, key=len, reverse=True))
    line = re.compile(rf"(?:the\s+)?(?:{words})\b{_JOINT}", re.IGNORECASE)
    for item in reversed(items):
        for span in spans_of(view, item):
            steps = [label_of(step) for step in span.pointer.split("/") if step and not step.isdigit()]
            if span.kind == "leaf" and " ".join(steps[-2:]) in labels and span.text.strip() and not span.hidden:
                return _figure(item, span.locator, span.text.strip())
            text = _BULLET.sub("", span.text).strip()
            found = line.match(text) if span.kind != "leaf" and not span.hidden else None
            if found is not None and any(one.raw for one in mentions(text[found.end() :])):
                return _figure(item, span.locator, text[found.end() :].rstrip("."))
    return None


def _figure(item: Evidence, locator: str, text: str) -> Figure:
    return Figure(text, Citation(evidence=item.id, locator=locator, quote=text, sha256=item.sha256))


def instant_of(view: CaseView, one: Figure | None, *, until: bool = False) -> datetime | None:
    """The moment that a figure states, with zones in words; of a window its end (`until`).

    A time that is told twice (`13:00 Eastern (17:00 UTC)`) is the earlier one where they differ. A clock behind which
    words stand that name no zone has no place (R9).
    """
    if one is None:
        return None
    text = _CLOCK_AND_WORDS.sub(lambda match: _with_zone(view, match), one.text)
    told = [mention.instant for mention in mentions(text) if mention.instant is not None]
    if until and told and _RANGE.search(text):
        return told[-1]
    if told:
        return min(told[:2]) if _ALSO.search(text) else told[0]
    at, unsure = moment(one.text)
    if unsure and _CLOCK_AND_WORDS.search(one.text):
        return None
    if at is None and until and (length := _LENGTH.match(one.text)) is not None:
        hours = float(length[1]) * (1 if length[2][0] in "hH" else 1 / 60)
        return view.packet.as_of + timedelta(hours=hours)
    return at


def _with_zone(view: CaseView, match: re.Match[str]) -> str:
    area, rest = zone_in(view, match[2])
    return f"{match[1]} {area} {rest}".rstrip() if area else match[0]
