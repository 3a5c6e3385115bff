"""The parts of the artifact that a scenario drafts: to word them is its own work, also where their names tell of others.

"Reword the customer update" reaches no customer. So such a part is read as "the paragraph", and a reader whom it is
written for is left out, as long as the order is about wording: what is done with the whole of it ("put the customer
update on the status page") stays as it was said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from guardrails.english import third
from guardrails.mood import clause_starts, order_head, speech
from guardrails.orders import Order
from guardrails.plain_text import folded, tokens
from guardrails.vocabulary import in_dictionary, thing, verb_of, work

_PART = "paragraph"
_CLAUSES = frozenset(["that", "whether", "what", "who", "which", "how", "why", "where", "when"])
_CONTENT = _CLAUSES | {"about", "on", "regarding", "saying"}
_PLACES = frozenset(["in", "into", "to", "from", "of", "under", "at", "on", "within"])
_ARTICLES = frozenset(["the", "our", "this", "that", "a", "an", "my"])
_WAYS = frozenset(["on", "onto", "to", "by", "via", "in", "into", "through", "over", "as", "with", "for"])
_CUSTOMER = ("the", "customer")
_MORE = frozenset(["more", "less"])


class OwnParts:
    """`parts` are what people call them in the chat ("customer update"), `readers` the roles whom they are written for,
    `contents` what the artifact holds, as the card says it, `deciders` the roles of those who decide at its gates."""

    def __init__(
        self,
        parts: Iterable[str],
        readers: Iterable[str],
        contents: Iterable[str] = (),
        deciders: Iterable[str] = (),
    ) -> None:
        self._parts = sorted({_words(part) for part in parts}, key=len, reverse=True)
        self.contents = frozenset(
            form for c in contents for word in _words(c) if _content(word) for form in _numbers(word)
        )
        called = {name for role in deciders for name in _decides(_words(role))}
        self._deciders = sorted(called, key=len, reverse=True)
        self._readers = sorted({name for role in readers for name in _called(_words(role))}, key=len, reverse=True)

    def read(self, sentence: Sequence[str]) -> tuple[list[str], bool]:
        """The sentence with its own parts read as "paragraph", and whether there is one that is worked on."""
        if not self._parts:
            return list(sentence), False
        heads = _heads(sentence)
        made: list[str] = []
        at, own = 0, False
        while at < len(sentence):
            verb = next((sentence[head] for head in reversed(heads) if head < at), "")
            if size := _starts(sentence[at:], self._parts):
                worded = _worded(verb, sentence, at, at + size) and not _goes_out(sentence[at + size :])
                made += [_PART] if worded else sentence[at : at + size]
                own, at = own or worded, at + size
            elif verb in work().wording and (size := self._for_reader(sentence[at:])):
                own, at = True, at + size
            else:
                made.append(sentence[at])
                at += 1
        return (_in_order(made), True) if _PART in made and own else (made, own)

    def to_deciders(self, order: Order) -> Order:
        """The order with those who decide at a gate read as "approver": to bring it before them decides nothing."""
        made: list[str] = []
        at = 0
        while at < len(order.words):
            before = [word for word in made[-2:] if word not in _ARTICLES]
            size = _starts(order.words[at:], self._deciders) if before and before[-1] in _BEFORE else 0
            made.append("approver" if size else order.words[at])
            at += size or 1
        return Order(tuple(made), order.verb)

    def _for_reader(self, rest: Sequence[str]) -> int:
        if rest[0] != "for":
            return 0
        skipped = 2 if rest[1:2] == ["the"] else 1
        size = _starts(rest[skipped:], self._readers)
        return skipped + size if size else 0


def head_of(order: Order) -> tuple[Order, bool]:
    """The order without the content that it gives to a part, and whether that content is a decision of its own."""
    words = order.words
    if _PART not in words:
        return order, False
    named = words.index(_PART)
    cut = next((at for at in range(named + 1, len(words)) if words[at] in _CONTENT), len(words))
    content = set(words[cut:])
    return Order(words[:cut], order.verb), bool(content & work().outcome) and not content & work().told


def _worded(verb: str, sentence: Sequence[str], start: int, end: int) -> bool:
    """Whether the part is worked on by the order with this verb, or by what is said of it without one."""
    rest = sentence[end:]
    if _opens(sentence[:start], rest):
        return True
    if verb == "make":
        return _looks(["be", *rest[1:]] if rest[:1] in (["sound"], ["read"], ["look"]) else ["be", *rest])
    if verb in work().wording:
        return True
    if verb in work().placing:
        before = [word for word in sentence[:start] if word not in _ARTICLES]
        return bool(before) and before[-1] in _PLACES
    return not verb and rest[:1] in (["should"], ["must"]) and _looks(rest[1:])


def _heads(sentence: Sequence[str]) -> list[int]:
    """Where the verbs of the orders stand, clause by clause."""
    found = {order_head(sentence, start) for start in clause_starts(sentence)} - {None}
    return sorted(at for at in found if at is not None and verb_of(sentence[at]) and sentence[at - 1] not in _ARTICLES)


def _opens(before: Sequence[str], rest: Sequence[str]) -> bool:
    """ "In the customer update, say that …": the place stands before its order."""
    only_place = bool(before) and before[0] in _PLACES and all(word in _ARTICLES for word in before[1:])
    return only_place and rest[:1] == [","] and rest[1:2] != [] and rest[1] in work().placing | work().wording | _ASKS


def _in_order(words: list[str]) -> list[str]:
    """The same with the order before its place."""
    end = words.index(_PART) + 1
    if _opens(words[: end - 1], words[end:]) and words[end + 1] in _ASKS:
        return ["add", *words[:end], "that", *words[end + 1 :]]
    return [words[end + 1], *words[:end], *words[end + 2 :]] if _opens(words[: end - 1], words[end:]) else words


def _looks(rest: Sequence[str]) -> bool:
    """ "Be shorter", "say who …": how the part looks and what it says, not what happens to it."""
    if rest[:1] == ["be"]:
        return any(word in _MORE or word.endswith("er") for word in rest[1:4])
    return bool(rest) and rest[0] in work().states


def _goes_out(rest: Sequence[str]) -> bool:
    """Whether what follows names a way to others: "on the status page", "by mail"."""
    for at, word in enumerate(rest):
        if word in _CLAUSES and rest[at - 1] not in _WAYS:
            return False
        after = [w for w in rest[at + 1 : at + 4] if w not in _ARTICLES]
        if word in _WAYS and after and after[0] in work().channels:
            return True
    return False


def _words(name: str) -> tuple[str, ...]:
    return tuple(tokens(folded(name.replace("_", " "))))


def _content(word: str) -> bool:
    return thing(word) and word not in speech().question_words | speech().conditional | speech().nouns_before


def _numbers(word: str) -> tuple[str, str]:
    """The word in the singular and in the plural."""
    return (word, word[:-1] if word.endswith("s") else third(word))


def _called(role: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """ "Security investigation owner" is also called "security owner" and "security"."""
    for name in (role, (role[0], role[-1]), role[:1]):
        yield from (name, (*name[:-1], name[-1] + "s"))


def _decides(role: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """What a role that decides is called: by its name, its last two words, and its last alone where that says enough."""
    if set(role) & work().outside:
        return
    for name in (role, role[-2:], (role[0], role[-1]), role[-1:] if role[-1] in _OFFICES else role):
        yield from (name, (*name[:-1], name[-1] + "s"))


_ASKS = frozenset(["ask", "request", "invite"])
_OFFICES = frozenset(["board", "leadership", "approver", "reviewer", "lead", "manager", "owner", "commander"])
_BEFORE = frozenset(["to", "for", "with", "ask", "tell", "inform", "notify", "remind", "alert", "update"])


def _starts(words: Sequence[str], names: Iterable[tuple[str, ...]]) -> int:
    """How many of the words a name takes, the longest first. "The customer" may be called by name in it."""
    for name in names:
        if tuple(words[: len(name)]) == name:
            return len(name)
        whom = words[len(name) - 2 : len(name) - 1]
        if (
            name[-2:] == _CUSTOMER
            and tuple(words[: len(name) - 2]) == name[:-2]
            and whom
            and not in_dictionary(whom[0])
        ):
            return len(name) - 1
    return 0
