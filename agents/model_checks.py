"""A model's proposal, checked by code: what does not stand is dropped or demoted, and the reason is shown (R3, R4).

A statement is confirmed only where its words stand in what it cites: numbers, ids and negations exactly. Everything
else that a model writes is unverified until people establish it, however good it sounds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agents.loop_drafting import AUTHOR, FACTS, OWNED, key
from agents.model_proposals import Cite, Statement
from agents.model_states import claims_state
from casefile.artifact import Edit
from casefile.claims import Citation, Claim, Section, Status
from casefile.evidence import Evidence, Reading
from guardrails.citations import check_citation
from guardrails.minimise import Minimiser
from guardrails.secrets import mask

LONGEST = 600
_WORD = re.compile(r"[^\W_]+(?:[.:@/-][^\W_]+)*", re.UNICODE)
_WAY_OUT = re.compile(
    r"!\[|\]\(|\bhttps?:|\bwww\.|\bdata:|\bmailto:|\bjavascript:|<\s*/?\s*[a-z!]|[\w.+-]+@[\w-]+\.\w", re.IGNORECASE
)
_NEGATION = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|without|neither|nor|cannot|kein\w*|nicht|nie|niemals|ohne|ne|pas|jamais|sans"
    r"|aucune?|sin|nunca|ningun\w*|ningún|nadie|non|senza|mai|nessun\w*|geen|niet|nooit|zonder|não|nem|sem|nenhum\w*"
    r"|ninguém|bez|nikt|nigdy|żad\w+)\b|n['’]t\b|\bn['’]",
    re.IGNORECASE,
)
# Words that add nothing to what a quote says: with them a quote may be made a sentence. None of them tells before from
# after, or from whom to whom.
_FRAME = frozenset(
    [
        "the",
        "a",
        "an",
        "and",
        "of",
        "in",
        "on",
        "at",
        "as",
        "it",
        "its",
        "is",
        "was",
        "were",
        "are",
        "be",
        "been",
        "has",
        "had",
        "have",
        "that",
        "this",
        "these",
        "those",
        "which",
        "when",
        "where",
        "records",
        "record",
        "recorded",
        "log",
        "logs",
        "says",
        "say",
        "said",
        "states",
        "state",
        "stated",
        "lists",
        "shows",
        "show",
        "trail",
        "audit",
        "reports",
        "report",
        "wrote",
        "account",
    ]
)


@dataclass(frozen=True, slots=True)
class Numbered:
    """The spans of one request by their numbers."""

    spans: Mapping[int, tuple[str, str, str]]
    evidence: Mapping[str, Evidence]
    readings: Mapping[str, Reading]

    def shown(self) -> tuple[tuple[int, str], ...]:
        """The spans as the model sees them."""
        return tuple((number, f"{e} {locator}: {text}") for number, (e, locator, text) in self.spans.items())

    def citation(self, cite: Cite) -> Citation | None:
        """The citation where the number exists and the quote stands there, else None."""
        found = self.spans.get(cite.span)
        if found is None or found[0] not in self.evidence:
            return None
        name, locator, _ = found
        citation = Citation(evidence=name, locator=locator, quote=cite.quote, sha256=self.evidence[name].sha256)
        return None if check_citation(citation, self.readings[name]) else citation


@dataclass(slots=True)
class Checked:
    """What may be shown to a person, and what was dropped or demoted, with the reason."""

    edits: list[Edit] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Checker:
    """The checks of one scenario. `asserts` tells conclusions that no agent may draw, `crosses` the boundary."""

    minimise: Minimiser
    asserts: Callable[[str], bool]
    crosses: Callable[[str], bool]

    def wording(self, text: str) -> str:
        """Why a text of a model may not be shown at all, or nothing."""
        folded = unicodedata.normalize("NFKC", text)
        if not folded.strip() or len(folded) > LONGEST:
            return "it is empty or too long"
        if any(
            unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and char not in "\u200c\u200d"
            for char in folded
        ):
            return "it has invisible characters"
        if _WAY_OUT.search(folded):
            return "it has an address or markup"
        if claimed := claims_state(folded):
            return claimed
        if self.asserts(folded):
            return "it draws a conclusion that no agent may draw"
        if self.minimise.detail(folded) or mask(folded) != folded:
            return "it has detail or a secret that is not needed"
        return "it crosses the boundary" if self.crosses(folded) else ""

    def cited(self, cites: Iterable[Cite], numbered: Numbered) -> tuple[list[Citation], str]:
        """The citations that stand, and what is wrong with the others."""
        standing: list[Citation] = []
        for cite in cites:
            if cite.span not in numbered.spans:
                return [], f"span {cite.span} does not exist"
            citation = numbered.citation(cite)
            if citation is not None and not self.minimise.detail(cite.quote):
                standing.append(citation)
        return standing, "" if standing else "no quote stands at its place"

    def statements(self, proposed: Sequence[Statement], sections: Sequence[Section], numbered: Numbered) -> Checked:
        """The edits that proposed statements come to."""
        result = Checked()
        for one in proposed:
            edit, problem = self._edit(one, sections, numbered)
            if problem:
                result.notes.append(f"drafting: {problem}")
            if edit is not None:
                result.edits.append(edit)
        return result

    def _edit(self, one: Statement, sections: Sequence[Section], numbered: Numbered) -> tuple[Edit | None, str]:
        section = next((s for s in sections if s.id == one.section and s.id in OWNED), None)
        if section is None:
            return None, "dropped: it names no section that agents draft"
        problem = self.wording(one.text) or (self.wording(one.reason) if one.reason.strip() else "")
        if problem:
            return None, f"dropped: {problem}"
        old = next((claim for claim in section.claims if claim.id == one.replaces), None)
        if one.replaces and (old is None or not old.author.startswith("agent:")):
            return None, "dropped: what it replaces is not there, or is a person's"
        citations, missing = self.cited(one.cites, numbered)
        if missing.startswith("span"):
            return None, f"dropped: {missing}"
        status, demoted = status_of(one, citations)
        if section.id == FACTS and status != "confirmed":
            return None, f"dropped: no fact of the update: {missing or 'its words do not stand in what it cites'}"
        return _edit(one, section, old, citations, status), f"demoted: {demoted}" if demoted else ""


def status_of(one: Statement, citations: Sequence[Citation]) -> tuple[Status, str]:
    """The status that the evidence carries, and why it is less than was proposed."""
    if one.kind == "action":
        return "held", ""
    if one.kind == "hypothesis":
        return "unverified", ""
    if not citations:
        return "unverified", "no quote stands at its place"
    if not carried(one.text, [citation.quote for citation in citations]):
        return "unverified", "its words do not stand in what it cites"
    return "confirmed", ""


def carried(text: str, quotes: Sequence[str]) -> bool:
    """Whether one of the quotes says what a text says: its words in a row, and a negation in both or in neither.

    Words picked from here and there, or from two quotes, make another statement.
    """
    said = _telling(text)
    return bool(said) and any(
        f" {' '.join(said)} " in f" {' '.join(_telling(quote))} " and _negates(text) == _negates(quote)
        for quote in quotes
    )


def leans(text: str, quotes: Sequence[str]) -> bool:
    """Whether a text can be read out of its quotes: every figure and name and half of its words stand there, and it
    negates where they do. This makes it worth reading beside them, never backed."""
    there = {word for quote in quotes for word in _telling(quote)}
    said = _telling(text)
    words = _WORD.findall(unicodedata.normalize("NFKC", text))
    exact = {word.casefold() for n, word in enumerate(words) if _figure(word) or (n and word[0].isupper())}
    close = sum(word in there for word in said) * 2 >= len(said) > 0
    return close and exact - _FRAME <= there and _negates(text) == any(map(_negates, quotes))


def _telling(text: str) -> list[str]:
    words = (word.casefold() for word in _WORD.findall(unicodedata.normalize("NFKC", text)))
    return [word for word in words if word not in _FRAME]


def _figure(word: str) -> bool:
    return any(char.isdigit() for char in word)


def _negates(text: str) -> bool:
    return bool(_NEGATION.search(text))


def _edit(one: Statement, section: Section, old: Claim | None, citations: list[Citation], status: Status) -> Edit:
    text = " ".join(one.text.split())
    return Edit(
        id="",
        turn=0,
        target=f"{section.id}/{old.id if old is not None else 'model-' + key(section.id, text)}",
        before=old.text if old is not None else "",
        after=text,
        reason=" ".join(one.reason.split()) or "proposed by the model",
        author=AUTHOR,
        citations=citations,
        status=status,
    )
