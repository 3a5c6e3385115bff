"""Words for BM25: case-folded, with identifiers kept whole and also split.

``Mail ana.k@halvorsen.eu`` gives ``mail``, ``ana.k@halvorsen.eu``, ``ana.k``, ``halvorsen.eu``, ``ana``,
``k``, ``halvorsen``, ``eu``: a search for the whole address ranks its own line first, a search for a part
finds it too.
"""

from __future__ import annotations

import re
import unicodedata

_ATOM = r"[^\W_]+"
# Runs of letters and digits joined by single connectors; "::" and the full stop of a sentence join nothing.
_COMPOUND = re.compile(rf"{_ATOM}(?:[-_.:/@+#\\=&']{_ATOM}|(?<=\d),(?=\d){_ATOM})*")
_STRONG = re.compile(r"[@:/\\=&#+]")
_WEAK = re.compile(r"[-_.,']")
# Base64 blobs and the like: their whole would be a word that nobody types.
_LONGEST_WHOLE = 128


def fold(text: str) -> str:
    """NFKC and case-folded, the form in which spans and queries are compared."""
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold()


def tokenise(text: str) -> list[str]:
    """The words of `text` in their order; a compound gives itself, its segments and its atoms, each once."""
    words: list[str] = []
    for match in _COMPOUND.finditer(fold(text)):
        whole = match.group()
        if whole.isalnum():
            words.append(whole)
        else:
            words.extend(_pieces(whole))
    return words


def identifiers(words: list[str]) -> list[str]:
    """Those of `words` that name one thing: order numbers, hosts, addresses, amounts, dates."""
    return [word for word in words if not word.isalpha()]


def _pieces(whole: str) -> dict[str, None]:
    # A dict is an ordered set: "a-a" counts its atom once, and the order never depends on hashing.
    pieces = {whole: None} if len(whole) <= _LONGEST_WHOLE else {}
    segments = _STRONG.split(whole)
    pieces.update((segment, None) for segment in segments if len(segment) <= _LONGEST_WHOLE)
    pieces.update((atom, None) for segment in segments for atom in _WEAK.split(segment))
    return pieces
