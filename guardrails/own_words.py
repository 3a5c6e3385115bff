"""Which of the hits in one sentence say something: a line of the boundary speaks for itself where it has words of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from casefile.scenario import BoundaryLine
from guardrails.intents import Hit
from guardrails.mood import READERS, speech
from guardrails.vocabulary import thing

_LEARN = frozenset({"hear", "know", "learn", "receive", "get"})
_WISHING = frozenset({"want", "wants", "wanted", "like", "likes", "expect", "expects", "expected", "hope", "hopes"})


def closest(found: Sequence[tuple[BoundaryLine, Hit]]) -> list[tuple[BoundaryLine, Hit]]:
    """The hits without those that an intent gives to several lines at once, where a line's own words name the act.

    "Send the invite" crosses the line about invitations, and not the one about moving reviews, although both are about
    meetings. A line without words of its own stays: nothing else can speak for it.
    """
    named = {hit.verb for line, hit in found if hit.intent == line.id}
    lines: dict[tuple[str, int], set[str]] = {}
    for line, hit in found:
        lines.setdefault((hit.intent, hit.verb), set()).add(line.id)
    return [
        (line, hit)
        for line, hit in found
        if hit.intent == line.id
        or hit.verb not in named
        or len(lines[hit.intent, hit.verb]) == 1
        or not (line.verbs or line.phrases)
    ]


def told_only(sentence: str, words: Sequence[str], hit: Hit) -> bool:
    """Whether what looks like an order in evidence is part of a name, or what somebody else wishes to learn.

    "schedule-sync" names a service, and "the customer wants to hear from us" tells of the customer.
    """
    return _part_of_a_name(sentence, words, hit) or _others_wish(words, hit)


def _part_of_a_name(sentence: str, words: Sequence[str], hit: Hit) -> bool:
    if hit.verb_end - hit.verb != 1:
        return False
    verb = words[hit.verb]
    names = re.findall(rf"(?<![\w-]){re.escape(verb)}-([a-z]{{3,}})(?![\w-])", sentence)
    return bool(names) and len(names) == list(words).count(verb) and all(map(thing, names))


def _others_wish(words: Sequence[str], hit: Hit) -> bool:
    if words[hit.verb] not in _LEARN:
        return False
    wish = next((n for n in range(hit.verb - 1, -1, -1) if words[n] in _WISHING), 0)
    subject = {word for word in words[:wish] if word.isalpha()} - speech().nouns_before - {"would"}
    return bool(subject) and words[wish + 1 : hit.verb] == ["to"] and not subject & READERS
