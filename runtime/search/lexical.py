"""BM25 over the spans of one case, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

import bm25s
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Lexical:
    """A BM25 index over texts; a text is known by its position. Equal scores go to the lower position."""

    def __init__(self, tokens: Sequence[list[str]]) -> None:
        # Own numbering: bm25s numbers by iterating a set, which differs from process to process.
        words = dict.fromkeys(chain.from_iterable(tokens))
        self._ids: dict[str, int] = {word: number for number, word in enumerate(words)}
        self._model = bm25s.BM25(method="lucene", k1=1.2, b=0.5, backend="numpy")
        if self._ids:
            numbered = [[self._ids[word] for word in words] for words in tokens]
            self._model.index((numbered, self._ids), show_progress=False)

    def query(self, words: Sequence[str], limit: int) -> list[int]:
        """Positions of the texts that have one of `words`, best first, at most `limit`."""
        known = [self._ids[word] for word in dict.fromkeys(words) if word in self._ids]
        if not known:
            return []
        scores: NDArray[np.float32] = self._model.get_scores_from_ids(known)
        found = np.flatnonzero(scores > 0)
        if len(found) > limit:
            cut = np.partition(scores[found], len(found) - limit)[len(found) - limit]
            found = found[scores[found] >= cut]
        # Stable, and `found` ascends: ties stay in the order of positions.
        order = np.argsort(-scores[found], kind="stable")[:limit]
        best: list[int] = found[order].tolist()
        return best
