"""Approvals that are said in the chat: "I approve it", "the CTO approved it by phone".

An approval lives at its gate alone (contract §4), so such words decide nothing. They cross no boundary either: the chat
answers where the gate is. What is ordered beside them ("…, go ahead and release it") is judged without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from guardrails.mood import speech
from guardrails.plain_text import folded, tokens

_STARTS = r"(?:^|(?<=[,:;] )|(?<= and )|(?<= so )|(?<= but )|(?<= then ))"
_ENDS = r"(?= [,:;]| and | so | but | then |$)"
_JOINTS = frozenset({",", ":", ";", "and", "so", "but", "then"})
_MARKS = frozenset({"?", "!", "."})


@cache
def _said(counting: bool) -> re.Pattern[str]:
    known = speech()
    forms = "|".join(
        form.replace("WHAT", rf"(?: (?:{known.approvable}))")
        for form in known.approving + (known.counting if counting else ())
    )
    return re.compile(rf"{_STARTS}(?:{forms}){_ENDS}")


def without(words: Sequence[str], counting: bool = True) -> list[str] | None:
    """The words of a sentence without the approvals that it says, and without a bare "go" after them; None: it says none.

    `counting`: also without orders to count something as approved.
    """
    text = " ".join(words)
    rest = _said(counting).sub("", text)
    if rest == text:
        return None
    left = rest.split()
    while left and left[0] in _JOINTS:
        left = left[1:]
    going = " ".join(word for word in left if word not in speech().filler and word not in _JOINTS)
    return [] if not going or speech().going_on.fullmatch(going) else left


def said(text: str) -> bool:
    """Whether `text`, as it is spelt, says that something is approved or rejected; a question does not."""
    return any(rest is not None for rest in _rests(text))


def alone(text: str) -> bool:
    """Whether `text` says nothing besides."""
    return all(rest == [] for rest in _rests(text))


def _rests(text: str) -> Iterator[list[str] | None]:
    for sentence in re.split(r"(?<=[.!?;])\s+|\n", folded(text)):
        words = tokens(sentence)
        plain = [word for word in words if word not in _MARKS]
        if plain:
            yield None if words[-1] == "?" else without(plain)
