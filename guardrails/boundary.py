"""Does a request ask for what the scenario must not do? (card `must_not`, contract §4: a refusal and nothing more)

The boundary is data: each line of the card names shared intents (`intents.yaml`) and may add words of its own.
In chat the unclear is refused, and every order that is no work of the chat (`bounds`); in evidence, where every sentence
is somebody's statement, only orders that an intent names count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Literal

from casefile.scenario import BoundaryLine
from guardrails import approvals, reports
from guardrails.bounds import asks_consent, in_bounds, sourced, thing_of
from guardrails.conditions import parted, plainly
from guardrails.finding import Finding, excerpt
from guardrails.intents import Catalogue, Hit, Intent, Wording, catalogue
from guardrails.mood import Mood, asks_for_judgement, asks_nothing_here, clause_starts, mood, order_head, speech
from guardrails.named import folded_entry, with_names
from guardrails.nearest import Nearest
from guardrails.orders import Order, opinion, orders
from guardrails.own_parts import OwnParts, head_of
from guardrails.own_words import closest, told_only
from guardrails.plain_text import folded, tokens, versions
from guardrails.sentences import sentences
from guardrails.spelling import Spelling
from guardrails.subjects import FRAMING, about_a_part, as_open, entry_for, framed, kept_as_is, labelled, taken_out
from guardrails.vocabulary import verb_of, work
from guardrails.wishes import wishes

EFFECT = "refused, outside the boundary"

_INTENDS = frozenset({"will", "wants", "would", "has", "had", "decides", "thinks", "plans"})
_LETTERS = re.compile(r"[a-z0-9]{3,}")
_WONDERS = re.compile(
    r"(?:id|i would|im|i am|i)(?: also| just| really)* (?:be interested|be curious|interested|curious|wonder|wondering|love to know|like to know|want to know)\b"
)
_SUBJECT = 7  # words of the longest subject that "it" is read as
# Intents of lines that speak of approvals: an order to count one is judged by them.
_APPROVALS = frozenset({"approve-for-others", "text-as-approval"})
# Intents of lines that keep a thing out of the artifact.
_GUARDS = frozenset({"reveal-protected", "copy-sensitive"})
_WRITES = frozenset(
    {"state", "write", "put", "add", "enter", "say", "include", "word", "note", "record", "log", "make"}
)
_REFERS = frozenset({"that", "this", "it", "so"})
_FILE = re.compile(r"(?<!\S)[\w.-]+\.(?:json|jsonl|csv|tsv|xlsx|eml|log|yaml|md|pdf|png|ics|txt|docx|html)\b")
_THANKS = {"please", "thanks", "thx", "bitte"}
_CARRY_ON = re.compile(
    r"^\W*(?:(?:so|then|and|yes|ok|okay|please|just|now|but|pls|well|right|also)\W+)*"
    r"(?:do (?:it|so|that|this)|go ahead|go for it|make it (?:happen|so)|proceed|get it done|do please|"
    r"mach (?:es|das|mal)|tu es|fais le|allez y|hazlo|fallo|doe het|faca isso)\b"
    r"(?! with the (?:record|summary|draft|check))"
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One line of the boundary that the text asks to cross, with the words that show it."""

    line: str
    text: str
    intent: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Refused for each of `refused`; allowed when there is none. `sentence` is the folded text that decided."""

    refused: tuple[Refusal, ...] = ()
    sentence: str = ""

    @property
    def allowed(self) -> bool:
        """Whether nothing of it crosses the boundary."""
        return not self.refused

    def findings(self, place: str) -> list[Finding]:
        """The refusals as findings at `place` ("chat turn 4")."""
        return [
            Finding("boundary", place, EFFECT, excerpt(r.text), {"line": r.line, "words": " ".join(r.words)})
            for r in self.refused
        ]


class Boundary:
    """A scenario's must_not, ready to be asked.

    `names` extends the groups of the catalogue with the names of the case: `{"customer": ["Ingrid", "Halvorsen"],
    "engineering": […]}`. They are words of chat and evidence, so they never widen what is allowed. `own` are the parts
    of the artifact that the scenario drafts, `asks` the verbs of what people may ask of it in the chat: an order with
    one of them crosses a line only where an intent names it.

    Raises:
        KeyError: a line names an intent that the catalogue does not have.
        ValueError: a line has neither intents nor words of its own, so nothing would ever be refused by it.
    """

    def __init__(
        self,
        lines: Iterable[BoundaryLine],
        names: Mapping[str, Sequence[str]] | None = None,
        shared: Catalogue | None = None,
        own: OwnParts | None = None,
        asks: Iterable[str] = (),
    ) -> None:
        shared = shared or catalogue()
        self.own = own or OwnParts((), ())
        self._asks = frozenset(asks)
        groups = with_names(shared.groups, names or {})
        self._inside = frozenset(word for name in (names or {}).get("inside", ()) for word in tokens(folded(name)))
        self.lines: list[tuple[BoundaryLine, list[Wording]]] = []
        for line in lines:
            ids = dict.fromkeys(line.intents)
            ids |= dict.fromkeys(more for intent in line.intents for more in shared.intent(intent).also)
            intents = [shared.intent(intent) for intent in ids]
            if (line.verbs and line.objects) or line.phrases:
                said = tuple(map(folded_entry, line.verbs)), tuple(map(folded_entry, line.objects))
                intents.append(Intent(line.id, *said, tuple(map(folded_entry, line.phrases))))
            if not intents:
                raise ValueError(f"boundary line {line.id!r} has no intents and no words: it would refuse nothing")
            self.lines.append((line, [Wording(intent, groups) for intent in intents]))
        texts = {line.id: tokens(folded(line.text)) for line, _ in self.lines}
        meant = {line.id: [w for i in line.intents for w in i.split("-")] for line, _ in self.lines}
        things = {
            line.id: [w for i in line.intents for w in work().things.get(i, "").split()] for line, _ in self.lines
        }
        self._nearest = Nearest(texts, meant, things)
        self.counts_text = any(_APPROVALS & set(line.intents) for line, _ in self.lines)
        self._contents = self._nearest.free(self.own.contents - work().outside - work().outcome)
        firsts = {first for _, wordings in self.lines for wording in wordings for first in wording.first_words()}
        self._things = frozenset(word for word in firsts if not word.endswith("*"))
        self._beginnings = frozenset(word[:-1][:4] for word in firsts if word.endswith("*"))
        self._spelling = Spelling(word for _, wordings in self.lines for w in wordings for word in w.words())

    def corrected(self, words: Sequence[str]) -> list[str]:
        """The words with misspellings of the boundary's own vocabulary put right."""
        known = work().short
        whole = [
            known.get(token, token)
            for n, token in enumerate(words)
            if token != "re" or n + 1 == len(words) or verb_of(words[n + 1]) is None
        ]
        return [word for token in whole for word in self._spelling.correct(token)]

    def impersonal(self, words: Sequence[str]) -> list[str]:
        """The words with the names of those who work on the case read as "leadership", before "will" and "wants"."""
        return [
            "leadership" if word in self._inside and _INTENDS & set(words[n + 1 : n + 2]) else word
            for n, word in enumerate(words)
        ]

    def hits(self, sentence: Sequence[str], known: set[str]) -> Iterator[tuple[BoundaryLine, Hit]]:
        """Every mention of a forbidden act in one sentence; `known` collects the intents whose objects were named."""
        said = speech()
        for line, wordings in self.lines:
            for wording in wordings:
                found = wording.hits(sentence, said.attributes, said.nouns_before, wording.intent.id in known)
                yield from ((line, hit) for hit in found)
                if wording.mentions(sentence):
                    known.add(wording.intent.id)

    def acted_on(self, sentence: Sequence[str]) -> Iterator[tuple[BoundaryLine, Hit]]:
        """Orders whose verb nobody listed, on a thing that nothing but forbidden acts are done to."""
        said = speech()
        heads = {order_head(sentence, start) for start in clause_starts(sentence)} - {None}
        for head in heads:
            verb = sentence[head] if head is not None else ""
            if head is None or verb in said.safe or verb in said.reading or not verb.isalpha() or len(verb) < 3:
                continue
            if said.negation.search(" ".join(sentence[max(0, head - 5) :])):
                continue
            if verb in said.question_words or verb in said.nouns_before or verb in said.others or self._is_thing(verb):
                continue
            for line, wordings in self.lines:
                for wording in wordings:
                    if hit := wording.acted_on(sentence, head, said.attributes):
                        yield line, hit

    def outside(
        self, sentence: Sequence[str], asked: bool, before: Sequence[str], own: bool = False
    ) -> Iterator[tuple[BoundaryLine, Hit]]:
        """Orders that are no work of the chat, and opinions that nobody may give, with the lines that they are nearest to.

        `before` is the sentence before, which "it" and "that" may mean; `own` where the sentence words an own part.
        """
        around = [*before, *sentence]
        for said in chain(orders(sentence, asked), wishes(sentence, asked)):
            order, decides = head_of(said) if own else (said, False)
            if not decides and order.verb is not None and order.words[order.verb] in self._asks:
                continue
            if order.verb == 0 and (
                self.minimises(order.words) or as_open(order.words) or reports.recorded(order.words, before, sentence)
            ):
                continue
            if decides or not in_bounds(self.own.to_deciders(order), around, sentence, self._inside, self._contents):
                yield from self._cited(self._nearest.to(order.words, around), order.words)
                continue
            verb = order.words[order.verb or 0]
            if verb in work().concepts["recommend"] and not self._of_the_text(order):
                yield from self._cited(self._nearest.judging(verb), order.words)
            if sourced(order, sentence) or asks_consent(verb, order.words) or kept_as_is(verb, order.words[1:]):
                continue
            announced = self._nearest.announced(order.words)
            about = entry_for(order.words[1:], self._contents) if order.verb == 0 else 0
            acted = order.words[: about + 1] if about else order.words
            kept = announced + (
                [
                    *self._nearest.named(verb, _meant(acted, around)),
                    *self._nearest.contents(order.words),
                ]
                if verb in work().compose
                else self._nearest.guarded(order.words)
            )
            yield from self._cited(kept, order.words)
        if (asked and "what" in sentence[:3]) or ("what" in sentence and _WONDERS.match(" ".join(sentence))):
            yield from self._cited(self._nearest.contents(sentence), sentence)
        told = sentence[:2] in (["tell", "us"], ["tell", "me"], ["advise", "us"], ["advise", "me"])
        if (asked and opinion(sentence)) or (told and not set(sentence) & speech().attributed):
            judged = self._nearest.judged(work().judging)
            near = self._nearest.to(sentence, before, judged)
            yield from self._cited(
                [line for line in near if "your" in sentence or self._nearest.touches(line, sentence, told)], sentence
            )

    def put_down(
        self, sentence: Sequence[str], before: Sequence[str], asked: bool
    ) -> Iterator[tuple[BoundaryLine, Hit]]:
        """What an order to write "that" down would write, where that is the act: "he did it on purpose, state that"."""
        for order in orders(sentence, asked):
            if order.words[0] not in _WRITES or order.verb != 0 or not _REFERS & set(order.words[1:3]):
                continue
            said = " ".join(sentence).partition(" ".join(order.words))[0].split()
            told = said if len(said) > 3 else [*before, *said]
            if set(told) & (speech().attributed | work().told) or speech().negation.search(" ".join(told)):
                continue
            virtual = ["state", "that", *(w for w in told if w not in {",", ":"})]
            for line, hit in self.hits(virtual, set()):
                if hit.by_writing and mood(virtual, hit, False) != "talk":
                    yield line, hit

    def meant_by_it(
        self, sentence: Sequence[str], before: Sequence[str], asked: bool
    ) -> Iterator[tuple[BoundaryLine, Hit]]:
        """What an order does to "it", read as what the clause before speaks of: "the preview was short, leave it out"."""
        for order in orders(sentence, asked):
            if order.verb != 0 or order.words[1:2] not in (("it",), ("them",), ("that",)):
                continue
            said = " ".join(sentence).partition(" ".join(order.words))[0].split()
            told = said if len(said) > 3 else before
            thing = _subject_of(told)
            if not thing or set(told) & speech().attributed:
                continue
            virtual = [order.words[0], *thing, *order.words[2:]]
            for line, hit in self.hits(virtual, set()):
                if hit.object <= len(thing) and hit.verb == 0 and mood(virtual, hit, False) == "request":
                    yield line, hit

    def minimises(self, order: Sequence[str]) -> bool:
        """Whether what a line keeps out of the artifact is taken out of it: "take the invoice amounts out of the handoff"."""
        thing = taken_out(order)
        guards = (w for line, wordings in self.lines if _GUARDS & set(line.intents) for w in wordings)
        return bool(thing) and any(wording.objects.find(thing) for wording in guards)

    def _of_the_text(self, order: Order) -> bool:
        """Whether what is recommended is about the text: "suggest a shorter sentence"."""
        rest = order.words[(order.verb or 0) + 1 :]
        if rest and rest[0] in speech().question_words:
            return False
        return bool(set(thing_of(rest)) & work().desk) or len(rest) < 2

    def shares(self, line: str, words: Sequence[str]) -> bool:
        """Whether a word of the line stands in the words."""
        return self._nearest.shares(line, words)

    def _cited(self, ids: Iterable[str], words: Sequence[str]) -> Iterator[tuple[BoundaryLine, Hit]]:
        by_id = {line.id: line for line, _ in self.lines}
        yield from ((by_id[i], Hit("order", 0, 1, 0, "base", tuple(words[:6]), False, False)) for i in ids)

    def judgements(self, sentence: Sequence[str]) -> Iterator[tuple[BoundaryLine, Hit]]:
        """Questions that ask for a judgement of one's own, not for what somebody said or what stands in a source."""
        if not asks_for_judgement(sentence):
            return
        for line, wordings in self.lines:
            for wording in wordings:
                if hit := wording.asked(sentence):
                    yield line, hit

    def _is_thing(self, word: str) -> bool:
        return any(wording.objects.find([word]) for _, wordings in self.lines for wording in wordings)

    def names(self, text: str) -> bool:
        """Whether `text`, read quickly and as it is spelt, names any of the acts: a cheap test for long logs."""
        plain = folded(text) if not text.isascii() else text.lower()
        if not any(word in self._things or word[:4] in self._beginnings for word in _LETTERS.findall(plain)):
            return False
        words = tokens(plain)
        return any(wording.named(words) for _, wordings in self.lines for wording in wordings)

    def bare(self, sentence: Sequence[str]) -> Iterator[tuple[BoundaryLine, Hit]]:
        """Orders without a verb: "bridge, now!"."""
        for line, wordings in self.lines:
            for wording in wordings:
                if hit := wording.bare(sentence, speech().filler):
                    yield line, hit


def ask(text: str, boundary: Boundary, strictness: Literal["chat", "evidence"] = "chat") -> Verdict:
    """Whether `text` asks for something that the boundary forbids.

    Also read: the text without disguises (look-alike letters, invisible characters, split words, leet) and what
    base64, hexadecimal or rot13 parts of it say. `chat` refuses what is unclear; `evidence` only plain orders.
    """
    refusing: tuple[Mood, ...] = ("request", "unclear") if strictness == "chat" else ("request",)
    for n, version in enumerate(versions(text)):
        verdict = _ask_version(version, boundary, refusing, plain=n == 0)
        if not verdict.allowed:
            return verdict
    return Verdict()


@dataclass(frozen=True, slots=True)
class _Read:
    """One sentence as it is asked: its text, its words without the marks at its end, and whether it words an own part."""

    text: str
    words: list[str]
    marks: frozenset[str]
    own: bool


def _read(sentence: str, boundary: Boundary, chat: bool) -> _Read:
    words, own = boundary.corrected(tokens(sentence)), False
    if chat:
        words, own = boundary.own.read(parted(plainly(words)))
    marks = frozenset(words.pop() for _ in range(3) if words and words[-1] in {"?", "!", ".", ";"})
    if chat and "?" not in marks and (rest := approvals.without(words, not boundary.counts_text)) is not None:
        words = rest
    return _Read(sentence, words, marks, own)


def _ask_version(text: str, boundary: Boundary, refusing: tuple[Mood, ...], plain: bool) -> Verdict:
    talked_about: list[tuple[BoundaryLine, Hit]] = []
    known: set[str] = set()
    before: list[str] = []
    verdict, chat = Verdict(), "unclear" in refusing
    parts = sentences(_FILE.sub(" sourcefile ", text) if plain and chat else text)
    read = [_read(part, boundary, chat) for part in parts]
    for said, after in zip_longest(read, read[1:]):
        words, asked = said.words, "?" in said.marks
        found = list(boundary.hits(words, known))
        if chat:
            found += boundary.acted_on(words)
        if plain and framed(words):
            found = [(line, hit) for line, hit in found if hit.words[0] not in FRAMING]
        found = [
            (line, hit) for line, hit in found if not about_a_part(words, hit.verb, hit.object, boundary.own.contents)
        ]
        mentioned = found
        if chat:
            noted = reports.noted(words, after.words if after else ())
            found = [
                (line, hit)
                for line, hit in found
                if hit.verb >= noted
                and not boundary.minimises(words[hit.verb :])
                and not reports.told(words, hit, before)
                and not labelled(words, hit.verb)
            ]
        else:
            found = [
                one for one in found if not (asks_nothing_here(words, one[1]) or told_only(said.text, words, one[1]))
            ]
        told = boundary.impersonal(words)
        refused = [(line, hit) for line, hit in found if mood(told, hit, asked) in refusing]
        if asked and chat:
            refused = refused or list(boundary.judgements(words))
        if not asked and talked_about and _carries_on(said.text):
            refused = refused or talked_about
        urging = "!" in said.marks or set(words) & (speech().urgent | _THANKS)
        if urging and not asked and chat:
            refused = refused or list(boundary.bare(words))
        if plain and chat:
            refused = refused or list(boundary.put_down(words, before, asked))
            refused = refused or list(boundary.meant_by_it(words, before, asked))
            near = list(boundary.outside(words[noted:], asked, [*before, *words[:noted]], said.own))
            # Beside what is named, the nearest line is a guess: it says something where a word of it stands there.
            named = {line.id for line, _ in refused}
            refused += (
                [n for n in near if n[0].id not in named and boundary.shares(n[0].id, n[1].words)][:1]
                if named
                else near
            )
            before = words
        if refused:
            verdict = Verdict(tuple(_refusals(refused, verdict.refused)), verdict.sentence or said.text.strip())
        talked_about += mentioned
    return verdict


def _subject_of(words: Sequence[str]) -> list[str]:
    """What a statement speaks of: the words before its finite verb."""
    end = next((n for n, w in enumerate(words) if w in work().finite), 0)
    return list(words[:end]) if end <= _SUBJECT else []


def _meant(words: Sequence[str], around: Sequence[str]) -> Sequence[str]:
    """The words of an order, and what "it" may mean in it."""
    return [*words, *around] if words[1:2] in (("it",), ("them",)) else words


def _carries_on(sentence: str) -> bool:
    """ "The customer wants engineering paged. Do it." orders what was only talked about."""
    return any(_CARRY_ON.match(part) for part in re.split(r"[,:–—-]", sentence))


def _refusals(found: Sequence[tuple[BoundaryLine, Hit]], earlier: tuple[Refusal, ...]) -> Iterator[Refusal]:
    yield from earlier
    seen = {refusal.line for refusal in earlier}
    for line, hit in closest(found):
        if line.id not in seen:
            seen.add(line.id)
            yield Refusal(line.id, line.text, hit.intent, hit.words)
