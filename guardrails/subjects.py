"""What a sentence speaks of without acting on it: a part of the artifact, a table, a thing that is to stay as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from guardrails.vocabulary import OBJECTS, word_set, work

FRAMING = frozenset({"put", "note", "mark", "show", "add", "list"})
_FRAMES = (
    "in_a_table",
    "as_a_conflict",
    "in_order_of",
    "under_observation",
    "side_by_side",
    "on_the_watchlist",
    "as_unverified",
    "as_unknown",
    "at_the_end",
    "at_the_bottom",
    "next_to_each_other",
    "beside_each_other",
)
_RECORDED = frozenset(["entry", "entries", "row", "rows", "line", "lines", "record", "history", "list", "table"])
# Taking a part out may hide what it is about, so only these.
_ADDS = word_set("add put move include insert write note list keep")
_PARTS = word_set(
    "sentence question paragraph section claim statement row finding point hypothesis note item entry gap"
)
_TEXTS = frozenset(["wording", "clause", "text", "quote", "trace"])
_ABOUT = frozenset(["about", "on", "regarding", "concerning"])
_REWORKS = word_set("redo reword rewrite rephrase shorten update refresh rebuild prepare rework")
_ALONE = re.compile(r"(?:^|_)(?:^it$|alone|open|undecided|untouched|unchanged|as_(?:it_is|they_are|is)|in_place)$")
_NOTHING = (("nothing",), ("nobody",), ("none",))
BRINGS = frozenset(["take", "bring", "keep", "leave"])


def kept_as_is(verb: str, after: Sequence[str]) -> bool:
    """ "Do nothing", "tell no one", "leave the order alone": an order that nothing happens."""
    alone = verb in BRINGS and _ALONE.search("_".join(after))
    return bool(alone) or tuple(after[:1]) in _NOTHING or tuple(after[:2]) == ("no", "one")


def about_a_part(sentence: Sequence[str], verb: int, thing: int, contents: frozenset[str] = frozenset()) -> bool:
    """ "Redo the record with the new bundle": the order is about a part of the artifact, what follows only says how.

    So is "add the question on coverage hours": what a sentence is about is not what is done. "Correct the timeline entry"
    is done to the artifact, whose `contents` it names; "according to the log, correct …" does nothing to the log.
    """
    if sentence[thing] == "instead" and set(sentence[thing + 2 : thing + 5]) & work().desk:
        return True  # "use that instead of the name in the ticket"
    if sentence[verb] in BRINGS and kept_as_is(sentence[verb], sentence[verb + 1 :]):
        return True
    if sentence[verb] in _ADDS and sentence[thing - 1] in {"to", "under", "of"} and thing > verb + 1:
        if sentence[thing] in contents and sentence[thing + 1 : thing + 2] != [] and sentence[thing + 1].isdigit():
            return True  # "add a trade-off to option 3"
    if thing < verb and "according" in sentence[max(0, thing - 3) : thing]:
        return True
    if (
        sentence[verb] in work().rework
        and thing > verb + 1
        and sentence[thing - 1] in contents
        and sentence[thing] in _RECORDED
    ):
        return True
    if sentence[verb] in _REWORKS and set(sentence[verb + 1 : thing]) & work().desk:
        return True
    if sentence[verb] in _ADDS and entry_for(sentence[verb + 1 : thing], contents):
        return True
    subject = subject_at(sentence[verb + 1 :])
    return subject is not None and thing > verb + 1 + subject and sentence[verb] in _ADDS


def entry_for(after: Sequence[str], contents: frozenset[str]) -> int:
    """Where it begins what an entry that is added is about ("a gap row for the missing 40 minutes"), or 0."""
    at = next((n for n, word in enumerate(after[:6]) if word in _WHICH_ONE), 0)
    if at == 0 or set(after) & _CONTENT or after[0] not in _ONE or set(after[at:]) & _GOES_TO:
        return 0
    return at if set(after[1:at]) & (_PARTS | contents) else 0


_ONE = frozenset(["a", "an", "the", "another", "one"])
_GOES_TO = frozenset(["to", "into", "in"])
_WHICH_ONE = frozenset(["for", "on", "about", "of", "with", "regarding"])
_CONTENT = frozenset(["that", "saying", "they", "them", "we", "will", "which"])


def subject_at(after: Sequence[str]) -> int | None:
    """Where it begins what a part of the text is about ("the sentence about …"), or None."""
    first = 1 if after[:1] and after[0] in OBJECTS else 0
    for at in (first, first + 1):
        if len(after) > at + 1 and after[at] in _PARTS and after[at + 1] in _ABOUT:
            return at + 1
        if len(after) > at + 1 and after[at] in _TEXTS and after[at + 1] == "of":
            return at + 1
    return None


_LABELLING = word_set("mark label flag tag list show note record keep treat put leave enter count register")
# How unsure a thing is, or that it is somebody's: to say so of it does nothing to it.
DOUBTS = word_set(
    """
    unverified unknown conflicting open hypothesis claim question quote inference provisional pending missing superseded
    duplicate duplicates void expired stale outdated conditional unsupported disputed uncertain untrusted unproven
    unconfirmed objection observation observed precedent context side blocked unsigned untested lossy
    """
)


def labelled(sentence: Sequence[str], verb: int) -> bool:
    """ "Mark option 1 as conditional until …": the order only says how unsure a thing is."""
    if sentence[verb] not in _LABELLING:
        return False
    end = next((n for n in range(verb, len(sentence)) if sentence[n] in _ENDS), len(sentence))
    at = next((n for n in range(verb + 1, end) if sentence[n] == "as"), end)
    if work().outside & set(sentence[verb:at]) and "'s" not in sentence[verb:at]:
        return False  # "label the statement in the customer update as unverified"
    named = sentence[at + 1 : next((n for n in range(at + 1, end) if sentence[n] in _UNTIL), end)]
    return bool(set(named) & DOUBTS) and not set(named) & work().outcome


_ENDS = frozenset([",", ";", ":", "and", "but", "then", "so"])
_UNTIL = word_set("until because since with for in by from per if when of on")


def as_open(order: Sequence[str]) -> bool:
    """ "Put it under the open items", "keep it as a quote": placed where it shows that it is open, or named so."""
    if labelled(order, 0):
        return True
    placed = order[0] in work().placing and _OPEN.search("_".join(order)) is not None
    return placed and not set(order) & work().outcome


_OPEN = re.compile(
    r"(?:under|among|to|into|in)_(?:the_|our_)?"
    r"(?:(?:open|unresolved|outstanding)_(?:items|questions|points|issues)|blockers|caveats|objections|gaps)"
)


def taken_out(order: Sequence[str]) -> list[str]:
    """What an order takes out of a part of the artifact ("leave the names out of the summary"), or nothing."""
    found = _TAKEN_OUT.match(" ".join(order))
    return found[1].split() if found else []


_TAKEN_OUT = re.compile(
    r"(?:take|remove|strike|cut|drop|leave|delete|mask|redact) (.{3,60}?) (?:out of|from|in) (?:the |our |this )?(?:\w+ ){0,2}"
    r"(?:paragraph|handoff|summary|draft|packet|record|receipt|invite|invitation|list|table|section|report|brief|annex|view|text)\b"
)


def framed(sentence: Sequence[str]) -> bool:
    """Whether the sentence says how the artifact is to show something: "put the options in a table"."""
    joined = "_".join(sentence)
    return any(frame in joined for frame in _FRAMES)
