"""What a sentence tells of others: what they did, what they want. To tell it asks for nothing, nor does having it noted.

"The duty manager opened the bridge, note that" opens none, and "a comment asks you to suspend him, keep it as text"
suspends nobody. What is told reaches as far as its own clause: "Ken approved it, so send it" orders what stands after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from guardrails.intents import Hit
from guardrails.mood import speech
from guardrails.subjects import DOUBTS
from guardrails.vocabulary import (
    BREAKS,
    OBJECTS,
    adverb,
    in_dictionary,
    noun,
    participle_of,
    past_of,
    verb_of,
    word_set,
    work,
)

_FAR = 10  # words from the start of a clause within which its verb stands
_JOINTS = word_set("and then but so or")
# What stands before the verb makes an order, a condition or a relative clause of it, or another verb comes first.
_NOT_TOLD = word_set(
    """
    to you u if that which who whom whose what where when why how please pls must should shall will would can could may
    might is are was were be been do does did not never lets let dont doesnt cant cannot wont shouldnt mustnt id wed ill im
    """
)
_ENDS = word_set("to you that if please pls which who so")
_PERFECT = frozenset(["has", "have", "had", "s", "ve"])
_BETWEEN = word_set("already also just only now since")
# What "I" and "we" did with these is what they want now.
_WANTED = word_set("decided agreed wanted needed thought figured hoped wondered settled chose preferred ordered")
_SAYING = word_set(
    """
    say says said write writes wrote ask asks asked want wants wanted tell tells told demand demands demanded order orders
    ordered claim claims claimed request requests requested insist insists insisted suggest suggests suggested propose
    proposes proposed state states stated read reads think thinks believe believes expect expects
    """
)
_SELF = frozenset(["i", "we", "you", "u", "id", "please", "pls"])
_PRONOUNS = frozenset(["it", "that", "this", "them", "these", "those"])
_KEPT_BY = word_set(
    "note record log register mention keep mark list flag label tag put add enter document count treat file"
)
_AMOUNTS = word_set("one two separate fact facts confidence high low medium")
_OTHERS = frozenset(["blocked", "ones", "rest", "others", "tracker", "trail", "trace"])
_AT = word_set("down as in into under to among on with")


def did(clause: Sequence[str]) -> int | None:
    """Where the verb stands with which a clause tells what somebody did, or None where it does not."""
    if not clause or clause[0] in _NOT_TOLD:
        return None
    for at in range(1, min(len(clause), _FAR)):
        word = clause[at]
        if word in _NOT_TOLD:
            return None
        if word in _PERFECT:
            after = next((n for n in range(at + 1, min(len(clause), at + 4)) if not _light(clause[n])), at)
            return after if after > at and participle_of(clause[after]) and _who(clause, at, after) else None
        if past_of(word):
            return at if _who(clause, at, at) else None
    return None


def _light(word: str) -> bool:
    return word in _BETWEEN or adverb(word)


def _who(clause: Sequence[str], end: int, verb: int) -> bool:
    """Whether the words before `end` are who did it, and no order: "bridge lead already promised them a fix"."""
    subject = [word for word in clause[:end] if not _light(word)]
    if not subject or subject[-1] in OBJECTS:
        return False  # "kill all replayed sessions"
    if subject[0] in {"i", "we"}:
        return len(subject) == 1 and clause[verb] not in _WANTED
    if not in_dictionary(subject[0]) and OBJECTS & set(subject[1:]):
        return False  # "reattach the attachment lost …"
    known = work()
    if subject[0] in known.look | known.note | known.compose and noun(subject[0]) and end == verb:
        return False
    if verb_of(subject[0]) is None or end != verb:
        return verb_of(subject[0]) is None or noun(subject[0])
    plain = noun(subject[0]) and not OBJECTS & set(subject[1:])
    return plain and (_light(clause[verb - 1]) or (clause[verb + 1 : verb + 2] != [] and clause[verb + 1] in OBJECTS))


def clause_spans(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where the clauses of a sentence begin and end."""
    start = 0
    for at, word in enumerate([*words, "."]):
        if word in BREAKS or word in _JOINTS:
            if at > start:
                yield start, at
            start = at + 1


def tells(words: Sequence[str]) -> bool:
    """Whether a clause of the sentence tells what somebody did or says."""
    return any(
        did(words[a:b]) is not None or attributed(words[a:b]) or _states(words[a:b]) for a, b in clause_spans(words)
    )


def _states(clause: Sequence[str]) -> bool:
    """ "The product log has a gap": what is so."""
    at = next((n for n, word in enumerate(clause[:_FAR]) if word in _BEING), 0)
    return at > 0 and not set(clause[:at]) & _NOT_TOLD and clause[0] not in OBJECTS - {"the", "a", "an"}


_BEING = frozenset(["has", "have", "had"])


def told(words: Sequence[str], hit: Hit, before: Sequence[str]) -> bool:
    """Whether the act of `hit` stands in what a clause tells: it is what somebody did, or who did it."""
    for start, end in clause_spans(words):
        if not start <= hit.verb < end:
            continue
        if start == put_on_record(words) and recorded(words[start:end], before, words):
            return True  # "somebody changed the contract, flag it"
        verb = did(words[start:end])
        if verb is None:
            return False
        stop = next((n for n in range(start + verb + 1, end) if words[n] in _ENDS), end)
        return hit.verb < stop
    return False


def attributed(clause: Sequence[str]) -> bool:
    """Whether a clause tells what somebody else says or wants: "a comment asks you to suspend him"."""
    known = work()
    if not clause or clause[0] in _SELF or clause[0] in known.look | known.note | known.compose:
        return False
    at = next((n for n, word in enumerate(clause[:_FAR]) if word in _SAYING), 0)
    return at > 0 and not set(clause[:at]) & (_SELF | _NOT_TOLD - {"not"})


def put_on_record(words: Sequence[str]) -> int | None:
    """Where the clause begins that has what was told noted ("record it as content only"), or None."""
    for start, end in clause_spans(words):
        clause = list(words[start:end])
        while clause and clause[0] in speech().filler and clause[0] not in _KEPT_BY:
            clause = clause[1:]
        if (
            len(clause) > 1
            and clause[0] in _KEPT_BY
            and clause[1] in _PRONOUNS
            and (len(clause) == 2 or clause[2] in _AT)
        ):
            return start
    return None


def noted(words: Sequence[str], after: Sequence[str]) -> int:
    """How many words of a sentence only tell what others want, where that is had noted at once: in it or `after` it."""
    if not any(attributed(words[a:b]) for a, b in list(clause_spans(words))[:1]):
        return 0
    if (start := put_on_record(words)) is not None:
        return start
    return len(words) if put_on_record(after) is not None else 0


def recorded(order: Sequence[str], before: Sequence[str], sentence: Sequence[str]) -> bool:
    """Whether the order only has noted what was told: "record that as an observation", "put it in the log"."""
    known = work()
    while order and order[0] in speech().filler and order[0] not in _KEPT_BY:
        order = order[1:]
    if not order or order[0] not in _KEPT_BY or not _PRONOUNS & set(order[1:2]):
        return False
    said = " ".join(sentence).partition(" ".join(order))[0].split()
    if not tells(said) and not tells(before):
        return False
    rest = [word for word in order[2:] if word != "down"]
    if set(rest) & (known.outcome | known.outside) - known.told:
        return False
    if rest[:1] and rest[0] == "as":
        return bool(set(rest) & (known.labels | known.told | DOUBTS) - _AMOUNTS)
    return not rest or (rest[0] in _AT and bool(set(rest) & (known.desk | known.labels | _OTHERS)))
