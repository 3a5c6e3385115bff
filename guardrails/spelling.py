"""Misspelt words of a vocabulary put right, as people type them in haste."""

from __future__ import annotations

from collections.abc import Iterable

from guardrails.mood import speech
from guardrails.vocabulary import in_dictionary

_SHORT = frozenset({"to", "the", "a", "now", "an", "pls", "please", "it", "on", "at"})


def _swapped(one: str, other: str) -> bool:
    """Whether two neighbouring letters changed places."""
    at = [n for n, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    return len(at) == 2 and at[1] == at[0] + 1


class Spelling:
    """Puts misspelt words of a vocabulary right: at least five letters and very near, or two letters swapped."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        words = list(vocabulary)
        self._known = {word for word in words if word.isalpha()}
        self._prefixes = tuple(word[:-1] for word in words if word.endswith("*"))
        self._long = sorted(word for word in self._known if len(word) >= 5)
        self._short = {"".join(sorted(w)): w for w in self._known if len(w) == 4}
        self._real = speech().words
        self._seen: dict[str, tuple[str, ...]] = {}

    def correct(self, token: str) -> tuple[str, ...]:
        """The word meant, the words that were run together, or the token as it is."""
        if token in self._known or len(token) < 4 or not token.isascii() or token in self._real:
            return (token,)
        if token.startswith(self._prefixes):
            return (token,)
        if token not in self._seen:
            self._seen[token] = self._correct(token)
        return self._seen[token]

    def _correct(self, token: str) -> tuple[str, ...]:
        if len(token) == 4:
            near = self._short.get("".join(sorted(token)), token)
            return (near if near[0] == token[0] and _swapped(token, near) else token,)
        if not token.isalpha():
            return self._parted(token)
        if in_dictionary(token):
            return (token,)
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        allowed = 1 if len(token) < 9 else 2
        best = process.extractOne(token, self._long, scorer=OSA.distance, score_cutoff=allowed)
        if best and (best[0][0] == token[0] or best[0][1] == token[0]):
            return (best[0],)
        return self._parted(token)

    def _parted(self, token: str) -> tuple[str, ...]:
        """`setseverityto1`: the known words that it is run together of, if they fill most of it."""
        if not 10 <= len(token) <= 200:
            return (token,)
        # Best split of every beginning: letters covered by known words, then fewer pieces.
        best: list[tuple[int, int, tuple[str, ...]]] = [(0, 0, ())]
        for end in range(1, len(token) + 1):
            covered, pieces, parts = best[end - 1]
            choices = [(covered, pieces - 1, (*parts, token[end - 1 : end]))]
            for size in range(1, min(14, end) + 1):
                word = token[end - size : end]
                if word.isdigit() or word in _SHORT or (size > 2 and word in self._known):
                    covered, pieces, parts = best[end - size]
                    choices.append((covered + size, pieces - 1, (*parts, word)))
            best.append(max(choices))
        covered, _, parts = best[-1]
        return parts if covered >= len(token) - 1 and len(parts) > 1 else (token,)
