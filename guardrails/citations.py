"""Does the quote stand at the cited place? Exactly, or not at all (R3, contract §4, DESIGN §6).

Only the form of characters (NFKC) and runs of whitespace are folded. A substring can still lie: "57 days"
stands inside "157 days", "tn-acme" inside "tn-acme-eu", "reachable" behind "not". So a quote must also
begin and end where words, numbers and identifiers do, and must not cut off the negation beside it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from casefile.evidence import Reading
from guardrails.finding import Finding, excerpt
from guardrails.places import Places

# NFKC turns "10²" into "102" and "1½" into "11⁄2": these decompositions change numbers and are kept apart.
_KEPT_FORMS = ("<super>", "<sub>", "<fraction>", "<circle>")
_SPACE = re.compile(r"\s+")

_NEGATION_WORDS = """
    not no never without neither nor cannot non isn't aren't wasn't weren't don't doesn't didn't won't
    can't couldn't shouldn't wouldn't hasn't haven't hadn't nicht kein keine keinen keinem keiner nie
    niemals ohne ne pas jamais aucun aucune sans nunca jamás sin ningún ninguna niente mai senza nessun
    nessuna não sem nenhum nenhuma niet geen nooit zonder ikke ingen inte
"""
_NEGATORS = frozenset(_NEGATION_WORDS.split())
_WORD = re.compile(r"[\w'’]+")
# A sentence is over: behind its mark begins another one. "Acme Inc. not approved" goes on.
_NEXT_SENTENCE = re.compile(r"[.!]\s+[\"'“„«(]?[A-ZÀ-ÖØ-Þ]")
_CLAUSE_END = re.compile(r"[.;:!?,()\[\]|\"“”„»«\n]")
_JOINTS = "-_.‐‑–'’"
_NUMBER_JOINTS = ".,:/+-–−"
# Scripts that write no spaces between words: there a quote may begin and end anywhere.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_NEAR = 48  # characters looked at beside a quote when searching for a negation


class Cited(Protocol):
    """What a citation must have: a locator and the quote that should stand there."""

    @property
    def locator(self) -> str: ...
    @property
    def quote(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The nearest real text to a quote that does not stand: for a person to choose, never applied by itself.

    `score` is 0–100. It is a measure of looks: "75 days" against "57 days" scores high.
    """

    locator: str
    text: str
    score: float


def quote_stands(quote: str, source_text: str) -> bool:
    """Whether `quote` stands in `source_text`, letter for letter after NFKC and whitespace folding.

    False for empty quotes, quotes without a letter or digit, quotes that begin or end inside a word,
    number or identifier, and quotes that leave out the negation directly beside them.
    """
    wanted = fold(quote)
    if not any(char.isalnum() for char in wanted):
        return False
    text = fold(source_text)
    return any(_whole(text, at, at + len(wanted)) for at in _occurrences(wanted, text))


def check_citation(citation: Cited, reading: Reading | Places, evidence: str = "") -> list[Finding]:
    """The findings against one citation: none when its locator exists and the quote stands there.

    Pass `Places(reading)` when many citations of one reading are checked.
    """
    places = reading if isinstance(reading, Places) else Places(reading)
    place = f"{evidence} {citation.locator}".strip()
    text = places.text_at(citation.locator)
    if text is None:
        return [Finding("citation-place", place, "claim is unverified", "no such place in the evidence")]
    if not quote_stands(citation.quote, text):
        detail = {"found": excerpt(text)}
        return [Finding("citation-quote", place, "claim is unverified", excerpt(citation.quote), detail)]
    return []


def suggest(quote: str, reading: Reading | Places, least: float = 60.0) -> Suggestion | None:
    """The span that looks most like `quote` (score at least `least`, 0–100), or None."""
    from rapidfuzz import fuzz

    places = reading if isinstance(reading, Places) else Places(reading)
    wanted = fold(quote)
    best: Suggestion | None = None
    for locator, text in places.all_texts():
        # A span much shorter than the quote is "contained" in it by accident.
        if len(text) * 2 < len(wanted):
            continue
        floor = best.score if best else least
        score = fuzz.partial_ratio(wanted, text, score_cutoff=floor)
        if score > floor or (best is None and score >= least):
            best = Suggestion(locator, text, score)
    return best


def fold(text: str) -> str:
    """NFKC, except for forms that would change a number, and every run of whitespace one blank."""
    normal = unicodedata.normalize("NFKC", text) if text.isascii() else "".join(_folded(text))
    return _SPACE.sub(" ", normal).strip()


def _folded(text: str) -> Iterator[str]:
    start = 0
    for index, char in enumerate(text):
        if unicodedata.decomposition(char).startswith(_KEPT_FORMS):
            yield unicodedata.normalize("NFKC", text[start:index])
            yield char
            start = index + 1
    yield unicodedata.normalize("NFKC", text[start:])


def _occurrences(wanted: str, text: str) -> Iterator[int]:
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def _whole(text: str, start: int, end: int) -> bool:
    return not (_cut(text, start) or _cut(text, end) or _unit_cut(text, end) or _negation_cut(text, start, end))


def _cut(text: str, at: int) -> bool:
    """Whether position `at` lies inside a word, a number or an identifier."""
    left, right = text[at - 1 : at], text[at : at + 1]
    if not left or not right or _UNSPACED.match(left) or _UNSPACED.match(right):
        return False
    if _solid(left) and _solid(right):
        return not _date_and_time(text, at)
    return _at_joint(text, at) or (right.isdigit() and left in "-−+")


def _solid(char: str) -> bool:
    return char.isalnum() or bool(unicodedata.combining(char))


def _date_and_time(text: str, at: int) -> bool:
    """`2026-04-18|T06:12` and `T|06:12`: the date or the time of a timestamp is a whole value."""
    return bool(
        (re.search(r"\d{4}-\d\d-\d\d$", text[max(0, at - 10) : at]) and re.match(r"T\d\d", text[at : at + 3]))
        or re.search(r"\d{4}-\d\d-\d\dT$", text[max(0, at - 11) : at])
    )


def _at_joint(text: str, at: int) -> bool:
    """Whether a joint (hyphen, dot, apostrophe, decimal or zone sign) ties the two sides of `at` together."""
    before, after = text[max(0, at - 2) : at], text[at : at + 3]
    for left, joint, right in (
        (before[-1:], after[:1], after[1:2]),
        (before[:1] if len(before) == 2 else "", before[-1:], after[:1]),
    ):
        if not (left.isalnum() and right.isalnum() and joint):
            continue
        if left.isdigit() and right.isdigit() and joint in _NUMBER_JOINTS:
            return True
        if joint in _JOINTS and not _possessive(joint, text, at):
            return True
    return False


def _possessive(joint: str, text: str, at: int) -> bool:
    return joint in "'’" and bool(re.match(r"['’]?s\b", text[at : at + 3]))


def _unit_cut(text: str, end: int) -> bool:
    return text[end - 1 : end].isdigit() and text[end : end + 1] in {"%", "‰", "°", "²", "³"}


def _negation_cut(text: str, start: int, end: int) -> bool:
    before = _CLAUSE_END.split(text[max(0, start - _NEAR) : start])[-1]
    over = _NEXT_SENTENCE.match(text, end - 1) is not None
    after = "" if over else _CLAUSE_END.split(text[end : end + _NEAR])[0]
    ahead = [word.lower().replace("’", "'") for word in _WORD.findall(before)][-2:]
    behind = [word.lower().replace("’", "'") for word in _WORD.findall(after)][:1]
    if text[start].isdigit() and ahead[-1:] == ["no"]:
        ahead = []  # "ticket no 4711": a number sign, not a negation
    return any(word in _NEGATORS for word in ahead + behind)
