"""Names and values that a page sets in two columns without lines or marks: `Support tier          Premium`.

One such line may be anything. Two whose names begin, and whose values begin, at the same place of the page are a form;
where one of them goes on with a sentence, they are columns of prose.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from tools.readers.labels import labelled, named

_WIDE: Final = 2.0  # heights of the line: wider than any space between words
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


def _cut(line: dict[str, Any]) -> tuple[str, str, float, float] | None:
    """Where the one wide gap of a line cuts it: both parts, and where on the page they begin."""
    text: str = line["text"]
    seen = [char for char in line["chars"] if char["text"].strip()]
    wide = (line["bottom"] - line["top"]) * _WIDE
    gaps = [n for n, (one, two) in enumerate(pairwise(seen), 1) if two["x0"] - one["x1"] > wide]
    if len(gaps) != 1 or labelled(text) is not None:
        return None
    [gap] = gaps
    before = len("".join("".join(char["text"].split()) for char in seen[:gap]))
    letters = [n for n, letter in enumerate(text) if not letter.isspace()]
    if not 0 < before < len(letters):
        return None
    cut = letters[before]
    pair = named(text[:cut].strip(), text[cut:].strip())
    return None if pair is None else (*pair, seen[0]["x0"], seen[gap]["x0"])
