"""Answers offline: lists from the case file, quotes from the evidence, each with its place. Nothing is made up.

Below the confidence threshold there is no answer but a question back (card: pause and ask instead of polishing).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.answer_lists import LISTS, STATEMENTS, Line, View, cut, fields_of, share_of, stated, words_of
from agents.quotes import Quote

# How a line ends that leans on its quotes and is not carried by them: so it stands in the lineage.
UNVERIFIED = " [unverified]"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the chat says. `confidence` is in hundredths; `paused` says that a person must say more first.

    `listed`: it is what the case file has of a kind, or that it has nothing; no model could say it better.
    """

    lines: tuple[Line, ...]
    note: str = ""
    confidence: int = 100
    paused: bool = False
    listed: bool = False


HALF = 0.5  # of what a question names beside its topic, so much must stand in a line that answers it
_POLITE = r"^\W*(?:(?:please|now|then|and|so|but|can you|could you|would you|will you|i want you to)\s+)*"
_WORDED = re.compile(
    _POLITE + r"(?:explain|why\b|how come|elaborate|draft|write|word|compose|reword|rewrite|rephrase|paraphrase)\b"
    r"|\bthe (?:reason|cause)\b",
    re.I,
)
_LANGUAGES = "english|german|french|spanish|italian|dutch|portuguese|polish|swedish|danish|norwegian|czech|japanese"
_TRANSLATED = re.compile(rf"\btranslat|\b(?:in|into|to) (?:{_LANGUAGES})\b|\bauf deutsch\b|\ben français\b", re.I)
WORDS_NEED_MODEL = (
    "to explain, translate or word freely needs a model; "
    "offline the chat lists what is on record and quotes the evidence"
)


def answer(view: View, text: str, quotes: Sequence[Quote], threshold: float, *, alone: bool) -> Answer:
    """Answer from the case file where it has the answer, else quote what the evidence says.

    `alone`: there is no model to ask, so what only a model could word is said to need one.
    """
    worded = _TRANSLATED.search(text) or _WORDED.search(text)
    if not _TRANSLATED.search(text):
        for pattern, reply in LISTS:
            if pattern.search(text):
                lines = tuple(reply(view, text))
                return (
                    Answer(lines, "from the case file", listed=True) if lines else _none(view, text, quotes, threshold)
                )
    if worded:
        return _unworded(view, text, quotes, threshold) if alone else extract(view, text, quotes, threshold)
    for pattern, own, reply in STATEMENTS:
        if pattern.search(text):
            wanted = words_of(text) - words_of(own)
            shares = [(share_of(wanted, line.text) if wanted else 1.0, line) for line in reply(view, text)]
            lines = tuple(line for share, line in shares if share >= HALF)
            if lines:
                return Answer(lines, "from the case file", round(100 * max(share for share, _ in shares)), listed=True)
    return extract(view, text, quotes, threshold)


def _none(view: View, text: str, quotes: Sequence[Quote], threshold: float) -> Answer:
    """Nothing is listed: the word may have another sense in this case, which its statements and evidence would show."""
    found = extract(view, text, quotes, threshold)
    return Answer((), "nothing of that kind is on record", listed=True) if found.paused else found


def _unworded(view: View, text: str, quotes: Sequence[Quote], threshold: float) -> Answer:
    """What stands on record of it, if anything does, and that saying more needs a model."""
    found = Answer(()) if _TRANSLATED.search(text) else extract(view, text, quotes, threshold)
    return Answer(() if found.paused else found.lines, WORDS_NEED_MODEL, found.confidence if found.lines else 0)


def extract(view: View, text: str, quotes: Sequence[Quote], threshold: float) -> Answer:
    """The statements and spans that speak of it, quoted. How sure: how much of the question the best of them names."""
    wanted = words_of(text)
    lines = [*fields_of(view), *(stated(claim, section) for section, claim in view.claims())]
    said = sorted(((share_of(wanted, line.text), line) for line in lines), key=lambda pair: -pair[0])
    # Among those that name as much of the question, a sentence says more than a value.
    shares = ((share_of(wanted, quote.text), quote) for quote in quotes)
    quoted = sorted(shares, key=lambda pair: (-pair[0], not pair[1].whole))
    best = max([share for share, _ in said[:1]] + [share for share, _ in quoted[:1]], default=0.0)
    if best < threshold:
        note = "the evidence does not carry an answer; which record, time or person is meant, or what should be looked for?"  # noqa: E501
        return Answer(_quotes(quoted[:2]), note, round(best * 100), paused=True)
    lines = [line for share, line in said if share >= threshold][:4]
    lines += [] if lines else list(_quotes(pair for pair in quoted if pair[0] >= threshold))[:5]
    return Answer(tuple(dict.fromkeys(lines)), "quoted by rules", round(best * 100))


def _quotes(quoted: Iterable[tuple[float, Quote]]) -> tuple[Line, ...]:
    return tuple(Line(f"{quote.citation.evidence}: “{cut(quote.text)}”", (quote.citation,)) for _, quote in quoted)
