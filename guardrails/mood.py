"""Is it asked for? A mention of an act is an order, or a question, a report, a prohibition, a quotation.

Steps, in this order; the first that fits decides (word lists: `speech.yaml`):

1. a question about competence, a prohibition, or governed by a verb that reads or records: no request
2. a question in form only ("can you", "would you mind"): a request; any other question: none
3. a directive in front ("make sure", "it would help if", "should be"): a request
4. under a condition, in the past, or with others as its subject: no request
5. an imperative: a request
6. everything else is unclear; who asks decides what that means (chat refuses, evidence ignores)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from guardrails.intents import Hit
from guardrails.vocabulary import inflected, pattern

Mood = Literal["request", "unclear", "talk"]

_BREAKS = frozenset(',:;()[]"“”„»«–—-')
_ANDS = "and then but so also plus und dann aber sowie et puis mais y luego pero e poi ma en dan maar mas depois or oder ou o of"
_AND = frozenset(_ANDS.split())
_OR = frozenset({"or", "nor", "oder", "ou", "o", "of", "ni"})


@dataclass(frozen=True)
class Speech:
    """The word lists of `speech.yaml`, compiled."""

    filler: frozenset[str]
    aside: re.Pattern[str]
    asking: re.Pattern[str]
    directive: re.Pattern[str]
    relayed: re.Pattern[str]
    competence: re.Pattern[str]
    negation: re.Pattern[str]
    no_negation: re.Pattern[str]
    reading: frozenset[str]
    writing: frozenset[str]
    complement: frozenset[str]
    question_words: frozenset[str]
    foreign_aux: frozenset[str]
    question_aux: frozenset[str]
    past: frozenset[str]
    conditional: frozenset[str]
    others: frozenset[str]
    nouns_before: frozenset[str]
    urgent: frozenset[str]
    attributes: frozenset[str]
    real_words: frozenset[str]
    safe: frozenset[str]
    attributed: frozenset[str]
    words: frozenset[str]
    approving: tuple[str, ...]
    counting: tuple[str, ...]
    approvable: str
    going_on: re.Pattern[str]


@cache
def speech() -> Speech:
    """The word lists that ship with the product, read once."""
    import yaml

    text = files("guardrails").joinpath("speech.yaml").read_text("utf-8")
    raw = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  both are safe loaders
    made: dict[str, object] = {"words": frozenset(re.findall(r"[a-z]{4,}", text))}
    for name, value in raw.items():
        if isinstance(value, list):
            made[name] = pattern("|".join(map(str, value)))
        elif name in ("approving", "counting"):
            made[name] = tuple(value.splitlines())
        elif name == "approvable":
            made[name] = value.strip()
        elif name == "going_on":
            made[name] = re.compile(value.strip())
        elif name == "competence":
            made[name] = pattern(value.replace("| ", "|"))
        else:
            made[name] = frozenset(value.split())
    return Speech(**made)  # type: ignore[arg-type]  # the keys of the file are the members


def mood(tokens: Sequence[str], hit: Hit, asked: bool) -> Mood:
    """Whether the act of `hit` is asked for in the sentence `tokens`; `asked` when it ends with a question mark."""
    said = speech()
    left = said.aside.sub("", " ".join(_left(tokens, hit.verb))).split()
    before = " ".join(left)
    whole = " ".join(tokens)
    if said.competence.search(whole):
        return "talk"
    if _forbidden(tokens, hit, before, said) or _FORMULA.search(" ".join(tokens[: hit.verb + 2])):
        return "talk"
    if hit.phrase and hit.words[0] in said.question_words:
        # The question itself asks for the act ("what caused it?"), unless it asks what somebody said.
        return "talk" if _ATTRIBUTED.search(" ".join(tokens[1:])) else "request"
    if hit.by_writing and hit.phrase and any(token in said.writing for token in tokens[: hit.verb]):
        return "request"
    if hit.phrase and not asked and said.negation.match(" ".join(hit.words)) and not said.reading & set(left):
        return "request"  # "we dont need the lead for that": the sentence is the act
    if said.relayed.search(before) and not _told_to_record(tokens, said):
        return "request"
    if _governed(left, hit, said):
        return "talk"
    if said.asking.search(before) and not (hit.form == "past" and _asks_about(tokens, asked)):
        return "request"
    if hit.by_writing and not hit.phrase and _says_how_much(tokens, hit):
        return "talk"
    if _question(tokens, left, asked, said):
        return "talk"
    directed = said.directive.search(before) is not None
    if directed and (hit.words[0] in _LEARN or not _third_party_wish(left, said)):
        return "request"
    if left and not asked and _DATED.search(whole) and not all(token in said.filler for token in left):
        return "talk"
    if _conditional(left, said) and hit.words[0] != "just":
        return "talk"
    if hit.form in ("past", "third", "ing"):
        return _inflected(left, hit)
    if hit.foreign and any(token in said.past for token in tokens[max(0, hit.verb - 8) : hit.verb + 6]):
        return "talk"
    if all(token in said.filler for token in left) or _own_wish(left, hit, said):
        return "request"
    if _subject_is_other(left, tokens, said) or (not asked and _told_of_others(left, said)):
        return "talk"
    return "unclear"


_DATED = re.compile(r"\b(yesterday|ago|last (?:night|week|month|year|monday|friday)|this morning)\b")
_ATTRIBUTED = re.compile(
    r"\b(say|says|said|claims?|claimed|writes?|wrote|according|gives|(?<!to )give|gave|mails?|comments?|(?<!you )think|thinks)\b"
)


def asks_for_judgement(tokens: Sequence[str]) -> bool:
    """Whether a question wants the answerer's own view: nobody else is named whose view or act it is about."""
    said = speech()
    # "Do you think …" asks for the view of who answers.
    told = [token for n, token in enumerate(tokens) if token != "think" or tokens[n - 1 : n] != ["you"]]
    if said.competence.search(" ".join(tokens)) or any(token in said.attributed for token in told):
        return False
    light = said.filler - _SUBJECTS
    heads = [t for t in tokens if t not in light and t not in _BREAKS][:6]
    openers = said.question_aux | said.question_words | said.foreign_aux
    return any(t in openers for t in heads) and heads[:1] not in (["who"], ["whom"], ["when"], ["where"], ["whether"])


def tagged(sentence: Sequence[str]) -> bool:
    """ "Keep it here for now, ok?": the mark asks for consent, not for information."""
    ending = sentence[-1:] and (sentence[-1] in _TAGS or _TAG.search(" ".join(sentence)))
    return bool(ending) and len(sentence) > 3 and sentence[0] not in speech().question_words | _ASKING


_TAGS = frozenset(["ok", "okay", "right", "alright", "agreed", "deal", "yes", "no", "please", "thanks"])
_TAG = re.compile(
    r", (will|would|wont|wouldnt|could|couldnt|can|cant|is|isnt|shall|should|shouldnt|do|dont|doesnt) (you|it|we|they|he|she)$"
)
_ASKING = frozenset(
    ["can", "could", "would", "will", "shall", "should", "may", "might", "is", "are", "was", "were", "has", "have",
     "had", "do", "does", "did", "am", "isnt", "arent", "any"]
)  # fmt: skip


def _told_to_record(tokens: Sequence[str], said: Speech) -> bool:
    """ "Note that the customer wants to …", "Summarise who asks for …"."""
    first = next((t for t in tokens if t not in said.filler and t not in _BREAKS), "")
    return first in said.reading or first in said.question_words or first in said.question_aux


def _left(tokens: Sequence[str], verb: int) -> list[str]:
    """What stands before the verb in its clause; "and" opens a clause only where the verb follows at once."""
    said = speech()
    start = verb
    while start > 0:
        token = tokens[start - 1]
        if token in _BREAKS:
            break
        opens = token in _AND and token not in _OR and all(t in said.filler for t in tokens[start:verb])
        if opens and not _ends_asking(tokens[: start - 1], said):
            break
        start -= 1
    return list(tokens[start:verb])


def _ends_asking(tokens: Sequence[str], said: Speech) -> bool:
    """ "Can you also …": the word goes on with the question, and opens no clause."""
    text = " ".join(tokens[-4:])
    return any(match.end() == len(text) for match in said.asking.finditer(text))


def _forbidden(tokens: Sequence[str], hit: Hit, before: str, said: Speech) -> bool:
    """ "do not page", "page nobody", "alarmiere die Bereitschaft nicht"."""
    if said.negation.match(" ".join(tokens[hit.verb : hit.verb_end])):
        return False  # "don't mention the conflict": the prohibition is the act
    if said.no_negation.search(before):
        return False
    near = " ".join(before.split()[-6:])
    if said.negation.search(near):
        return True
    inner = tokens[hit.verb_end : max(hit.object, hit.verb_end + 1)]
    after = tokens[hit.object + 1 : hit.object + 4] if hit.foreign else ()
    beside = " ".join([*inner, *after])
    return any(word in f" {beside} " for word in _NEGATED_OBJECT)


def order_head(tokens: Sequence[str], start: int) -> int | None:
    """Where an order's verb stands in the clause that begins at `start`: its first word that says something."""
    said = speech()
    clause: list[str] = []
    for token in tokens[start:]:
        if token in _BREAKS:
            break
        clause.append(token)
    text = " ".join(clause)
    for lead in (said.aside, said.asking, said.directive):
        if match := lead.match(text):
            skipped = len(match[0].split())
            rest = order_head(clause, skipped) if skipped < len(clause) else None
            return None if rest is None else start + rest
    for index, token in enumerate(clause):
        if token not in said.filler and token != "to":
            return start + index
    return None


def clause_starts(tokens: Sequence[str]) -> list[int]:
    """Where clauses begin: at the start, after marks, and after words that add another order."""
    return [
        0,
        *(i + 1 for i, token in enumerate(tokens[:-1]) if token in _BREAKS or (token in _AND and token not in _OR)),
    ]


_NEGATED_OBJECT = (" no ", " nobody ", " no one ", " none ", " nicht ", " keine ", " keinen ", " kein ", " niemanden ",
                   " pas ", " personne ", " nadie ", " nessuno ", " niet ", " geen ", " niets ", " ninguem ")  # fmt: skip


def _governed(left: Sequence[str], hit: Hit, said: Speech) -> bool:
    """Whether a verb that reads or records stands before the act and reaches it by "to", "that", "who", …"""
    for index, token in enumerate(left):
        if token == "see" and left[index + 1 : index + 3] == ["to", "it"]:
            continue
        if index and left[index - 1] in said.nouns_before and token in _TEXTS:
            continue  # "the summary ought to say"
        if token in said.reading and (not (hit.by_writing and token in said.writing) or _ask_me(left[index + 1 :])):
            rest = left[index + 1 :]
            if any(word in said.complement for word in rest) and not _order_after(rest):
                return True
    return False


_TEXTS = frozenset({"summary", "note", "record", "report", "list", "draft", "log", "document", "mention"})


def _ask_me(rest: Sequence[str]) -> bool:
    """ "Tell me why it is called a breach": what follows is a question of the one who asks, and no text to write."""
    return bool(rest) and rest[0] in {"me", "us"} and bool(set(rest[1:3]) & {"why", "where", "when", "who", "which"})


def _order_after(rest: Sequence[str]) -> bool:
    """ "Say that you must page": the reading verb passes an order on; still content. Only "you to" is an order."""
    return " ".join(rest[-2:]) in {"you to", "him to", "her to", "them to"}


def _question(tokens: Sequence[str], left: Sequence[str], asked: bool, said: Speech) -> bool:
    light = said.filler - _SUBJECTS
    first = next((t for t in tokens if t not in light and t not in _BREAKS), "")
    head = next((t for t in left if t not in light), "")
    if first in said.question_words or head in said.question_words:
        return asked or bool(left and head)
    if (first in said.question_aux or head in said.question_aux) and "be" not in left[:2]:
        return asked or head in said.question_aux
    return asked and bool(head or first in said.foreign_aux)


_SUBJECTS = frozenset(
    {"you", "u", "du", "sie", "tu", "usted", "voce", "jij", "je", "me", "us", "i", "all", "everyone", "system"}
)


def _conditional(left: Sequence[str], said: Speech) -> bool:
    return any(token in said.conditional for token in left[:3])


def _inflected(left: Sequence[str], hit: Hit) -> Mood:
    """Passives and gerunds without a directive are talk, except "get engineering paged"."""
    first = next((t for t in left if t not in speech().filler), "")
    causative = first in {"get", "have"} and not {"been", "to"} & set(left)
    return "request" if hit.form == "past" and causative else "talk"


def _own_wish(left: Sequence[str], hit: Hit, said: Speech) -> bool:
    """ "We need a bridge": the verb itself is the wish."""
    return hit.words[0] in {"need", "want", "require"} and {t for t in left if t not in said.filler} <= {
        "we",
        "i",
    }


_LEARN = frozenset({"hear", "know", "learn"})  # "engineering should know": somebody has to tell them


def _third_party_wish(left: Sequence[str], said: Speech) -> bool:
    """ "Leadership should set …", "they want us to …": what others shall do or wish is told, not asked."""
    words = [t for t in left if t not in said.filler and t not in said.nouns_before]
    return bool(words) and words[0] in said.others and not {"be", "get", "got", "if"} & set(left)


def asks_nothing_here(tokens: Sequence[str], hit: Hit) -> bool:
    """Whether what looks like an order in evidence is between other people, or only the name of an act."""
    return _laid_on_others(tokens, hit) or _asked_for_here(tokens, hit) or _named_act(tokens, hit)


def _laid_on_others(tokens: Sequence[str], hit: Hit) -> bool:
    """ "The supplier must inform the customer": a rule that binds somebody else orders nothing of its reader."""
    left = _left(tokens, hit.verb)
    modal = next((n for n, token in enumerate(left) if token in _MODALS), 0)
    subject = {token for token in left[:modal] if token.isalpha()} - speech().nouns_before
    if not subject or subject & READERS or {"get", "got", "if"} & set(left):
        return False
    return "be" not in left or _BY_OTHERS.search(" ".join(tokens[hit.verb_end :])) is not None


def _named_act(tokens: Sequence[str], hit: Hit) -> bool:
    """ "Call back to the customer, no new facts", "Sign-in and export outages": the act's name, as a log or title has it.

    "Call the customer back" and "sign the credit off" are orders.
    """
    rest = [token for token in tokens[hit.verb + 1 : hit.verb + 3] if token != "back"]
    verb = tokens[hit.verb] if hit.verb_end - hit.verb == 1 else ""
    if verb in _ENTRIES:
        return rest[:1] in (["in"], ["on"])
    left = _left(tokens, hit.verb)
    return verb in _CONTACTS and not left and rest[:1] in (["to"], ["with"], ["from"])


_ENTRIES = frozenset({"sign", "log"})
_CONTACTS = frozenset({"call", "callback", "update", "visit", "chat"})


def _asked_for_here(tokens: Sequence[str], hit: Hit) -> bool:
    """ "Please send a sanitized HAR summary": a person asks another for a thing, and names nobody else to give it to."""
    if hit.intent != "share-wider" or tokens[hit.verb] not in _HANDS_OVER or hit.object < hit.verb_end:
        return False
    asks = set(_left(tokens, hit.verb)) & {"please", "could", "can", "would"}
    plain = set(tokens[hit.verb_end : hit.object]) <= _OF_THE_THING
    return bool(asks) and plain and not set(tokens[hit.object :]) & _GIVEN_ON


_HANDS_OVER = frozenset({"send", "upload", "provide", "mail", "email", "give"})
_OF_THE_THING = frozenset(
    {"a", "an", "the", "your", "us", "me", "one", "another", "new", "fresh", "full", "short", "complete", "latest",
     "updated", "sanitized", "sanitised", "redacted", "cleaned"}
)  # fmt: skip
_GIVEN_ON = frozenset(
    {"to", "with", "cc", "copy", "and", "then", "into", "onto", "at", "via", "everyone", "everybody", "anybody", "all",
     "public", "publicly", "externally", "outside", "around", "widely", "on", "onward", "onwards", "also", "too", "out"}
)  # fmt: skip
_BY_OTHERS = re.compile(r"\bby (?:the|an?) (?!end\b|time\b)")
# What letters and contracts always say: no order of theirs.
_FORMULA = re.compile(r"\bthank you$|\brelease notes?$|^signed for\b")
_MODALS = frozenset({"must", "shall", "should", "will", "may"})
READERS = frozenset(
    {"you", "we", "i", "someone", "somebody", "anyone", "anybody", "one", "it", "this", "that", "support", "assistant",
     "agent", "copilot", "bot", "casegate", "please"}
)  # fmt: skip


def _told_of_others(left: Sequence[str], said: Speech) -> bool:
    """ "The account team remembers a promise": somebody else is who does something, and the act is only what it is of."""
    first = next((t for t in left if t not in said.filler and t not in said.nouns_before), "")
    does = next((n for n, t in enumerate(left) if n and t.endswith("s") and inflected(t)), 0)
    return (
        0 < does < len(left) - 1
        and first not in _SUBJECTS | {"we", "i"}
        and not {"you", "if"} & set(left)
        and not set(left[:does]) & said.reading - {first}
    )


def _asks_about(tokens: Sequence[str], asked: bool) -> bool:
    """ "Under what conditions could the window be opened?": about an act, where "could it be opened?" asks for it."""
    first = tokens[:1] == ["under"] or (
        tokens[0] in speech().question_words and tokens[1:2] not in (["about"], ["if"], ["not"])
    )
    return asked and first


def _says_how_much(tokens: Sequence[str], hit: Hit) -> bool:
    """ "State how many minutes were lost": what is, not what will be."""
    between = " ".join(tokens[hit.verb_end : hit.object + 1])
    return _HOW_MUCH.search(between) is not None and not _WILL & set(tokens[hit.verb_end :])


_HOW_MUCH = re.compile(r"\b(how (many|much|long)|which of|who)\b")
_WILL = frozenset(
    {"will", "ll", "shall", "going", "would", "can", "could", "should", "get", "them", "they", "take", "takes"}
)


def _subject_is_other(left: Sequence[str], tokens: Sequence[str], said: Speech) -> bool:
    """ "We page the on-call at night", "leadership sets": somebody's habit. With "now" it is an order after all."""
    words = [t for t in left if t not in said.filler and t not in said.nouns_before]
    if not words or words[0] in {"need", "want", "please"}:
        return False
    subject = words[0] in said.others or words[0] in {"we", "i", "wir", "ich", "nous", "on"}
    return subject and not any(token in said.urgent for token in tokens)
