"""Whether the chat may carry out an order: the closed list of work that a person may ask for there (`work.yaml`).

Reading and telling are allowed whatever they are about; noting unless the words are the act itself; work on the
artifact where the order names a part of it, or the source that its content stands in. All else acts outside.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from guardrails.mood import speech
from guardrails.orders import OBJECTS, Order, Work, in_dictionary, work

_PRONOUNS = frozenset(["it", "that", "this", "so", "them"])
_RECEIVERS = frozenset(["him", "her", "them"])
_INFORM = frozenset(
    [
        "let",
        "inform",
        "ping",
        "notify",
        "remind",
        "tell",
        "show",
        "give",
        "point",
        "walk",
        "update",
        "warn",
        "alert",
        "send",
        "ask",
        "brief",
    ]
)
_DROPS = frozenset(["drop", "give", "send", "fix"])
_CALLS = frozenset(["ring", "call", "buzz", "shout"])
_STYLE = frozenset(
    [
        "reword",
        "rewrite",
        "rephrase",
        "shorten",
        "soften",
        "tighten",
        "condense",
        "improve",
        "polish",
        "simplify",
        "trim",
        "format",
    ]
)
_SPANS = frozenset(["days", "weeks", "months", "years", "forever"])
_HANDING = frozenset(
    ["send", "submit", "route", "forward", "escalate", "hand", "return", "give", "pass", "bring", "prepare", "draft"]
)
_FIELD = frozenset(
    [
        "set",
        "change",
        "correct",
        "take",
        "use",
        "add",
        "put",
        "fill",
        "replace",
        "remove",
        "drop",
        "keep",
        "mark",
        "leave",
        "merge",
        "call",
    ]
)
_ROLES = frozenset(
    [
        "duty",
        "lead",
        "exception",
        "staging",
        "intake",
        "review",
        "reviewer",
        "approver",
        "owner",
        "leadership",
        "schema",
        "finance",
        "deal",
    ]
)


def in_bounds(
    order: Order,
    around: Sequence[str],
    sentence: Sequence[str],
    inside: frozenset[str] = frozenset(),
    contents: frozenset[str] = frozenset(),
) -> bool:
    """Whether the chat may carry the order out.

    `around` is what was said around it, which "that" may mean; `inside` has the names of those who work on the case,
    `contents` the words for what the artifact holds.
    """
    known, words = work(), order.words
    if order.verb is None:
        return False
    verb, after = words[order.verb], words[order.verb + 1 :]
    if verb in known.compose and (subject := _subject(after)) is not None:
        after = after[:subject]
    if verb in known.foreign_look:
        return True
    desk = known.desk | (contents if verb in known.rework else frozenset())
    if _settles(verb, after, known, sentence):
        return False
    if verb in known.scale and contents & set(after[:6]):
        return True
    if asks_consent(verb, words):
        return True
    if verb == "put" and "down" in after and "as" in after and set(after[after.index("as") :]) & known.labels:
        return True
    if verb == "take" and after[:1] == ("down",):
        return not set(after) & known.outcome
    if verb in {"mark", "label", "flag", "tag"} and "as" in after and after[:1] and after[0] in _PRONOUNS:
        return bool(set(after[after.index("as") :]) & known.labels)
    if verb in {"put", "rank", "list", "place"} and contents & _RANKED and set(after) & _RANKS:
        return True
    heard = {w for i, w in enumerate(after) if w not in known.outside or not _attribute(after[i + 1 : i + 3], known)}
    if verb in known.rework:
        tool = next((n for n, w in enumerate(after) if n and w in _INSTRUMENT), len(after))
        heard -= known.outside - set(after[:tool])
    meant = inside & set(around) and not known.outside & set(around)
    if _to_insiders(verb, after, inside | _RECEIVERS if meant else inside):
        return True
    if after[:1] == ("nothing",) or (verb in {"reply", "answer", "respond"} and after[:1] == ("here",)):
        return True
    if verb == "point" and after[:1] in (("out",), ("me",), ("us",), ("to",)):
        return True
    if _receives(verb, after, known.outside & heard):
        return False
    if verb in known.note and not (heard & _PRONOUNS and set(around) & known.outcome):
        return not heard & known.outcome or bool(heard & known.told)
    if verb in known.compose and heard & _SPANS and verb in {"keep", "store", "retain", "make", "set"}:
        return False
    if (verb == "count" and "as" in after) or (verb == "write" and after[:1] in (("to",), ("back",))):
        return False
    if verb in known.compose and _of_people(verb, after, known):
        return False
    joined = "_".join(after)
    if any(manner in joined for manner in known.manner) and verb in known.compose:
        return True
    if verb in {"give", "bring"} and after[:1] in (("me",), ("us",)):
        return True
    if verb in {"take", "bring", "keep", "leave"} and after and "in" in (after[0], after[-1]):
        return not heard & known.outside  # "take that in"
    if verb == "use" and after in (("that",), ("it",), ("this",)):
        return True
    if (verb in {"think", "draw"} and after[:1] == ("up",)) or (verb in _DROPS and heard & (known.letters | _CALLS)):
        return False
    if (
        after
        and after[0] in _PRONOUNS
        and (verb in _STYLE or (verb == "make" and after[1:] and after[1].endswith("er")))
    ):
        return True  # "rewrite it so that …", "make it warmer"
    if (verb == "work" and after[:1] == ("out",)) or (verb == "say" and after[:1] == ("in",) and heard & known.desk):
        return not heard & known.outcome
    if verb == "see" and after[:1] in (("if",), ("to",), ("that",)):
        return False
    if verb == "ask" and after[:1] in (("for",), ("about",)):
        return bool(heard & known.desk)
    if verb in {"say", "state", "write"} and heard & known.told and not heard & known.letters:
        return True
    if verb in {"say", "tell", "ask"}:
        return bool(after) and (
            after[0] in {"me", "us"} or after[0] in speech().question_words or after[0] == "whether"
        )
    if verb in known.look:
        return True
    if verb not in known.compose:
        return False
    if verb in {"draft", "outline"} and after[:1] in (("what",), ("how",)):
        return True
    if (
        verb in {"write", "state", "put", "mark", "label", "call"}
        and heard & (known.outcome | known.sorry) - known.told
    ):
        return bool(heard & known.told)
    if heard & known.outside and not heard & known.told:
        return False
    if heard & known.outcome:
        return bool(heard & known.told) or sourced(order, sentence)
    return bool(heard & desk) or _version(after) or (verb in _FIELD and sourced(order, sentence))


def asks_consent(verb: str, words: Sequence[str]) -> bool:
    """ "Request the approval of the security approver": who has to decide is asked, nothing is decided."""
    asks = verb in {"request", "seek", "obtain"} and set(words[1:4]) & _CONSENT
    return bool(asks) and not set(words) & {"customer", "client", "tenant", "vendor"}


_INSTRUMENT = frozenset(["with", "from", "against", "using", "per"])
_RANKED = frozenset(["ranking", "ranked"])
_CONSENT = frozenset(["approval", "approvals", "decision", "confirmation", "review"])
_RANKS = frozenset(["before", "above", "below", "after", "behind", "ahead"])
_KEPT = frozenset(
    ["evidence", "log", "logs", "record", "records", "ledger", "trail", "receipt", "audit", "history", "trace"]
)


def _settles(verb: str, after: Sequence[str], known: Work, sentence: Sequence[str]) -> bool:
    """Whether work on the artifact in form settles what it is about: "choose what may be said", "treat it as done",
    "take it out of the log", "think of another one"."""
    joined = "_".join(after)
    if (
        verb in known.note
        and "as" in after
        and after[after.index("as") + 1 :][:1] in (("our",), ("final",), ("a",), ("an",))
    ):
        named = after[after.index("as") :]
        named = named[: next((n for n, w in enumerate(named) if w in {"with", "in", "for", "by"}), len(named))]
        return not set(named) & (known.labels | known.told | known.desk)
    if verb in _JOINS and _TO_GROUP.search(joined) and not any(w.isdigit() for w in after[:3]):
        return True
    if verb in {"choose", "pick", "select"} and after[:1] and after[0] in speech().question_words | {"whether"}:
        return True
    if (
        verb in {"get", "have", "make", "let"}
        and "to" in after[1:4]
        and after[0] not in OBJECTS
        and not in_dictionary(after[0])
    ):
        return True
    if verb in {"choose", "pick", "select", "list", "mark"} and set(after) & _FIT and set(after) & {"which", "that"}:
        return not set(after) & known.told - {"which"}
    if verb in {"show", "list", "present", "display"} and "as" in after:
        return bool(set(after[after.index("as") :]) & known.outcome) and not set(after) & known.told
    if verb == "make" and set(after) & {"look", "appear", "seem", "sound"} and set(after) & {"as", "like", "though"}:
        return True
    if verb in _MARKS and "as" in after:
        return not set(after[after.index("as") :]) & (known.labels | known.told)
    if verb in {"think", "dream", "come"} and set(after[:2]) & {"of", "up"} and set(after) & _NEW:
        return True
    out = re.search(r"(?:out_of|from|off)_(?:the_|our_|its_)?(\w+?)(?:_|$)", joined)
    return verb in _TAKES and out is not None and out[1] in _KEPT and not {"out", "remark"} & set(after[-1:])


_JOINS = frozenset(["add", "put", "move", "include", "bring", "set"])
_TO_GROUP = re.compile(
    r"(?:^|_)(?:in)?to_(?:\w+_){0,2}(?:group|groups|team|role|roles|audience|channel|thread|call|shift|rota|org)(?:_|$)"
)
_FIT = frozenset(["ok", "okay", "safe", "fine", "suitable", "harmless", "allowed"])
_MARKS = frozenset(["treat", "count", "regard", "consider", "handle", "take"])
_NEW = frozenset(["something", "another", "new", "else", "anything", "alternative", "alternatives", "more"])
_TAKES = frozenset(["take", "leave", "cut", "drop", "strike", "remove", "delete", "omit", "unlink", "erase"])


def _attribute(following: Sequence[str], known: Work) -> bool:
    """ "The customer's words", "the tenant name": whose it is, not who is reached."""
    rest = [w for w in following if w != "'s"]
    return bool(rest) and rest[0] in known.desk


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
    return any(m in joined for m in known.manner) or order.words[1] in speech().question_words | {"me", "us"}


_SOURCE_IS = re.compile(r"\bsources? (?:is|are|:)")
FRAMING = frozenset({"put", "note", "mark", "show"})
_FRAMES = ("in_a_table", "as_a_conflict", "under_observation", "side_by_side", "on_the_watchlist")


def about_a_part(sentence: Sequence[str], verb: int, thing: int) -> bool:
    """ "Redo the record with the new bundle": the order is about a part of the artifact, what follows only says how.

    So is "add the question on coverage hours": what a sentence is about is not what is done.
    """
    if sentence[verb] in _REWORKS and set(sentence[verb + 1 : thing]) & work().desk:
        return True
    subject = _subject(sentence[verb + 1 :])
    return subject is not None and thing > verb + 1 + subject and sentence[verb] in _ADDS


def _subject(after: Sequence[str]) -> int | None:
    """Where it begins what a part of the text is about ("the sentence about …"), or None."""
    first = 1 if after[:1] and after[0] in OBJECTS else 0
    for at in (first, first + 1):
        if len(after) > at + 1 and after[at] in _PARTS and after[at + 1] in _ABOUT:
            return at + 1
        if len(after) > at + 1 and after[at] in _TEXTS and after[at + 1] == "of":
            return at + 1
    return None


# Taking a part out may hide what it is about, so only these.
_ADDS = frozenset(["add", "put", "move", "include", "insert", "write", "note", "list", "keep"])
_PARTS = frozenset(["sentence", "question", "paragraph", "section", "claim", "statement", "row", "finding", "point"])
_TEXTS = frozenset(["wording", "clause", "text", "quote", "trace"])
_ABOUT = frozenset(["about", "on", "regarding", "concerning"])


_REWORKS = frozenset(
    ["redo", "reword", "rewrite", "rephrase", "shorten", "update", "refresh", "rebuild", "prepare", "rework"]
)


def framed(sentence: Sequence[str]) -> bool:
    """Whether the sentence says how the artifact is to show something: "put the options in a table"."""
    joined = "_".join(sentence)
    return any(frame in joined for frame in _FRAMES)


def _to_insiders(verb: str, after: Sequence[str], inside: frozenset[str]) -> bool:
    """Whether it only reaches people of the case: "let me know", "send it to the exception queue"."""
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


def _of_people(verb: str, after: Sequence[str], known: Work) -> bool:
    """ "Add me", "put it in a mail to Ann", "make it a defect", "bring it back": no part of the artifact is meant."""
    if after[:1] and after[0] in {"him", "her", "them", "me", "us"} and verb not in {"give", "get", "bring"}:
        return True
    if verb == "make" and after[:1] in (("it",), ("this",), ("that",)) and after[1:2] in (("a",), ("an",)):
        return True
    if "back" in after[:5] and verb in {"put", "bring", "take", "give", "get", "set", "move"}:
        return True
    to_name = any(w in {"to", "for"} and not in_dictionary(after[i + 1]) for i, w in enumerate(after[:-1]))
    return to_name and bool(known.letters & set(after))


def _version(after: Sequence[str]) -> bool:
    """ "Refresh v4": a version of the artifact."""
    return any(re.fullmatch(r"(?:v|r|rev|e|o|c|k|h|m|shot)\d+", word) for word in after)


def _receives(verb: str, after: Sequence[str], outside: frozenset[str]) -> bool:
    """Whether somebody outside is who is spoken to: "explain it to the client", "read him the notes"."""
    if after and after[0] in _RECEIVERS and len(after) > 1 and verb in _TOLD_TO and after[1] not in {"and", ","}:
        return True
    reached = {after[i + 1] for i, w in enumerate(after[:-1]) if w in {"to", "with", "for"}}
    reached |= {
        after[i + 2] for i, w in enumerate(after[:-2]) if w in {"to", "with", "for"} and after[i + 1] in OBJECTS
    }
    named = after[0] if after and after[0] not in OBJECTS else (after[1] if len(after) > 1 else "")
    return verb in _TOLD_TO and (named in outside or bool(reached & outside))


_TOLD_TO = frozenset(
    [
        "read",
        "tell",
        "show",
        "explain",
        "give",
        "ask",
        "answer",
        "say",
        "propose",
        "suggest",
        "open",
        "describe",
        "walk",
        "talk",
        "respond",
    ]
)
