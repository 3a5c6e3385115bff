"""Names and values that a page sets in two columns without lines or marks: `Support tier          Premium`.

One such line may be anything. Two whose names begin, and whose values begin, at the same place of the page are a form;
where one of them goes on with a sentence, they are columns of prose.

A line may also set several of them beside each other, each with its colon: `Version: 3     Owner: Ana`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from tools.readers.labels import labelled, named, several

_WIDE: Final = 2.0  # heights of the line: wider than any space between words
_APART: Final = 1.0  # heights: enough between two that each have a colon
_SAME: Final = 2.0  # points


def pairs_of(lines: Sequence[dict[str, Any]]) -> dict[int, tuple[str, str]]:
    """The label and the value of each line of a form, by the line's place in `lines` (pdfplumber's, with `chars`)."""
    found = {n: cut for n, line in enumerate(lines) if (cut := _cut(line)) is not None}
    pairs = {}
    for n, (label, value, left, right) in found.items():
        column = [one for one in found.values() if abs(left - one[2]) < _SAME and abs(right - one[3]) < _SAME]
        if len(column) > 1 and not any(name[0].islower() for name, *_ in column):
            pairs[n] = (label, value)
    return pairs


def parts_of(line: dict[str, Any]) -> list[str]:
    """The parts of a line that names several values beside each other, else nothing (pdfplumber's, with `chars`)."""
    text: str = line["text"]
    return several(text, [_place(text, seen, gap) for seen, gap in _gaps(line, _APART)]) or several(text)


def _gaps(line: dict[str, Any], heights: float) -> list[tuple[list[dict[str, Any]], int]]:
    """The gaps of a line that are so wide, each as the letters of the line and how many stand before it."""
    seen = [char for char in line["chars"] if char["text"].strip()]
    wide = (line["bottom"] - line["top"]) * heights
    return [(seen, n) for n, (one, two) in enumerate(pairwise(seen), 1) if two["x0"] - one["x1"] > wide]


def _place(text: str, seen: Sequence[dict[str, Any]], gap: int) -> tuple[int, int]:
    """Where in the text of its line a gap begins and ends."""
    before = len("".join("".join(char["text"].split()) for char in seen[:gap]))
    letters = [n for n, letter in enumerate(text) if not letter.isspace()]
    return (letters[before - 1] + 1, letters[before]) if 0 < before < len(letters) else (0, 0)


def _cut(line: dict[str, Any]) -> tuple[str, str, float, float] | None:
    """Where the one wide gap of a line cuts it: both parts, and where on the page they begin."""
    text: str = line["text"]
    gaps = _gaps(line, _WIDE)
    if len(gaps) != 1 or labelled(text) is not None:
        return None
    [(seen, gap)] = gaps
    _, cut = _place(text, seen, gap)
    if not cut:
        return None
    pair = named(text[:cut].strip(), text[cut:].strip())
    return None if pair is None else (*pair, seen[0]["x0"], seen[gap]["x0"])
