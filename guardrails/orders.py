"""Which orders a chat turn gives, and whether the chat may carry them out.

The rule is turned round: what a person may order in the chat is a closed list (`work.yaml`: to be shown and told what
the case holds, to have it written down, to have the artifact worked on), so an order in words that nobody thought of
acts outside and is refused. Questions for information and statements of fact are no orders.

Steps for each clause: what only leads up to it is taken off; a clause that begins with a subject, a question word or
has a finite verb near its start is no order; what begins with a verb is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from guardrails.mood import speech, tagged
from guardrails.reports import did
from guardrails.vocabulary import OBJECTS, Work, adverb, in_dictionary, inflected, noun, verb_of, word_set, work

_BREAKS = frozenset(",:;()[]–—-.!?")
_QUOTES = frozenset('"“”„»«')
_JOINTS = word_set("and then but so or und dann et puis luego poi")
_SUBJECTS_BEFORE = word_set("i we you he she it they that who which what where if whether why how when")
_ENGLISH = word_set("to of and or by with from is are me at for please")
_ASKED = word_set(
    """
    you u we someone somebody anyone i not du sie ihr wir tu vous on puedes podrias puede podria podemos podeis puoi
    potresti possiamo jij je kun kunt pode poderia podes mind chance possible about what
    """
)
_BELIEVED = frozenset(["believes", "thinks", "claims", "hopes", "argues"])
_HELD = word_set("before until once if when after whether unless")
_PLEASE = word_set("please pls plz kindly")
_CONDITIONS = word_set("when if once after whenever as since because while")
_LOCATORS = word_set("page row line section comment sheet column paragraph item slot option step")
_PAGE_ENDS: tuple[list[str], ...] = ([], ["of"], ["in"], ["to"], ["and"], ["says"], ["has"])
_BEING = word_set("is are was were has had")
_SAYING = word_set("told said wrote asked thinks thought believes")
_WORD_GAP = 4  # words after the first one of a clause among which a finite verb makes it a statement


@dataclass(frozen=True, slots=True)
class Order:
    """A clause that orders something: its words, and the place of its verb; none where it is no order in form."""

    words: tuple[str, ...]
    verb: int | None


def orders(sentence: Sequence[str], asked: bool) -> Iterator[Order]:
    """The orders of one sentence; `asked` when it ends with a question mark."""
    known, found = work(), False
    if speech().competence.search(" ".join(sentence)):
        return
    foreign = _foreign(sentence, known)
    asked = asked and not tagged(sentence)
    entry = _entry(sentence)
    for n, clause in enumerate(clauses(sentence[:entry] if entry else sentence)):
        order = _order(clause, asked, first=n == 0, foreign=foreign)
        if order is not None:
            found = True
            yield order
    if asked:
        return
    if _decides(sentence) or _from_now_on(sentence) or (not found and _fragment(sentence, known)):
        yield Order(tuple(sentence), None)


def _decides(sentence: Sequence[str]) -> bool:
    """ "It is approved", "her seat goes to Jan": a decision said as a fact, under no condition and of nobody else's."""
    held = _HELD & set(sentence)
    reported = _BELIEVED & set(sentence) and not {"so", "then"} & set(sentence)
    forbids = sentence[:1] == ["no"] and bool({"may", "can", "must", "shall", "should"} & set(sentence[2:5]))
    if held or reported or forbids:
        return False
    return _handed_on(sentence) or work().verdicts.search(" ".join(sentence)) is not None


def _handed_on(sentence: Sequence[str]) -> bool:
    """ "Her seat goes to Jan": said as a fact, somebody by name gets what was another's."""
    at = next(
        (n for n, w in enumerate(sentence[:-2]) if w in {"goes", "passes", "moves"} and sentence[n + 1] == "to"), 0
    )
    if not at or set(sentence[at:]) & {"approval", "review", "decision", "signature"}:
        return False
    whom = sentence[at + 2]
    return whom.isalpha() and not in_dictionary(whom) and not set(sentence[:at]) & speech().question_words


def _from_now_on(sentence: Sequence[str]) -> bool:
    """ "From Monday on, Mira does the cases", "if so he becomes the owner": who does what is settled as a fact."""
    text = " ".join(sentence)
    who = _BECOMES.search(text)
    return who is not None and (who[1] in {"he", "she", "they"} or not in_dictionary(who[1]))


_BECOMES = re.compile(
    r"(?:from \S+(?: \S+)? on|from now|if so|tonight|this week|next week)(?: ,)? (\w+) (?:becomes?|does|do|takes?|covers?|handles?|leads?|gets?) "
)


def _entry(sentence: Sequence[str]) -> int:
    """Where the content of an entry begins that is to be added ("add a follow-up task: rotate the key"), or 0."""
    at = sentence.index(":") if ":" in sentence else 0
    said = [word for word in sentence[:at] if word not in speech().filler]
    adds = bool(said) and said[0] in work().note | {"add", "put", "include", "insert"}
    return at if adds and set(said[-3:]) & _ENTRIES and at + 1 < len(sentence) else 0


RANKS = frozenset(["before", "above", "below", "after", "behind", "ahead"])
_ENTRIES = word_set("task tasks question questions item items follow-up todo check step action")


def opinion(sentence: Sequence[str]) -> bool:
    """Whether a question wants the view of who answers."""
    told = [word for n, word in enumerate(sentence) if word != "think" or sentence[n - 1 : n] != ["you"]]
    return work().opinions.search(" ".join(sentence)) is not None and not set(told) & speech().attributed


def _fragment(sentence: Sequence[str], known: Work) -> bool:
    """ "New password for her, please": a thing asked for without a verb; "12 percent, approved": a decision."""
    words, said = set(sentence), speech()
    if words & _PLEASE and _FOR_THEM.search(" ".join(sentence)) and not words & (known.finite | {"no", "not"}):
        return verb_of(sentence[0]) is None and sentence[0] not in said.question_words
    if any(inflected(word) for word in words) or "from now on" in " ".join(sentence):
        return False
    if words & (known.finite | known.desk | {"thanks", "thank", "sorry", "no", "not"}) or len(sentence) < 3:
        return False
    if words & said.question_words or not any(w.isalpha() and len(w) > 3 and w not in said.filler for w in words):
        return False
    return bool(words & {"please", "pls", "now", "asap", "immediately"}) or sentence[-1] in {
        "approved",
        "granted",
        "agreed",
    }


_FOR_THEM = re.compile(r"\b(?:for|to) (?:their \w+|the (?:customer|client|tenant))\b")


def clauses(sentence: Sequence[str]) -> list[list[str]]:
    """The clauses of a sentence, without its marks."""
    clauses: list[list[str]] = [[]]
    for token in sentence:
        if token in _QUOTES:
            clauses[-1] += ["quoted"] if clauses[-1] else []
            continue
        if token == "and" and "between" in clauses[-1][-4:]:
            clauses[-1].append(token)  # "between 03:00 and 04:00"
        elif token in _PLEASE and clauses[-1][:1] and clauses[-1][0] in _CONDITIONS and len(clauses[-1]) > 2:
            clauses.append([token])  # "when you have the slot please send …"
        elif token in _BREAKS or (token in _JOINTS and clauses[-1] and clauses[-1] != ["say"]):
            clauses.append([])
        else:
            clauses[-1].append(token)
    return [clause for clause in clauses if clause]


def _order(clause: Sequence[str], asked: bool, first: bool, foreign: bool) -> Order | None:
    said, known = speech(), work()
    start, urged = _lead(clause)
    rest = clause[start:]
    if not rest or clause[0] == "no" or said.negation.match(" ".join(rest)):
        return None
    if foreign and said.negation.search(" ".join(clause[:5])):
        return None
    if asked and not set(clause[:start]) & _ASKED:
        return None
    if _granted(rest, known) and not asked:
        return Order(tuple(rest), None)
    if asked and not urged:
        return None
    head = rest[0]
    if head in _LOCATORS and len(rest) > 1 and rest[1].isdigit() and (head != "page" or rest[2:3] in _PAGE_ENDS):
        return None  # "row 2 of the ledger"
    if head in said.question_words or (head in known.subjects and not urged) or (len(rest) == 1 and not first):
        return None
    if foreign:
        return _foreign_order(rest, known, first, urged)
    if head in known.foreign_starts:
        return None
    if verb_of(head) is None and (in_dictionary(head) or not first or rest[1:2] not in (["the"], ["it"], ["them"])):
        return None
    if not urged and _statement(rest, known, first):
        return None
    return Order(tuple(rest), 0)


def _lead(clause: Sequence[str]) -> tuple[int, bool]:
    """How many words only lead up to the order, and whether they say that it is one ("could you", "please")."""
    said, at, urged = speech(), 0, False
    while at < len(clause):
        text = " ".join(clause[at:])
        match = said.asking.match(text) or said.directive.match(text)
        if match and verb_of(match[0]) is None and not said.no_negation.match(text):
            at, urged = at + len(match[0].split()), True
        elif match := said.aside.match(text):
            at += len(match[0].split())
        elif (urged and clause[at] == "to") or (at + 1 < len(clause) and adverb(clause[at])):
            at += 1
        elif clause[at] in said.filler and not (clause[at] == "note" and at + 1 < len(clause)):
            urged = urged or clause[at] in {"please", "pls", "plz", "kindly", "bitte"}
            at += 1
        else:
            break
    return at, urged and at < len(clause)


def _statement(rest: Sequence[str], known: Work, first: bool) -> bool:
    """Whether a finite verb follows so soon that the first word is its subject ("press has not been told")."""
    if len(rest) == 1:
        return noun(rest[0])
    if did(rest) is not None:
        return True
    follower = rest[1]
    if (follower == "of" and rest[0] != "think") or follower in known.finite or (inflected(follower) and noun(rest[0])):
        return True
    if noun(rest[0]) and follower in {"of", "from", "in", "at", "by"} and not first and rest[0] != "think":
        return True
    if noun(rest[0]) and noun(follower) and follower not in OBJECTS:
        # "account team told me", "queue id in the packet is": two nouns and, in the same clause, their verb
        ends = next((n for n, w in enumerate(rest) if w in _SUBJECTS_BEFORE or w in _HELD), len(rest))
        if (rest[2:3] and rest[2] in _SAYING) or set(rest[2:ends]) & _BEING:
            return True
    for at in range(1, min(len(rest), _WORD_GAP)):
        if rest[at] in OBJECTS or rest[at] in _SUBJECTS_BEFORE:
            return False
        if rest[at] in known.finite or (at > 1 and inflected(rest[at]) and rest[at].endswith("s")):
            return noun(rest[0])
    if (
        not first
        and rest[0] in known.desk
        and follower not in OBJECTS
        and rest[0] not in known.compose | known.look | known.note
    ):
        return True  # "claim and source side by side"
    if not first and noun(rest[0]):
        # After a comma or "and" a word that may be a noun is a verb only with an object.
        return (
            follower not in OBJECTS
            and verb_of(follower) is None
            and not follower[0].isdigit()
            and rest[0] not in known.compose | known.look | known.note
        )
    return False


def _granted(rest: Sequence[str], known: Work) -> bool:
    """ "They get package B", "she should be sev 2": what somebody shall have, said as a fact."""
    at = _modal(rest, known)
    if at <= 0 or at > 5:
        return False
    subject = rest[:at]
    if rest[at + 1 : at + 2] == ["be"] and set(rest[at + 2 : at + 3]) & RANKS:
        return False  # "option 3 should be above option 2"
    if set(subject) & (known.desk | {"it", "time", "i", "you", "who", "what", "which", "nobody", "no", "that"}):
        return False
    if rest[at] in known.deserve:
        return True
    return subject[-1] in {"they", "he", "she", "customer", "client"} and rest[at] in {"get", "gets"}


def _modal(rest: Sequence[str], known: Work) -> int:
    return next((i for i, w in enumerate(rest[:6]) if w in known.deserve or w in known.grants), -1)


def _foreign(sentence: Sequence[str], known: Work) -> bool:
    """Whether the sentence has more small words of other languages than of English."""
    english = {w for w in sentence if w in known.subjects | known.finite or w in OBJECTS or w in _ENGLISH}
    foreign = {w for w in sentence if w in known.foreign_marks | known.foreign_starts | known.foreign_finite}
    return len(foreign - english) > len(english - foreign)


def _foreign_order(rest: Sequence[str], known: Work, first: bool, urged: bool) -> Order | None:
    if urged and first and len(rest) > 1 and rest[0] in known.foreign_starts:
        return Order(tuple(rest), len(rest) - 1)  # "bitte die Zeiten angeben"
    if not first or rest[0] in known.foreign_starts or set(rest[:4]) & known.foreign_finite:
        return None
    return Order(tuple(rest), 0)
