"""Where an order follows a condition without a comma: "if it is not back by noon take the second one"."""

from __future__ import annotations

from collections.abc import Sequence

from guardrails.vocabulary import BREAKS, inflected, past_of, verb_of, word_set, work

_OPENERS = word_set("if when once unless since because while after before until as")
_LEADS = word_set("just then please simply pls kindly")
_THINGS = word_set("the a an it them him her my our your their his this that these those all every no")
# What may not stand before the verb of an order: with it the verb belongs to the condition.
_BOUND = word_set(
    """
    to not no never i we you they he she it who that which the a an my our your their his her this these those all every each
    of for in on at by with from and or can could will would shall should may might must do does did dont doesnt didnt
    cannot cant wont let lets have has had be is are was were get
    """
)


def parted(words: Sequence[str]) -> list[str]:
    """The words with a comma where an order follows a condition that nothing parts from it."""
    made = list(words)
    for start, word in enumerate(words):
        opens = word in _OPENERS and (
            start == 0 or words[start - 1] in BREAKS or words[start - 1] in {"and", "but", "so", "then", "or"}
        )
        if opens and (at := _order_after(words, start)):
            made.insert(at, ",")
            break
    return made


def _order_after(words: Sequence[str], start: int) -> int:
    finite = False
    for at in range(start + 2, len(words) - 1):
        word, follower = words[at], words[at + 1]
        if word in BREAKS:
            return 0
        if finite and at > start + 2 and word in _LEADS and verb_of(follower):
            return at
        plain = words[at - 1] not in _BOUND and follower in _THINGS and word not in work().finite
        if finite and at > start + 2 and plain and verb_of(word):
            return at
        finite = finite or word in work().finite or inflected(word) or past_of(word) is not None
    return 0


def plainly(words: Sequence[str]) -> list[str]:
    """The words with what several of them say said by one: "get rid of" is to remove."""
    text = f" {' '.join(words)} "
    for said, meant in _PLAIN:
        text = text.replace(f" {said} ", f" {meant} ")
    return text.split()


_PLAIN = (
    ("make clear", "state"),
    ("make it clear", "state"),
    ("make plain", "state"),
    ("get rid of", "remove"),
    ("do away with", "remove"),
    ("got rid of", "removed"),
    ("make away with", "remove"),
)
