"""Signed feature hashing of words and character 3-grams, for a whole batch of texts at once.

All arithmetic is on unsigned 64-bit integers that wrap, over Unicode code points: the same text gives the
same vector in every process and on every platform (Python's `hash` is salted per process and is not used).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.search.tokens import fold

U64 = NDArray[np.uint64]
Flags = NDArray[np.bool_]

_BREAK = ord("\n")
_BATCH_CODES = 1_000_000
_WORD_SEED = np.uint64(0x9E3779B97F4A7C15)
_GRAM_SEED = np.uint64(0xD1B54A32D192ED03)
_PRIME = 0x100000001B3
# Characters past this position of one word do not move its hash's multiplier: words are rarely longer.
_POWERS = np.array([pow(_PRIME, i, 1 << 64) for i in range(64)], dtype=np.uint64)
# By length: short words are mostly function words, and there are no document frequencies to weigh them down.
# Whole numbers, so that sums are exact in any order and the vectors are the same bit by bit everywhere.
_WORD_WEIGHTS = np.array([0, 2, 3, 5, 8, 10, 11, 12, 13], dtype=np.float64)
_NUMBER_WEIGHT = 16.0
_GRAM_WEIGHT = 4.0


def embed(texts: Sequence[str], dimension: int) -> NDArray[np.float32]:
    """One L2-normalised row of `dimension` per text; a text without letters and digits gives zeros."""
    rows: list[NDArray[np.float32]] = []
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(fold(text))
        size += len(batch[-1])
        if size >= _BATCH_CODES:
            rows.append(_embed_batch(batch, dimension))
            batch, size = [], 0
    if batch:
        rows.append(_embed_batch(batch, dimension))
    return np.concatenate(rows) if rows else np.zeros((0, dimension), dtype=np.float32)


def _embed_batch(texts: list[str], dimension: int) -> NDArray[np.float32]:
    codes, alnum, owner = _codes(texts)
    words, word_owner, word_weight = _words(codes, alnum, owner)
    grams, gram_owner = _grams(codes, alnum, owner)
    hashes = np.concatenate([words, grams])
    owners = np.concatenate([word_owner, gram_owner])
    weights = np.concatenate([word_weight, np.full(len(grams), _GRAM_WEIGHT)])

    signs = (hashes >> np.uint64(63)).astype(np.float64) * 2.0 - 1.0
    cells = owners * dimension + (hashes % np.uint64(dimension)).astype(np.int64)
    flat = np.bincount(cells, weights=weights * signs, minlength=len(texts) * dimension)
    vectors = flat.reshape(len(texts), dimension)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    norms[norms == 0] = 1.0
    normalised: NDArray[np.float32] = (vectors / norms).astype(np.float32)
    return normalised


def _codes(texts: list[str]) -> tuple[U64, Flags, NDArray[np.int64]]:
    # A line feed before, between and after the texts, so that no 3-gram and no word runs across two of them.
    joined = "\n" + "\n".join(texts) + "\n"
    raw = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    seen = np.zeros(int(raw.max()) + 1, dtype=np.bool_)
    seen[raw] = True
    is_word = np.zeros(len(seen), dtype=np.bool_)
    for code in np.flatnonzero(seen).tolist():
        is_word[code] = chr(code).isalnum()
    lengths = np.fromiter((len(text) + 1 for text in texts), dtype=np.int64, count=len(texts))
    owner = np.concatenate([[0], np.repeat(np.arange(len(texts), dtype=np.int64), lengths)])
    alnum = is_word[raw]
    # Every separator looks the same to a 3-gram: "lum-88213" and "lum 88213" share all of theirs.
    return np.where(alnum, raw, _BREAK).astype(np.uint64), alnum, owner


def _words(codes: U64, alnum: Flags, owner: NDArray[np.int64]) -> tuple[U64, NDArray[np.int64], NDArray[np.float64]]:
    inside = np.flatnonzero(alnum)
    if not len(inside):
        return np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.float64)
    starts = np.flatnonzero(np.diff(inside, prepend=-2) > 1)
    lengths = np.diff(starts, append=len(inside))
    position = np.arange(len(inside)) - np.repeat(starts, lengths)
    terms = codes[inside] * _POWERS[np.minimum(position, len(_POWERS) - 1)]
    hashes = _mix(np.add.reduceat(terms, starts) + _WORD_SEED)
    weights = _WORD_WEIGHTS[np.minimum(lengths, len(_WORD_WEIGHTS) - 1)]
    # Order numbers, amounts, hosts: what a case is searched for, whatever their length.
    digits = (codes[inside] >= ord("0")) & (codes[inside] <= ord("9"))
    weights = np.where(np.logical_or.reduceat(digits, starts), _NUMBER_WEIGHT, weights)
    return hashes, owner[inside[starts]], weights


def _grams(codes: U64, alnum: Flags, owner: NDArray[np.int64]) -> tuple[U64, NDArray[np.int64]]:
    middle = np.flatnonzero(alnum)
    left, centre, right = codes[middle - 1], codes[middle], codes[middle + 1]
    # 21 bits hold any code point, so the three together are exact before mixing.
    packed = (left << np.uint64(42)) | (centre << np.uint64(21)) | right
    return _mix(packed ^ _GRAM_SEED), owner[middle]


def _mix(values: U64) -> U64:
    """The finaliser of splitmix64: every input bit moves every output bit."""
    mixed: Any = values ^ (values >> np.uint64(30))
    mixed = mixed * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: U64 = mixed ^ (mixed >> np.uint64(31))
    return result
