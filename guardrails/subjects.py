"""What a sentence speaks of without acting on it: a part of the artifact, a table, a thing that is to stay as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from guardrails.vocabulary import OBJECTS, word_set, work

FRAMING = frozenset({"put", "note", "mark", "show", "add", "list"})
_FRAMES = (
    "in_a_table",
    "as_a_conflict",
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
_ALONE = re.compile(r"(?:^|_)(?:alone|open|undecided|untouched|unchanged|as_(?:it_is|they_are|is)|in_place)$")
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
    subject = subject_at(sentence[verb + 1 :])
    return subject is not None and thing > verb + 1 + subject and sentence[verb] in _ADDS


def subject_at(after: Sequence[str]) -> int | None:
    """Where it begins what a part of the text is about ("the sentence about …"), or None."""
    first = 1 if after[:1] and after[0] in OBJECTS else 0
    for at in (first, first + 1):
        if len(after) > at + 1 and after[at] in _PARTS and after[at + 1] in _ABOUT:
            return at + 1
        if len(after) > at + 1 and after[at] in _TEXTS and after[at + 1] == "of":
            return at + 1
    return None


def framed(sentence: Sequence[str]) -> bool:
    """Whether the sentence says how the artifact is to show something: "put the options in a table"."""
    joined = "_".join(sentence)
    return any(frame in joined for frame in _FRAMES)
