"""What a person wishes without ordering it: "it would be fair if they had the packet", "that login should be gone".

A wish is read as the order that would bring it about, and then judged like any other order (`bounds`):

1. the frame that makes it a wish is found and taken off (`wishes` in `work.yaml`); one that somebody else is said to
   have ("he says it would be good if …") is a report
2. "you", "we" or an infinitive: the verb is what is ordered
3. another subject with a passive: its verb is what is ordered, done to the subject
4. a part of the artifact that shall say, show or be something: an order to state it there, and one to take it out where
   it shall not
5. whoever else shall do, get, be or know something: nothing that the chat can bring about
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from guardrails.mood import speech, tagged
from guardrails.orders import RANKS, Order, clauses
from guardrails.vocabulary import OBJECTS, base_of, inflected, only_verb, participle_of, verb_of, word_set, work

_REASONS = word_set("as since because given if when while now seeing after once")
_YOU_MAY = re.compile(r" you (can|could|should|may|might|must|need to|have to|ought to) (.+)$")
_COMES_ABOUT = word_set("be get go have run receive keep continue stay last remain end start")
_GONE = frozenset(["with", "out", "gone", "live", "over", "off"])
_ANYBODY = word_set("somebody someone anybody anyone everybody everyone")
_PLACES = frozenset(["among", "in", "on", "part", "inside"])
_US = frozenset(["you", "u", "we", "i", "us", "someone", "somebody", "one"])
_BE = word_set("be is are was were been get got gets stay stays stayed remain")
_MODALS = word_set("could can would might will should must did do does d to able")
_SHOWS = word_set(
    """
    say state read show list name mention contain begin start end have include stand come appear cover explain hold
    carry reflect cite quote look sound fit
    """
)
_NOT = word_set("not never no dont doesnt didnt isnt arent wasnt cannot cant wont")
_CONDITIONS = word_set("if unless whether when until before once because as since")
_FACT = word_set("by before first until under according per unless if whenever")
_TOLD_BY = word_set(
    """
    that if whether says said thinks thought wrote writes asks asked believes hopes claims felt feels told not
    """
)
_ARTICLES = word_set("the a an our this that these those its their his her my")
_WHICH = frozenset(["which", "who", "that", "where", "what"])


def wishes(sentence: Sequence[str], asked: bool) -> Iterator[Order]:
    """The orders that would bring about what the sentence wishes; one without a verb where none could."""
    if speech().competence.search(" ".join(sentence)):
        return
    before: Sequence[str] = ()
    asked = asked and not tagged(sentence)
    for clause in clauses(sentence):
        if asked:
            yield from _asked_for(clause)
            continue
        if clause[0] in _ANYBODY and len(clause) > 2 and verb_of(clause[1]):
            yield Order(tuple(clause[1:]), 0)
            continue
        if (said := _YOU_MAY.search(" ".join(clause))) and clause[0] in _REASONS:
            clause = ["i", "want", "you", *said[2].split()]
        framed = _framed(clause)
        order = _act(framed) if framed else _should(clause, before)
        if order is not None:
            yield order
        before = clause


def _framed(clause: Sequence[str]) -> list[str]:
    """What stands after the frame of a wish of the speaker's own; empty where there is none."""
    text = " ".join(clause)
    for match in work().wishes.finditer(text):
        before = text[: match.start()].split()
        if not before or before[-1] not in _TOLD_BY:
            return [*(["to"] if match[0].endswith(" to") else []), *text[match.end() :].split()]
    return []


def _act(words: Sequence[str]) -> Order | None:
    rest = list(words[1:] if words[0] in {"that", "if", "to", "when", "for"} else words)
    while rest and rest[0] in speech().filler - _US:
        rest = rest[1:]
    if len(rest) < 2:
        return None
    if rest[0] in _US:
        return _verb_first(rest[1:])
    if verb_of(rest[0]) and words[0] in {"to"}:
        return _verb_first(rest)
    at = _predicate(rest)
    return _of_subject(rest[:at], rest[at:]) if at else _thing(rest)


def _verb_first(words: Sequence[str]) -> Order | None:
    rest = list(words)
    while rest and (rest[0] in _MODALS or rest[0] in speech().filler or rest[:2] == ["be", "able"]):
        rest = rest[1:]
    if not rest or rest[0] in _NOT:
        return None
    base = base_of(rest[0])
    return Order((base, *rest[1:]), 0) if base and len(rest) > 1 else None


def _thing(words: Sequence[str]) -> Order | None:
    """ "I want a receipt in which that does not come up": to be had, unless what it says is wished away."""
    for n, word in enumerate(words):
        if n and word in _WHICH and _NOT & set(words[n + 1 : n + 4]) and any(base_of(w) in _SHOWS for w in words[n:]):
            return Order(("remove", *words), None)
    return None


def _should(clause: Sequence[str], before: Sequence[str]) -> Order | None:
    """ "The tenant should be told", "that has to go": what shall be, said as a fact."""
    text = " ".join(clause)
    if (match := work().would_be.search(text)) and text[: match.start()].split()[-1:]:
        subject = text[: match.start()].split()
        plain = subject[0] not in _US | _CONDITIONS | {"it", "that", "this", "there", "what", "which", "who", "nobody"}
        written = set(subject) & work().letters and "to" in subject
        told = (
            not written
            and set(subject) & (work().desk | speech().attributed | _TOLD_BY)
            and not set(subject) & work().outside
        )
        return Order(tuple(clause), None) if plain and not told else None
    match = work().shall.search(text)
    if match is None:
        return None
    subject, rest = text[: match.start()].split() or list(before[:5]), text[match.end() :].split()
    if match[0] in {"shouldnt", "mustnt"}:
        rest = ["not", *rest]
    while subject and (subject[0] in speech().filler or subject[0] in {"that", "so"}) and len(subject) > 1:
        subject = subject[1:]
    if not subject or not rest or len(subject) > 7 or set(subject) & (_CONDITIONS | _WHICH - {"that"}):
        return None
    if match[0].startswith("belong"):
        rest = ["be", *rest]
    if subject[0] == "it" and not (rest[0] == "be" and rest[1:2] and rest[1] in _GONE):
        return None
    done = rest[0] == "be" and len(rest) > 1 and participle_of(rest[1]) is not None
    anybody = done and subject[0] in {"someone", "somebody"}
    if (subject[0] in _US | {"there", "nobody", "no", "nothing"} and not anybody) or subject[-1] in _TOLD_BY - {"that"}:
        return None
    if set(rest) & _FACT and match[0] not in {"should", "ought to"}:
        return None
    return _of_subject(subject, rest)


def _asked_for(clause: Sequence[str]) -> Iterator[Order]:
    """ "Could the link be live by three?" """
    words = list(clause)
    if match := work().would_it.match(" ".join(clause)):
        order = _act([match[0].split()[-1], *" ".join(clause)[match.end() :].split()])
        if order is not None:
            yield order
        return
    if match := work().would_you.search(" ".join(clause)):
        after = [word for word in " ".join(clause)[match.end() :].split() if word not in {"still", "also", "then"}]
        if after and (base := base_of(after[0])) and base not in work().look:
            yield Order((base, *after[1:], *match[0].split()[1:-2]), 0)
        return
    while words and words[0] in speech().filler - _US:
        words = words[1:]
    if (
        len(words) < 4
        or words[0] not in {"could", "can", "might", "may", "couldnt", "cant"}
        or words[1] in _US | {"it", "there"}
    ):
        return
    at = _predicate(words[1:])
    if at and base_of(words[1 + at]) in _COMES_ABOUT:
        order = _of_subject(words[1 : 1 + at], words[1 + at :])
        if order is not None:
            yield order


def _of_subject(subject: Sequence[str], predicate: Sequence[str]) -> Order | None:
    rest = [word for word in predicate if word not in speech().filler]
    negated = bool(_NOT & set(rest[:3]))
    rest = [word for n, word in enumerate(rest) if n > 2 or word not in _NOT | (_MODALS if n == 0 else frozenset())]
    if not rest:
        return None
    about = [word for word in subject if word not in _ARTICLES]
    part = bool(set(about) & work().desk) and not set(about) & work().outside
    verb = base_of(rest[0]) or rest[0]
    if negated and not part and {"able", "allowed"} & set(predicate[:4]):
        return Order(("stop", *subject, *rest), None)
    if not negated and ("beside" in predicate or "next to" in " ".join(predicate)):
        return Order(("show", *subject), 0)
    if rest[0] in _BE and len(rest) > 1 and (base := participle_of(rest[1])):
        return None if negated else Order((base, *subject, *rest[2:]), 0)
    if (
        not negated
        and (base := participle_of(rest[0]))
        and rest[0] != base
        and rest[0] not in _BE | {"had", "read", "stood"}
    ):
        return Order((base, *subject, *rest[1:]), 0)
    if negated and verb in {"be", *_SHOWS} and (where := _in_part(rest)):
        return Order(("remove", *subject, "from", *rest[where + 1 :]), 0)
    if negated and verb == "be" and rest[1:] and rest[1] in _PLACES:
        return Order(("remove", *subject, "from", *rest[2:]), 0)
    if negated:
        return Order(("remove", *rest[1:], "from", *subject), 0) if part and verb in _SHOWS | {"be"} else None
    if part and verb in {"go", "disappear", "vanish"} and not rest[1:]:
        return Order(("remove", *subject), 0)
    if set(rest[1:3]) & RANKS:
        return Order(("put", *subject, *rest[1:]), 0)
    if part and verb in _SHOWS:
        return Order(("state", *subject, *rest[1:]), 0)
    if part and verb == "be":
        return Order(("set", *subject, *rest[1:]), 0)
    return Order((verb, *subject, *rest[1:]), None)


def _in_part(rest: Sequence[str]) -> int:
    """Where "in" stands before a part in which something shall not show ("not be visible in the receipt"), or 0."""
    at = next((n for n, word in enumerate(rest) if word in {"in", "on"}), 0)
    return at if at and set(rest[:at]) <= {"be", *_SHOWS, "visible", "seen", "mentioned", "shown", "listed"} else 0


def _predicate(words: Sequence[str]) -> int:
    """Where the finite verb stands after its subject, or 0."""
    for at in range(1, min(len(words), 8)):
        word = words[at]
        if word in _WHICH - {"that"}:
            return 0
        if word in work().finite or word in _BE or word in {"had", "get", "go", "went", "have", "got", "knew", "heard"}:
            return at
        if words[at - 1] not in _ARTICLES and (inflected(word) or only_verb(word)):
            return at
    return next((at for at in range(1, min(len(words) - 1, 8)) if _acts(words[at - 1 : at + 2])), 0)


def _acts(three: Sequence[str]) -> bool:
    """Whether a word that may be a noun is a verb: "the 3,000 show up", "the contract keep going"."""
    return three[0] not in _ARTICLES and bool(verb_of(three[1])) and (three[2] in OBJECTS or three[1] in _COMES_ABOUT)
