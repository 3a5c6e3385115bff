"""Detail that is not needed for the diagnosis stays out of the artifact: what an attachment holds, and its name.

Patterns come from the scenario. A text that has such detail is never quoted whole; what may be kept is its harmless
beginning, or a text in which the detail is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from guardrails.vocabulary import in_dictionary

LEFT_OUT = "[left out]"
_ID = re.compile(r"\b[a-z]{2,5}-\d{2,}\b", re.IGNORECASE)
_GAP = "[…]"
_GAPS = re.compile(rf"{re.escape(_GAP)}(?:[\s,;:'’\"“”()-]*{re.escape(_GAP)})+")
_TOKEN = re.compile(r"[^\s,;:!?\"“”„«»()]+")
_WHOLE = 3  # letters of the shortest part of a compound word


class Minimiser:
    """`patterns` are regexes of what must not be carried on."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = [re.compile(pattern, re.IGNORECASE | re.UNICODE) for pattern in patterns]

    def detail(self, text: str) -> bool:
        """Whether the text holds detail that is not needed."""
        return any(pattern.search(text) for pattern in self._patterns)

    def text(self, text: str) -> str:
        """The text without it; ids of attachments stay."""
        for pattern in self._patterns:
            text = pattern.sub(LEFT_OUT, text)
        return re.sub(rf"(?:{re.escape(LEFT_OUT)}[\s,;:.“”\"']*){{2,}}", LEFT_OUT + " ", text).strip()

    def head(self, text: str) -> str:
        """The longest beginning without detail, ending where a word ends: a quote that may be shown."""
        first = min((m.start() for p in self._patterns for m in p.finditer(text)), default=len(text))
        return text[:first].rstrip(" \t\"'“„«(:,;-–—")

    def ids(self, text: str) -> list[str]:
        """The ids that a text names: what it speaks of when its detail is left out."""
        return list(dict.fromkeys(match[0] for match in _ID.finditer(text)))


def nameless(text: str) -> str:
    """A sentence without the names and ids in it: of people, customers, tenants, agents, cases.

    What stays are words in small letters, and the first one where a dictionary has it: "Please exempt […]".
    """
    first = _TOKEN.search(text)
    start = first.start() if first is not None else -1
    shown = _TOKEN.sub(lambda m: m[0] if _plain(m[0], first=m.start() == start) else _GAP, text)
    return _GAPS.sub(_GAP, shown)


def _plain(token: str, *, first: bool) -> bool:
    word = token.strip(".'’…[]")
    if not word:
        return True
    parts = word.split("-")
    if not all(part.replace("'", "").replace("’", "").isalpha() for part in parts):
        return False
    if len(parts) > 1:
        return word.islower() and all(len(part) >= _WHOLE and in_dictionary(part) for part in parts)
    return word.islower() or (first and word[1:].islower() and in_dictionary(word.casefold()))
