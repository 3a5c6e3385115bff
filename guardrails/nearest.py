"""Which line of the boundary a request crosses that no intent names: the one whose words mean most of the same.

Words count by what they mean (`concepts` in `work.yaml`), by their beginnings, and more the fewer lines they fit.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from guardrails.vocabulary import noun, word_set, work

_SAME = 3.0  # weight of a word that stands in the line, against 1 for a concept that both name
_STEM = 5  # letters at the beginning by which two forms of a word are taken for one
_NEAR = 0.8  # lines that score at least this part of the best are cited too
_MOST = 2  # lines that one order is said to cross
_AROUND = 0.5  # weight of what stands beside the order
_TELLING = word_set("tell let inform write call phone ring mail email notify message answer reassure calm greet")
_CONTENTS = word_set("what say says title titles contents content details subject text")
_NOUNS = 4  # letters of a verb at least that also makes a noun
_NEW = frozenset(["a", "an", "your", "some", "any"])
_GENERIC = frozenset({"recor", "case", "evide", "new", "anoth", "first", "secon", "third"})
_LIGHT = word_set("the a an of or and to in on for with its own by as than that it")


class Nearest:
    """The lines of one boundary, weighed against each other.

    `texts` has their words, `meant` the words of their intents, `things` what these are about besides.
    """

    def __init__(
        self,
        texts: Mapping[str, Sequence[str]],
        meant: Mapping[str, Iterable[str]],
        things: Mapping[str, Sequence[str]],
    ) -> None:
        self._heads = {line: frozenset(_heads(words)) for line, words in texts.items()}
        self._words = {line: {_stem(w) for w in words if w not in _LIGHT} for line, words in texts.items()}
        self._things = {
            line: self._words[line] - {_stem(h) for h in heads} | {_stem(w) for w in things[line]}
            for line, heads in self._heads.items()
        }
        self._concepts = {line: _concepts([*words, *meant[line]]) for line, words in texts.items()}
        self._rarity = _rarity(self._words.values()) | _rarity(self._concepts.values())

    def to(self, words: Sequence[str], around: Sequence[str], among: Container[str] | None = None) -> list[str]:
        """The ids of the lines that the words are nearest to, best first; never empty where lines are given.

        `around` is what was said beside them, which counts less; `among` leaves other lines out.
        """
        scores = {
            line: self._score(line, _people(words)) + _AROUND * self._score(line, around)
            for line in self._words
            if among is None or line in among
        }
        best = max(scores.values(), default=0.0)
        near = sorted((line for line in scores if scores[line] >= _NEAR * best), key=lambda line: -scores[line])
        return near[:_MOST] if best > 0 else near[:1]

    def free(self, words: Iterable[str]) -> frozenset[str]:
        """The words that stand in no line."""
        return frozenset(word for word in words if not any(_stem(word) in named for named in self._words.values()))

    def judged(self, judging: frozenset[str]) -> frozenset[str]:
        """The lines that forbid a judgement: they begin with one of these verbs."""
        return frozenset(line for line, heads in self._heads.items() if heads & judging)

    def named(self, verb: str, words: Sequence[str]) -> list[str]:
        """The lines that forbid this act on this thing: their verb means the same and they name a thing of it."""
        stems = {_stem(w) for w in words if w != verb and w not in _LIGHT} - _GENERIC
        found = []
        for line, heads in self._heads.items():
            if shared := stems & self._things[line]:
                if _concepts(w for w in words if _stem(w) not in shared) & _concepts(heads):
                    found.append(line)
        return found

    def guarded(self, words: Sequence[str]) -> list[str]:
        """The lines that keep a thing from being looked at, where the words name it."""
        stems = {_stem(w) for w in words} & {_stem(w) for w in work().sensitive}
        reveal = work().concepts["reveal"]
        return [line for line, heads in self._heads.items() if heads & reveal and stems & self._words[line]]

    def contents(self, words: Sequence[str]) -> list[str]:
        """The lines that keep a thing from being looked at, where the words ask for what is in it."""
        return self.guarded(words) if _CONTENTS & set(words) else []

    def announced(self, words: Sequence[str]) -> list[str]:
        """The lines whose act the words name as a thing to be made: "a recommendation to …", "an estimate of …"."""
        made = {
            _stem(w)
            for n, (w, follower) in enumerate(zip(words, [*words[1:], ""], strict=True))
            if n and _NEW & set(words[max(0, n - 2) : n]) and not noun(follower)
        }
        return [line for line, heads in self._heads.items() if made & {_stem(h) for h in _alike(heads)}]

    def judging(self, verb: str) -> list[str]:
        """The lines that forbid to judge as this verb does."""
        return [line for line, heads in self._heads.items() if verb in _alike(heads)]

    def shares(self, line: str, words: Sequence[str]) -> bool:
        """Whether the words share a word with the line."""
        return bool({_stem(w) for w in words} & self._words[line])

    def touches(self, line: str, words: Sequence[str], outright: bool = False) -> bool:
        """Whether the words share a word with the line or, unless `outright`, a meaning."""
        if outright:
            return bool({_stem(w) for w in words} & self._things[line])
        return self._score(line, words) > 0

    def _score(self, line: str, words: Sequence[str]) -> float:
        same = {_stem(w) for w in words} & self._words[line]
        alike = _concepts(words) & self._concepts[line]
        return sum(_SAME * self._rarity[w] for w in same) + sum(self._rarity[c] for c in alike)


def _alike(heads: Iterable[str]) -> set[str]:
    """The verbs of a line and, where they judge, the others that judge in the same sense."""
    known = work()
    verbs = {head for head in heads if len(head) >= _NOUNS}
    meant = [known.concepts[name] for name in ("recommend", "decide")]
    return verbs | {w for words in meant if words & verbs for w in words & known.judging}


def _heads(words: Sequence[str]) -> Iterator[str]:
    """The verbs of a line: its first word, and those that "or", "and" and commas put beside it."""
    for n, word in enumerate(words):
        if n == 0 or words[n - 1] in {"or", "and", ","}:
            yield word


def _people(words: Sequence[str]) -> list[str]:
    """ "Tell Ingrid": whoever is told something in the words of an order is outside the case."""
    return [*words, "customer"] if _TELLING & set(words[:3]) else list(words)


def _stem(word: str) -> str:
    return word[:_STEM]


def _concepts(words: Iterable[str]) -> set[str]:
    meant = set(words)
    meant |= {w[:-1] for w in meant if w.endswith("s")}
    return {f"={name}" for name, members in work().concepts.items() if members & meant}


def _rarity(sets: Iterable[set[str]]) -> dict[str, float]:
    seen: dict[str, int] = {}
    for members in sets:
        for member in members:
            seen[member] = seen.get(member, 0) + 1
    return {member: 1.0 / count for member, count in seen.items()}
