"""Whether the chat may carry out an order: the closed list of work that a person may ask for there (`work.yaml`).

Reading and telling are allowed whatever they are about; noting unless the words are the act itself; work on the
artifact where the order names a part of it, or the source that its content stands in. All else acts outside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from guardrails.mood import speech
from guardrails.orders import RANKS, Order
from guardrails.settling import ASSERTING, FIELD, INTO, PREPOSITIONS, Said, settles
from guardrails.subjects import BRINGS, as_open, kept_as_is, labelled, subject_at
from guardrails.vocabulary import OBJECTS, Work, in_dictionary, word_set, work

_PRONOUNS = frozenset(["it", "that", "this", "so", "them"])
_RECEIVERS = frozenset(["him", "her", "them"])
_INFORM = word_set("let inform ping notify remind tell show give point walk update warn alert send ask brief")
_LABELS = frozenset(["mark", "label", "flag", "tag"])
_PLACING = frozenset(["put", "rank", "list", "place"])
_REPLIES = frozenset(["reply", "answer", "respond"])
_KEEPING = frozenset(["keep", "store", "retain", "make", "set"])
_STATING = frozenset(["say", "state", "write"])
_DROPS = frozenset(["drop", "give", "send", "fix"])
_CALLS = frozenset(["ring", "call", "buzz", "shout"])
_STYLE = word_set("reword rewrite rephrase shorten soften tighten condense improve polish simplify trim format")
_SPANS = frozenset(["day", "days", "week", "weeks", "month", "months", "year", "years", "forever"])
_HANDING = word_set("send submit route forward escalate hand return give pass bring prepare draft raise refer report")
_ROLES = word_set("duty lead exception staging intake review reviewer approver owner leadership schema finance deal")


@dataclass(frozen=True, slots=True)
class Rule:
    """Where it `fits`, it decides whether the chat may carry the order out; else the next rule is asked."""

    example: str
    fits: Callable[[Said], object]
    allowed: bool | Callable[[Said], object]


def in_bounds(
    order: Order,
    around: Sequence[str],
    sentence: Sequence[str],
    inside: frozenset[str] = frozenset(),
    contents: frozenset[str] = frozenset(),
) -> bool:
    """Whether the chat may carry the order out: the first rule that fits decides, and what fits none may not be."""
    if order.verb is None:
        return False
    said = _taken_apart(order, around, sentence, inside, contents)
    rule = next((rule for rule in RULES if rule.fits(said)), None)
    if rule is None:
        return False
    return rule.allowed if isinstance(rule.allowed, bool) else bool(rule.allowed(said))


def _taken_apart(
    order: Order, around: Sequence[str], sentence: Sequence[str], inside: frozenset[str], contents: frozenset[str]
) -> Said:
    known, at = work(), order.verb or 0
    verb, after = order.words[at], order.words[at + 1 :]
    if verb in known.compose and (subject := subject_at(after)) is not None:
        after = after[:subject]
    heard = {w for i, w in enumerate(after) if w not in known.outside or not _attribute(after[i + 1 : i + 4], known)}
    heard -= {w for w, follower in pairwise(after) if w in known.outcome and follower in contents}
    if verb in known.compose and "that" in after and set(after[: after.index("that")]) & (known.desk | contents):
        heard -= known.outside - set(after[: after.index("that")])  # what a part shall say is held against every line
    if verb in known.rework:
        tool = next((n for n, w in enumerate(after) if n and w in _INSTRUMENT), len(after))
        heard -= known.outside - set(after[:tool])
    return Said(order, verb, after, frozenset(heard), frozenset(around), sentence, inside, contents)


def asks_consent(verb: str, words: Sequence[str]) -> bool:
    """ "Request the approval of the security approver": who has to decide is asked, nothing is decided."""
    if verb in _READIES and "for" in words[1:]:
        for_whom = words[len(words) - words[::-1].index("for") :]
        if set(for_whom) & _CONSENT and not set(words) & work().outside - {"approval"}:
            return True
    asks = verb in {"request", "seek", "obtain"} and set(words[1:4]) & _CONSENT
    return bool(asks) and not set(words) & {"customer", "client", "tenant", "vendor"}


_INSTRUMENT = frozenset(["with", "from", "against", "using", "per"])
_LEARN = frozenset(["know", "hear", "learn", "understand"])
_RANKED = frozenset(["ranking", "ranked", "hypotheses"])
_HYPOTHESIS = re.compile(r"h\d$")
_AT_PLACE = re.compile(r"_at_the_(?:end|bottom|start|beginning)$")
_NEWER = frozenset(["newer", "newest", "latest", "current", "corrected", "updated"])
_CONSENT = frozenset(["approval", "approvals", "decision", "confirmation", "review", "signature"])
_READIES = word_set("prepare draft build assemble compose make put get escalate raise")


def _attribute(following: Sequence[str], known: Work) -> bool:
    """ "The customer's words", "the tenant name": whose it is, not who is reached."""
    rest = [w for w in following if w not in {"'s", "own"}]
    owned = following[:1] == ("'s",) and bool(set(rest[:2]) & known.desk)
    return owned or (bool(rest) and rest[0] in known.desk)


def sourced(order: Order, sentence: Sequence[str]) -> bool:
    """Whether the order says where its content stands: "as the header says", "see the registry"."""
    known = work()
    joined, text = "_".join(order.words), " ".join(sentence)
    if (
        set(sentence) & known.sources
        or ", see " in text
        or _SOURCE_IS.search(text)
        or known.from_a_source.search(joined)
    ):
        return True
    if len(order.words) == 1:
        return False
    return any(m in joined for m in known.manner) or order.words[1] in speech().question_words - {"where"} | {
        "me",
        "us",
    }


_SOURCE_IS = re.compile(r"\bsources? (?:is|are|:)")


def _to_insiders(said: Said) -> bool:
    """Whether it only reaches people of the case: "let me know", "send it to the exception queue"."""
    verb, after, inside = said.verb, said.after, said.inside
    if inside & said.around and not work().outside & said.around:
        inside |= _RECEIVERS
    if verb in _INFORM and (after[:1] == ("me",) or after[:1] == ("us",)):
        return verb != "let" or after[1:2] in (("know",), ("see",), ("have",))
    if (
        verb in _INFORM - {"let"} | ({"let"} if "know" in after[:4] else set())
        and after[:1]
        and (after[0] in inside or (after[0] == "the" and after[1:2] and after[1] in _ROLES))
    ):
        return True
    if verb in _HANDING:
        reached = [after[i + 1 :] for i, w in enumerate(after) if w in {"to", "for"}]
        return any(
            r and (r[0] in inside or r[0] in _ROLES | {"me"} or (r[0] == "the" and r[1:2] and r[1] in _ROLES))
            for r in reached
        )
    return False


def _of_people(said: Said) -> bool:
    """ "Add me", "put it in a mail to Ann", "make it a defect", "bring it back": no part of the artifact is meant."""
    verb, after = said.verb, said.after
    if after[:1] and after[0] in {"him", "her", "them", "me", "us"} and verb not in {"give", "get", "bring"}:
        return True
    if verb == "make" and after[:1] in (("it",), ("this",), ("that",)) and after[1:2] in (("a",), ("an",)):
        return True
    if "back" in after[:5] and verb in {"put", "bring", "take", "give", "get", "set", "move"}:
        return True
    to_name = any(w in {"to", "for"} and not in_dictionary(after[i + 1]) for i, w in enumerate(after[:-1]))
    return to_name and bool(work().letters & set(after))


def _in_manner(after: Sequence[str]) -> bool:
    joined = "_".join(after)
    return any(manner in joined for manner in work().manner)


def _version(after: Sequence[str]) -> bool:
    """ "Refresh v4": a version of the artifact."""
    return any(re.fullmatch(r"(?:v|r|rev|e|o|c|k|h|m|shot)\d+", word) for word in after)


def _receives(said: Said) -> bool:
    """Whether somebody outside is who is spoken to: "explain it to the client", "read him the notes"."""
    verb, after, outside = said.verb, said.after, work().outside & said.heard
    if verb in _TALKS and (whom := _with_whom(after)) and whom not in said.inside:
        return True
    if after and after[0] in _RECEIVERS and len(after) > 1 and verb in _TOLD_TO and after[1] not in {"and", ","}:
        return True
    reached = {after[i + 1] for i, w in enumerate(after[:-1]) if w in {"to", "with", "for"}}
    reached |= {
        after[i + 2] for i, w in enumerate(after[:-2]) if w in {"to", "with", "for"} and after[i + 1] in OBJECTS
    }
    named = after[0] if after and after[0] not in OBJECTS else (after[1] if len(after) > 1 else "")
    return verb in _TOLD_TO and (named in outside or bool(reached & outside))


def _with_whom(after: Sequence[str]) -> str:
    """Whom "check with Mr Berg" or "clear it up with Ortega" is to be spoken to, where it is a name."""
    at = next((n for n, word in enumerate(after[:-1]) if word == "with"), len(after))
    name = (
        after[at + 2 : at + 3]
        if after[at + 1 : at + 2] in (("mr",), ("ms",), ("mrs",), ("dr",))
        else after[at + 1 : at + 2]
    )
    rest = after[at + 2 : at + 4]
    named = bool(name) and name[0].isalpha() and not in_dictionary(name[0]) and not set(rest) & (work().desk | {"'s"})
    return name[0] if named else ""


_TALKS = word_set("check clarify discuss talk speak align confirm agree clear")
_TOLD_TO = word_set("read tell show explain give ask answer say propose suggest open describe walk talk respond")


def _has_done_by(said: Said) -> bool:
    """Whether somebody by name who does not work on the case gets something to do: "let Anja do it", "give it to Sofia"."""
    if said.verb == "let":
        return said.after[:1] != () and not in_dictionary(said.after[0])
    reached = [follower for word, follower in pairwise(said.after) if word == "to"]
    return said.verb in {"give", "hand", "pass"} and any(not in_dictionary(name) for name in reached)


def _marked(said: Said) -> bool:
    """ "Mark it as …", "put it down as …": what follows "as" says how sure it is, or what it shall count for."""
    if said.verb == "put":
        return "down" in said.after and "as" in said.after and _labelled(said)
    return said.verb in _LABELS and "as" in said.after and said.begins(*_PRONOUNS)


def _named_so(said: Said) -> bool:
    """ "Mark it general": a label without "as"."""
    return said.verb in _LABELS and said.begins(*_PRONOUNS) and len(said.after) == 2


def _labelled(said: Said) -> bool:
    return bool(set(said.after[said.after.index("as") :]) & work().labels)


def _styled(said: Said) -> bool:
    """ "Rewrite it so that …", "make it warmer"."""
    return said.begins(*_PRONOUNS) and (
        said.verb in _STYLE or (said.verb == "make" and said.after[1:] != () and said.after[1].endswith("er"))
    )


def _noted(said: Said) -> bool:
    """What somebody said or saw is written down, unless "that" is the act itself."""
    return said.verb in work().note and not (said.heard & _PRONOUNS and said.around & work().outcome)


def _no_outcome(said: Said) -> bool:
    return not said.heard & work().outcome or bool(said.heard & work().told)


def _asserts(said: Said) -> bool:
    """ "Write that it is closed", "put in an apology": the words themselves are a decision or a promise."""
    return said.verb in ASSERTING and bool(said.heard & (work().outcome | work().sorry) - work().told)


def _of_the_artifact(said: Said) -> bool:
    known = work()
    desk = known.desk | (said.contents if said.verb in known.rework else frozenset())
    named = said.heard & desk & set(thing_of(said.after) if said.verb in _DOING else core(said.after))
    return (
        bool(named)
        or (_version(said.after) and said.verb != "hide")
        or (said.verb in FIELD and sourced(said.order, said.sentence))
    )


def _into_a_part(said: Said) -> bool:
    """What is placed under a heading that the artifact has; not in a queue, a roster or with people."""
    if said.verb not in work().placing or said.begins(*_PRONOUNS):
        return False
    at = max((n for n, w in enumerate(said.after) if w in INTO), default=len(said.after))
    named = said.after[
        at + 1 : next((n for n in range(at + 1, len(said.after)) if said.after[n] in PREPOSITIONS), None)
    ]
    return bool(named) and named[-1] in said.contents and not set(named) & work().outside


def thing_of(after: Sequence[str]) -> Sequence[str]:
    """The thing that is done or run, without anything beside it."""
    return after[: next((n for n, w in enumerate(after) if n and w in PREPOSITIONS), len(after))]


_DOING = frozenset(["run", "rerun", "start", "begin", "turn", "switch", "open"])


def core(after: Sequence[str]) -> list[str]:
    """What is acted on and where it goes, without what it is for, by, like, about, and why."""
    core, kept = [], True
    for n, word in enumerate(after):
        kept = word in _GOES or (kept and (n == 0 or word not in _ASIDE))
        core += [word] if kept else []
    return core


_GOES = frozenset(["to", "in", "into", "under", "on", "from", "among", "beside", "between"])
_ASIDE = word_set("that because since so if when while until unless for by about than")


# In this order; the first that fits decides.
RULES: tuple[Rule, ...] = (
    Rule("muestra las fuentes", lambda s: s.verb in work().foreign_look, True),
    Rule("tell nobody, leave it alone", lambda s: kept_as_is(s.verb, s.after), True),
    Rule("choose what may be said", settles, False),
    Rule("lower the rate by a step", lambda s: s.verb in work().scale and s.contents & set(s.after[:6]), True),
    Rule("request the approval of …", lambda s: asks_consent(s.verb, s.order.words), True),
    Rule("put it down as open", lambda s: s.verb == "put" and _marked(s) and _labelled(s), True),
    Rule("take down what he says", lambda s: s.verb == "take" and s.begins("down"), lambda s: not set(s.after) & work().outcome),
    Rule("mark it as unverified", lambda s: s.verb in _LABELS and _marked(s), _labelled),
    Rule("put H1 before H2", lambda s: s.verb in _PLACING and s.contents & _RANKED and set(s.after) & RANKS, True),
    Rule("put it at the end", lambda s: s.verb in work().placing and _AT_PLACE.search("_".join(s.after)), lambda s: not s.heard & (work().outside | work().outcome)),
    Rule("use the newer export", lambda s: s.verb == "use" and _NEWER & set(s.after[:3]),
         lambda s: not s.heard & (work().outside | work().outcome)),
    Rule("lower H4", lambda s: s.verb in work().scale and s.contents & _RANKED and _HYPOTHESIS.match(s.after[0] if s.after else ""), True),
    Rule("treat week 7 as untrusted", lambda s: labelled(s.order.words, s.order.verb or 0), True),
    Rule("list it under the open items", lambda s: as_open(s.order.words), True),
    Rule("draft something for her", lambda s: s.verb in work().compose and s.begins("something", "anything"),
         lambda s: not set(s.after) & {"she", "he", "they", "them", "her", "him"}),
    Rule("mark it general", _named_so, lambda s: not s.heard & (work().outcome | work().outside)),
    Rule("let me know", _to_insiders, True),
    Rule("let Anja review it", _has_done_by, False),
    Rule("let their CIO know", lambda s: s.verb in {"let", "have", "make"} and set(s.after[1:5]) & _LEARN, False),
    Rule("reply here", lambda s: s.verb in _REPLIES and s.begins("here"), True),
    Rule("point out who …", lambda s: s.verb == "point" and s.begins("out", "me", "us", "to"), True),
    Rule("explain it to the client", _receives, False),
    Rule("note that she asked", _noted, _no_outcome),
    Rule("keep it for 90 days", lambda s: s.verb in _KEEPING and s.heard & _SPANS, False),
    Rule("count it as met", lambda s: s.verb == "count" and "as" in s.after, False),
    Rule("write back", lambda s: s.verb == "write" and s.begins("to", "back"), False),
    Rule("add me", lambda s: s.verb in work().compose and _of_people(s), False),
    Rule("put it in a table", lambda s: s.verb in work().compose and _in_manner(s.after), True),
    Rule("give me the gaps", lambda s: s.verb in {"give", "bring"} and s.begins("me", "us"), True),
    Rule("take that in", lambda s: s.verb in BRINGS and s.after and "in" in (s.after[0], s.after[-1]),
         lambda s: not s.heard & work().outside),
    Rule("use that", lambda s: s.verb == "use" and s.after in (("that",), ("it",), ("this",)), True),
    Rule("think up a reason", lambda s: s.verb in {"think", "draw"} and s.begins("up"), False),
    Rule("drop her a line", lambda s: s.verb in _DROPS and s.heard & (work().letters | _CALLS), False),
    Rule("make it warmer", _styled, True),
    Rule("work out the gaps", lambda s: s.verb == "work" and s.begins("out"), lambda s: not s.heard & work().outcome),
    Rule("say in the summary …", lambda s: s.verb == "say" and s.begins("in") and s.heard & work().desk,
         lambda s: not s.heard & work().outcome),
    Rule("see to it", lambda s: s.verb == "see" and s.begins("if", "to", "that"), False),
    Rule("ask for the log", lambda s: s.verb == "ask" and s.begins("for", "about"), lambda s: s.heard & work().desk),
    Rule("state what is open", lambda s: s.verb in _STATING and s.heard & work().told and not s.heard & work().letters, True),
    Rule("tell me who …", lambda s: s.verb in {"say", "tell", "ask"},
         lambda s: s.begins("me", "us", "whether", *speech().question_words)),
    Rule("compare the two mails", lambda s: s.verb in work().look, True),
    Rule("restart the node", lambda s: s.verb not in work().compose, False),
    Rule("draft how it went", lambda s: s.verb in {"draft", "outline"} and s.begins("what", "how"), True),
    Rule("write that it is closed", _asserts, lambda s: s.heard & work().told),
    Rule("put it into the crm", lambda s: s.heard & work().outside and not s.heard & work().told, False),
    Rule("set it to approved", lambda s: s.heard & work().outcome,
         lambda s: s.heard & work().told or sourced(s.order, s.sentence)),
    Rule("shorten the summary", _of_the_artifact, True),
    Rule("add it to the blockers", _into_a_part, True),
)  # fmt: skip
