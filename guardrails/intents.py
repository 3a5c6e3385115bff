"""The shared catalogue of intents, and where a sentence names one (`intents.yaml` says what the words mean).

A hit is only a mention: whether it is asked for is decided by `mood`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from guardrails.english import Form, forms, third

_REACH = 9  # words between a verb and its object
_GAP = 5  # words that `..` may stand for
_STOPS = frozenset(".!?;()[]")
_CONTRAST = frozenset(
    {"and", "then", "but", "und", "dann", "et", "puis", "y", "luego", "e", "poi", "en", "dan", "depois"}
)


@dataclass(frozen=True, slots=True)
class Intent:
    """A forbidden kind of act and the words that name it, as data."""

    id: str
    verbs: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    unless: frozenset[str] = frozenset()
    by_writing: bool = False
    recipient: bool = False
    pronouns: frozenset[str] = frozenset()
    strong: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """An intent named in a sentence: token positions of its verb (first word) and its object, and the words."""

    intent: str
    verb: int
    verb_end: int
    object: int
    form: Form
    words: tuple[str, ...]
    by_writing: bool
    foreign: bool
    phrase: bool = False


@dataclass(frozen=True)
class Catalogue:
    """All intents, and the groups of names that objects refer to."""

    intents: Mapping[str, Intent]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def intent(self, intent: str) -> Intent:
        """One intent of the catalogue.

        Raises:
            KeyError: there is none of that id; a boundary that cannot be read must not be run with.
        """
        return self.intents[intent]


@cache
def catalogue() -> Catalogue:
    """The catalogue that ships with the product (`intents.yaml`), read once."""
    import yaml

    text = files("guardrails").joinpath("intents.yaml").read_text("utf-8")
    raw = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  both are safe loaders
    groups = {name: tuple(map(str, words)) for name, words in raw["groups"].items()}
    return Catalogue({name: _intent(name, spec) for name, spec in raw["intents"].items()}, groups)


def _intent(name: str, spec: Mapping[str, object]) -> Intent:
    def words(key: str) -> tuple[str, ...]:
        found = spec.get(key) or []
        return tuple(map(str, found)) if isinstance(found, list) else ()

    return Intent(
        name,
        words("verbs"),
        words("objects"),
        words("phrases"),
        frozenset(words("unless")),
        bool(spec.get("by_writing", False)),
        bool(spec.get("recipient", False)),
        frozenset(words("pronouns")),
        words("strong"),
        words("also"),
        words("asks"),
    )


class Wording:
    """The words of one intent, ready to be looked for."""

    def __init__(self, intent: Intent, groups: Mapping[str, Sequence[str]]) -> None:
        self.intent = intent
        self.verbs = _Lexicon(_inflected(_expanded(intent.verbs, groups)))
        self.objects = _Lexicon((words, "base") for words in _with_plurals(_expanded(intent.objects, groups)))
        self.phrases = _Lexicon(_phrases(intent.phrases))
        self.asks = _Lexicon((words, "base") for words in intent.asks)
        self.strong = _Lexicon((words, "base") for words in _expanded(intent.strong, groups))

    def words(self) -> Iterator[str]:
        """Every single word it knows, for the correction of misspellings."""
        for lexicon in (self.verbs, self.objects, self.phrases, self.asks):
            yield from lexicon.words()

    def first_words(self) -> Iterator[str]:
        """The words that its objects and phrases begin with; without one of them it is not named."""
        yield from self.objects.first_words()
        yield from self.phrases.first_words()

    def mentions(self, tokens: Sequence[str]) -> bool:
        """Whether an object of the intent is named, so that a later "it" may mean it."""
        return bool(self.objects.find(tokens))

    def named(self, tokens: Sequence[str]) -> bool:
        """Whether a phrase, or a verb and an object, stand anywhere in the tokens."""
        if self.phrases.find(tokens):
            return True
        return bool(self.verbs.find(tokens)) and bool(self.objects.find(tokens))

    def acted_on(self, tokens: Sequence[str], head: int, attributes: frozenset[str]) -> Hit | None:
        """An order with an unknown verb at `head` whose object is strong: "wake up the on-call", in any words."""
        near = tokens[head + 1 : head + 7]
        for start, end, _, _ in self.strong.find(near):
            at = head + 1 + start
            between = near[:start]
            if not any(word in _APART for word in between) and not self._attribute(
                near, (start, end, "base", ""), attributes
            ):
                if not self._cancelled(tokens, head):
                    return self._hit(tokens, head, head + 1, at, "base", "", phrase=False)
        return None

    def asked(self, tokens: Sequence[str]) -> Hit | None:
        """A question whose answer is the act itself: "is it safe?" asks for the judgement that nobody may give."""
        found = self.asks.find(tokens)
        if not found or self._cancelled(tokens, found[0][0]):
            return None
        start, end, _, entry = found[0]
        return self._hit(tokens, start, end, start, "base", entry, phrase=True)

    def bare(self, tokens: Sequence[str], filler: frozenset[str]) -> Hit | None:
        """ "Bridge, now!": nothing but an object and words of urgency."""
        found = self.objects.find(tokens)
        if not found or not self.intent.pronouns or len(tokens) > _REACH or {"no", "not"} & set(tokens):
            return None
        inside = {i for start, end, _, _ in found for i in range(start, end)}
        rest = [t for i, t in enumerate(tokens) if i not in inside and t.isalpha()]
        return None if any(t not in filler for t in rest) else self._hit(tokens, 0, 0, found[0][0], "base", "")

    def hits(
        self, tokens: Sequence[str], attributes: frozenset[str], nouns: frozenset[str], known: bool
    ) -> Iterator[Hit]:
        """Where `tokens` name the intent. `attributes` after an object word and `nouns` (articles, prepositions)
        before a verb word say that it is not used as one; `known`: an earlier sentence named an object."""
        objects = [o for o in self.objects.find(tokens) if not self._attribute(tokens, o, attributes)]
        if known or objects:
            objects += [(i, i + 1, "base", t) for i, t in enumerate(tokens) if t in self.intent.pronouns]
        for start, end, form, entry in self.phrases.find(tokens):
            alone = start + 1 == end and (end == len(tokens) or not tokens[end][0].isalnum())
            if not alone and not self._cancelled(tokens, start) and tokens[start - 1 : start] != ["'s"]:
                yield self._hit(tokens, start, end, start, form, entry, phrase=True)
        if not objects:
            return
        for start, end, form, entry in self.verbs.find(tokens):
            if form in ("base", "third") and _is_noun(tokens, start, nouns):
                continue
            if tokens[start:end] == ["do"] and tokens[end : end + 1] == ["not"]:
                continue
            follower = tokens[end] if end < len(tokens) else ""
            met = tokens[start] in _MEETINGS and follower == "with"
            if form == "base" and start + 1 == end and (follower in _OF or met):
                continue  # "an update from the customer", "export of the log", "mail is in the folder"
            if tokens[start:end] == ["open"] and follower in _LEFT_OPEN:
                continue  # "open question: which token was it?"
            compound = any(o[1] == start for o in objects) and start + 1 == end
            if form == "base" and compound and not self._foreign_order(tokens, start):
                continue  # "the new customer mail"
            found = next((o for o in objects if self._belongs(tokens, start, end, o, form)), None)
            if found and not self._cancelled(tokens, start):
                yield self._hit(tokens, start, end, found[0], form, f"{entry} … {found[3]}")

    def _hit(
        self,
        tokens: Sequence[str],
        start: int,
        end: int,
        at: int,
        form: Form,
        entry: str,
        phrase: bool = False,
    ) -> Hit:
        words = tuple(tokens[start:end]) if phrase else (*tokens[start:end], tokens[at])
        return Hit(
            self.intent.id,
            start,
            end,
            at,
            form,
            words,
            self.intent.by_writing,
            "*" in entry.split(" … ")[0],
            phrase,
        )

    def _attribute(self, tokens: Sequence[str], found: _Found, attributes: frozenset[str]) -> bool:
        followers = [token for token in tokens[found[1] : found[1] + 3] if token not in {"'s", "own"}]
        return bool(followers) and followers[0] in attributes

    def _cancelled(self, tokens: Sequence[str], verb: int) -> bool:
        if not self.intent.unless:
            return False
        clause = " ".join(_clause(tokens, verb))
        return any(f" {word} " in f" {clause} " for word in self.intent.unless)

    def _belongs(self, tokens: Sequence[str], start: int, end: int, found: _Found, form: Form) -> bool:
        at, stop = found[0], found[1]
        if start < at and stop < end:
            return True  # "take the hold off": the thing stands inside the verb
        if (at < end and stop > start) or (found[3] in self.intent.pronouns and at not in (end, end + 1)):
            return False
        low, high = (end, at) if at >= end else (stop, start)
        between = tokens[low:high]
        if self.intent.recipient and at >= end and any(token in _NOT_TO for token in between):
            return False
        if len(between) > _REACH or any(token in _STOPS or token in _TOLD for token in between):
            return False
        if at < start and form in ("base",) and "," not in between and not self._foreign_order(tokens, start):
            # "engineering got paged" has its object first; a base form has it first only in other word orders.
            return any(t in _LINKS for t in tokens[max(0, start - 3) : start]) or set(between) & {":", ","} != set()
        if at >= end and self.intent.by_writing and _described(between):
            return False
        joints = [i for i, token in enumerate(between) if token in _CONTRAST or token == ","]
        return at < start or all(len(between) - 1 - i <= 2 for i in joints[-1:]) or joints == []

    def _foreign_order(self, tokens: Sequence[str], verb: int) -> bool:
        return not tokens[verb].isascii() or any(tokens[verb].startswith(w) for w in self.verbs.prefixes)


def _described(between: Sequence[str]) -> bool:
    """ "List the open items that will be named in the receipt": the thing stands in what describes another one."""
    return any(
        word in {"that", "which"} and n and (between[n + 1] in _FINITE or between[n + 1].endswith("ed"))
        for n, word in enumerate(between[:-1])
    )


_FINITE = frozenset(
    {"is", "are", "was", "were", "will", "has", "have", "had", "would", "should", "can", "could", "may"}
)


def _is_noun(tokens: Sequence[str], at: int, nouns: frozenset[str]) -> bool:
    """ "the page", "a fourth mail": an article in front, or one with one word between."""
    if at and tokens[at - 1] in nouns:
        return True
    return at > 1 and tokens[at - 2] in _ARTICLES and tokens[at - 1].isalpha() and tokens[at - 1] not in _LINKS


_OF = frozenset({"from", "of", "is", "are", "was", "were"})
_LEFT_OPEN = frozenset(["question", "questions", "point", "points", "item", "items"])
_MEETINGS = frozenset({"call", "talk", "chat", "meeting", "session"})
_ARTICLES = frozenset({"a", "an"})
_Found = tuple[int, int, Form, str]
# "Tell me whether the customer …", "tell Ken that engineering …": the object is not who is spoken to.
_NOT_TO = frozenset(
    {"me", "us", "whether", "if", "that", "what", "who", "which", "why", "how", "when", "where", "mir", "moi"}
)
# What keeps an order and a thing apart: another clause, or the thing only says whose something is.
_APART = frozenset(
    {"from", "of", "by", "per", "about", "that", "which", "who", "what", "why", "how", "when", "where", "whether", "if", "is",
     "are", "was", "were", "and", "or", "but", ",", ":", "according", "see", "because", "than", "says", "said", "as"}
)  # fmt: skip
# "Put 'customer requests severity 1' under requests": what stands between is somebody's statement.
_TOLD = frozenset(
    {"requests", "requested", "asks", "asked", "wants", "wanted", "claims", "claimed", "says",
     "said", "demands", "demanded"}
)  # fmt: skip
_LINKS = frozenset({"to", "please", "you", "must", "should", "will", "can", "for", "so", "just"})


class _Lexicon:
    """Entries of one or more words, found in a token list. `xyz*` is a prefix, `..` up to four words."""

    def __init__(self, entries: Iterable[tuple[str, Form]]) -> None:
        self._by_first: dict[str, list[tuple[list[str], Form, str]]] = {}
        self.prefixes: set[str] = set()
        for entry, form in entries:
            parts = entry.split()
            if parts[0].endswith("*"):
                self.prefixes.add(parts[0][:-1])
            self._by_first.setdefault(parts[0], []).append((parts, form, entry))
        # Most tokens begin no entry: one look tells.
        self._begins = tuple(self.prefixes)

    def words(self) -> Iterator[str]:
        for entries in self._by_first.values():
            for parts, _, _ in entries:
                yield from (part for part in parts if part.isalpha() or part.endswith("*"))

    def first_words(self) -> Iterator[str]:
        """The words and prefixes that entries begin with."""
        return iter(self._by_first)

    def find(self, tokens: Sequence[str]) -> list[_Found]:
        found: list[_Found] = []
        for start, token in enumerate(tokens):
            if token not in self._by_first and not token.startswith(self._begins):
                continue
            best: _Found | None = None
            keys = [token, *(f"{prefix}*" for prefix in self.prefixes if token.startswith(prefix))]
            for key in keys:
                for parts, form, entry in self._by_first.get(key, ()):
                    end = _match(tokens, start, parts)
                    if end and (best is None or end > best[1] or (end == best[1] and form == "base" != best[2])):
                        best = (start, end, form, entry)
            if best:
                found.append(best)
        return found


def _match(tokens: Sequence[str], start: int, parts: Sequence[str]) -> int | None:
    at = start
    for index, part in enumerate(parts):
        if part == "..":
            rest = parts[index + 1 :]
            for gap in range(_GAP + 1):
                if at + gap <= len(tokens) and not any(t in _STOPS for t in tokens[at : at + gap]):
                    end = _match(tokens, at + gap, rest)
                    if end:
                        return end
            return None
        if at >= len(tokens) or not _same(tokens[at], part):
            return None
        at += 1
    return at


def _same(token: str, part: str) -> bool:
    return token.startswith(part[:-1]) if part.endswith("*") else token == part


def _clause(tokens: Sequence[str], at: int) -> Sequence[str]:
    ends = [i for i, token in enumerate(tokens) if token in _STOPS or token in _CONTRAST]
    low = max((i for i in ends if i < at), default=-1)
    high = min((i for i in ends if i > at), default=len(tokens))
    return tokens[low + 1 : high]


def _expanded(words: Iterable[str], groups: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for word in words:
        if word.startswith("@"):
            yield from groups.get(word[1:], ())
        else:
            yield word


def _with_plurals(entries: Iterable[str]) -> Iterator[str]:
    """Each thing also in the plural, where it is a word or words of letters alone."""
    for entry in dict.fromkeys(entries):
        yield entry
        last = entry.rpartition(" ")[2]
        if len(last) > 3 and last.isalpha() and not last.endswith("s"):
            yield f"{entry.removesuffix(last)}{third(last)}"


def _phrases(phrases: Iterable[str]) -> Iterator[tuple[str, Form]]:
    for phrase in phrases:
        first, _, rest = phrase.partition(" ")
        if not (rest and first.isalpha()):
            yield phrase, "base"
            continue
        for word, form in forms(first):
            yield f"{word} {rest}", form


def _inflected(verbs: Iterable[str]) -> Iterator[tuple[str, Form]]:
    for verb in verbs:
        first, _, rest = verb.partition(" ")
        if first.endswith("*"):
            yield verb, "base"
            continue
        for word, form in forms(first):
            yield (f"{word} {rest}".strip(), form)
