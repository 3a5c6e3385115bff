"""What is said about wrong clocks, and which records of an incident stand so near another that their order is open.

A log tells it of itself ("clock steered, offset up to 60 s"), and people tell it of a machine by name ("the clock of
idm-7 may be a minute off"). Such a record keeps its time and what it proves; only its place in the order is open.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from agents.axis import clocks
from agents.case_view import CaseView
from agents.incident_facts import Fact
from casefile.evidence import Evidence

_CLOCK = re.compile(
    r"(?<!o')(?<!o’)(?<!around the )"
    r"\b(?:clocks?|ntp\w*|chrony\w*|w32time|ptp\w*|time[ -](?:sync\w*|service|source)|system time|uhr(?:zeit)?|horloge|"
    r"reloj)\b",
    re.IGNORECASE,
)
_AMOUNT = (
    r"(?<![\w.:])(?P<{n}>\d+(?:\.\d+)?|half an?|an?|one|two|three|four|five|ten|some|several|a few)[ -]?"
    r"(?P<{u}>ms|milliseconds?|s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?)\b"
)
_WRONG = (
    r"\b(?:off|offset|skew\w*|drift\w*|fast|slow|ahead|behind|stepp?ed|steer\w*|slew\w*|wrong|adjust\w*|jump\w*|"
    r"correct\w*|lag\w*|late|early|differ\w*|deviat\w*)\b"
)
_BETWEEN = r"(?:(?!\b(?:for|since|every|after|until|during)\b)[^.;\d]){0,24}?"
_ERROR = re.compile(
    rf"{_AMOUNT.format(n='n1', u='u1')}{_BETWEEN}{_WRONG}|{_WRONG}{_BETWEEN}{_AMOUNT.format(n='n2', u='u2')}",
    re.IGNORECASE,
)
# A clock of which nobody says by how much it was wrong.
_UNSYNCED = re.compile(
    r"\bout of sync\b|\bun-?synchroni[sz]ed\b|\bnot (?:in sync|synchroni[sz]ed|synced|reliable)\b|\bunreliable\b|"
    r"\blost (?:its )?(?:sync\w*|time source)|\bcannot be trusted\b",
    re.IGNORECASE,
)
_BOUND = re.compile(r"\b(?:toleran\w+|threshold|allowed|permitted|limit|alert\w*)\b", re.IGNORECASE)
_NODE = re.compile(r"(?<![\w.:/-])[A-Za-z]+[\w.-]*\d[\w-]*(?!\w|[:/]\w)")
_STAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]?[\d:.,]*(?:Z|[+-]\d\d:?\d\d)?|\b\d\d?:\d\d(?::\d\d)?\b")
_SENTENCE = re.compile(r"(?<=[.;!?])\s+|\n\s*\n|\n\s*[-*#>•]\s*")
_NUMBERS = {"half": 0.5, "two": 2, "three": 3, "four": 4, "five": 5, "ten": 10, "some": 5, "several": 5, "a few": 5}
_SECONDS = {"ms": 0.001, "mi": 60, "s": 1, "h": 3600}


def ordered(
    view: CaseView, notes: Sequence[Evidence], found: Mapping[str, Sequence[Fact]], tolerance: int
) -> dict[str, list[Fact]]:
    """The facts of all groups, each with by how many seconds its clock may be wrong, and whether that leaves its order
    against another source open. A clock that is wrong by nobody knows how much counts as wrong by the tolerance."""
    said = _said_by_people(view, notes, tolerance)
    own: dict[str, dict[str, int]] = {}
    for fact in (one for told in found.values() for one in told):
        if fact.item not in own:
            own[fact.item] = {**said, **_said_by_itself(view, fact.item, tolerance)}
    facts = {group: [replace(one, skew=_skew(one, own[one.item])) for one in told] for group, told in found.items()}
    every = sorted((one for told in facts.values() for one in told), key=lambda one: one.at)
    return {group: [_placed(one, every) if one.skew else one for one in told] for group, told in facts.items()}


def _placed(fact: Fact, every: Sequence[Fact]) -> Fact:
    reach = timedelta(seconds=fact.skew)
    first = bisect_left(every, fact.at - reach, key=lambda one: one.at)
    last = bisect_right(every, fact.at + reach, key=lambda one: one.at)
    near = next((one for one in every[first:last] if one.item != fact.item), None)
    if near is None:
        return fact
    return replace(fact, order=f"its clock may be wrong by {fact.skew} s, and {near.item} has {near.shown} {near.what}")


def _skew(fact: Fact, told: Mapping[str, int]) -> int:
    named = [seconds for node, seconds in told.items() if node and _names(node, fact.text)]
    return max(named, default=told.get("", 0))


def _names(node: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(node)}(?![\w-])", text, re.IGNORECASE) is not None


def _said_by_itself(view: CaseView, item: str, tolerance: int) -> dict[str, int]:
    """What a log says of its clocks: by machine where its other lines name it, else of all of them."""
    lines = view.readings(item).lines
    told = dict(clocks(lines).skews)
    for number, line in enumerate(lines):
        for node, seconds in errors(line, tolerance):
            elsewhere = any(_names(node, other) for n, other in enumerate(lines) if n != number) if node else False
            name = node if elsewhere else ""
            told[name] = max(told.get(name, 0), seconds)
    return told


def _said_by_people(view: CaseView, notes: Iterable[Evidence], tolerance: int) -> dict[str, int]:
    told: dict[str, int] = {}
    for item in notes:
        reading = view.readings(item.id)
        text = "\n".join(reading.lines) or "\n".join(span.text for span in reading.spans if not span.hidden)
        for sentence in _SENTENCE.split(text):
            for node, seconds in errors(" ".join(sentence.split()), tolerance):
                if node:
                    told[node] = max(told.get(node, 0), seconds)
    return told


def errors(sentence: str, tolerance: int) -> Iterator[tuple[str, int]]:
    """By how many seconds a sentence says that clocks are wrong, by machine; "" where it names none."""
    if not _CLOCK.search(sentence) or _BOUND.search(sentence):
        return
    amounts = [_seconds(m["n1"] or m["n2"], m["u1"] or m["u2"]) for m in _ERROR.finditer(_STAMP.sub(" ", sentence))]
    seconds = int(max(amounts, default=0))
    if not amounts and _UNSYNCED.search(sentence):
        seconds = tolerance
    if seconds:
        nodes = _NODE.findall(_STAMP.sub(" ", sentence))
        yield from ((node, seconds) for node in nodes or [""])


def _seconds(number: str, unit: str) -> float:
    low = number.casefold()
    amount = float(low) if low[0].isdigit() else _NUMBERS.get(low, _NUMBERS.get(low.split()[0], 1))
    return amount * next(one for start, one in _SECONDS.items() if unit.casefold().startswith(start))
