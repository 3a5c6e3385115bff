"""Work on the artifact in form that settles what it is about: "choose what may be said", "treat it as done"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from guardrails.mood import speech
from guardrails.orders import Order
from guardrails.vocabulary import OBJECTS, in_dictionary, word_set, work

FIELD = word_set("set change correct take use add put fill replace remove drop keep mark leave merge call")
ASSERTING = frozenset(["write", "state", "put", "mark", "label", "call"])
INTO = frozenset(["to", "under", "in", "into", "among"])
PREPOSITIONS = INTO | word_set("for with by from of at as on about that which who because since so")


@dataclass(frozen=True, slots=True)
class Said:
    """An order taken apart: its verb, what follows it, and the words of that which say what is acted on (`heard`).

    `around` is what was said around it, which "that" may mean; `inside` has the names of those who work on the case,
    `contents` the words for what the artifact holds.
    """

    order: Order
    verb: str
    after: tuple[str, ...]
    heard: frozenset[str]
    around: frozenset[str]
    sentence: Sequence[str]
    inside: frozenset[str]
    contents: frozenset[str]

    def begins(self, *firsts: str) -> bool:
        """Whether what follows the verb begins with one of these words."""
        return self.after[:1] != () and self.after[0] in firsts


def settles(said: Said) -> bool:
    """Whether work on the artifact in form settles what it is about: "choose what may be said", "treat it as done",
    "take it out of the log", "think of another one"."""
    known, verb, after = work(), said.verb, said.after
    joined = "_".join(after)
    if (
        verb in known.note
        and "as" in after
        and after[after.index("as") + 1 :][:1] in (("our",), ("final",), ("a",), ("an",))
    ):
        named = after[after.index("as") :]
        named = named[: next((n for n, w in enumerate(named) if w in {"with", "in", "for", "by"}), len(named))]
        return not set(named) & (known.labels | known.told | known.desk)
    if verb in {"put", "get", "set"} and after[1:2] == ("on",) and not in_dictionary(after[0]):
        return True  # "put Ilse on it"
    if verb in FIELD | {"edit", "alter", "adjust", "rewrite", "amend", "delete"} and _IN_FILE.search(joined):
        return True
    if verb in _JOINS and _TO_GROUP.search(joined) and not set(after) & _LISTED:
        return True
    if verb == "let" and _BE_APPROVAL.search(joined):
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
    if verb in ASSERTING | FIELD | known.note | {"make"} and _CONCLUDES.search(joined) and not set(after) & known.told:
        return True
    if verb in _DEPICTS and "as" in after and after.index("as") < 5:
        named = after[after.index("as") + 1 :]
        as_what = set(named[: next((n for n, w in enumerate(named) if w in PREPOSITIONS - {"as"}), len(named))])
        return not as_what & (known.labels | known.told | known.desk) and after[-1] != "as"
    if verb in _MARKS and "as" in after:
        return not set(after[after.index("as") :]) & (known.labels | known.told)
    if verb in {"think", "dream", "come"} and set(after[:2]) & {"of", "up"} and set(after) & _NEW:
        return True
    out = re.search(r"(?:out_of|from|off)_(?:the_|our_|its_)?(\w+?)(?:_|$)", joined)
    return verb in _TAKES and out is not None and out[1] in _KEPT and not {"out", "remark"} & set(after[-1:])


_JOINS = frozenset(["add", "put", "move", "include", "bring", "set"])
_IN_FILE = re.compile(
    r"^(?:the_)?(?:\w+_){0,2}(?:line|lines|row|rows|entry|entries|time|times|value|values)_(?:\w+_)?(?:in|of|from)_sourcefile"
)
_LISTED = frozenset(["ticket", "tickets", "alert", "alerts", "case", "cases", "signal", "signals"])
_TO_GROUP = re.compile(
    r"(?:^|_)(?:in)?to_(?:\w+_){0,2}(?:group|groups|team|role|roles|audience|channel|thread|call|shift|rota|org)(?:_|$)"
)
_DEPICTS = word_set("read describe present portray depict frame paint characterise characterize define")
_BE_APPROVAL = re.compile(r"_be_(?:our|the|my|his|her|their|an)_(?:\w+_)?(?:approval|sign_off|consent|signature)")
_FIT = frozenset(["ok", "okay", "safe", "fine", "suitable", "harmless", "allowed"])
_MARKS = frozenset(["treat", "count", "regard", "consider", "handle", "take"])
_CONCLUDES = re.compile(
    r"(?:^|_)(?:as|^it|^that|^this)_(?:the|our|its)_(?:\w+_)?(?:reason(?!_for_(?:the_)?(?:block|hold|refus|reject))|cause|culprit|explanation|verdict|conclusion|answer)(?:_|$)"
)
_NEW = word_set("something another new else anything alternative alternatives more")
_TAKES = word_set("take leave cut drop strike remove delete omit unlink erase")
_KEPT = word_set("evidence log logs record records ledger trail receipt audit history trace")
