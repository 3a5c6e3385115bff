"""The sentences of a text, without what it quotes from others."""

from __future__ import annotations

import re

from guardrails.mood import speech
from guardrails.plain_text import tokens

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n\s*(?=[-*•\d]+[.)]?\s)|\n\s*\n")
_QUOTED = re.compile(r"[\"“„»«][^\"“”„»«]{3,}[\"”“«»]")
_REPORTED = re.compile(
    r"\b(wrote|writes|says|said|reads|stated|asks|asked|orders|ordered|comment|text|subject|mail|quote|"
    r"schrieb|schreibt|sagt|ecrit|escribe|escribio|scrive|schrijft|escreveu)\b[^.!?]{0,40}$"
)


def sentences(folded_text: str) -> list[str]:
    """The sentences of a folded text, without what it quotes from others. A line break alone ends none."""
    told = _QUOTED.sub(lambda m: " quoted " if _REPORTED.search(folded_text[: m.start()]) else m[0], folded_text)
    found: list[str] = []
    for part in _SENTENCE_END.split(told):
        words = tokens(part)
        if found and words and len(words) <= 3 and all(w in speech().filler or not w.isalpha() for w in words):
            found[-1] += f" {part}"  # "we need a bridge. now. please"
        elif part.strip():
            found.append(part.replace("\n", " "))
    return found
