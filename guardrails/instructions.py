"""Instructions inside evidence: found, listed with their place, never followed (R8, contract §4 `blocked_requests`).

Evidence is somebody's text. It may speak to the agent, forge an approval or a role, hide an order, or try to carry
data out. Statements, and requests between people ("please attach a screenshot"), are not marked; an order for
something that the scenario must not do is, whoever it is addressed to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from casefile.evidence import ATTRIBUTION, Span
from guardrails.boundary import Boundary, ask
from guardrails.finding import Finding, excerpt, place_of
from guardrails.injections import DISGUISED, forms, order, suspect
from guardrails.minimise import nameless
from guardrails.plain_text import decoded, folded, versions
from guardrails.secrets import mask

RULE = "instruction-in-evidence"
EFFECT = "recorded as text of its author; nothing was done"

_THOROUGH = 1_000  # spans of one item up to which each gets the full boundary check
_LONGEST = 20_000  # characters of one span that are read at once
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_FIGURES = re.compile(r"\d[\d.,]*(?:\s*(?:million|billion|thousand|percent|%|[mk]\b))?", re.IGNORECASE)
# An initial before a family name ends no sentence: "agent P. Wahlgren".
_INITIAL = re.compile(r"(?<=[^\W\d_] )([^\W\d_])\. (?=[^\W\d_]{3})")
_REQUEST_LINE = re.compile(r"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S+ HTTP/")
_PROSE_LABELS = frozenset(
    {"subject", "body", "text", "comment", "note", "notes", "description", "message", "instructions"}
)


def mark(spans: Iterable[Span], evidence: str = "", boundary: Boundary | None = None) -> list[Finding]:
    """A finding (rule `instruction-in-evidence`) per span that orders something; its text is masked.

    `detail["asks_for"]` says what: the form of the instruction, or, for orders that cross the `boundary`, the words
    of its lines (their ids are in `detail["line"]`). `detail["hidden"]` is set where a person would not see the
    text. Of items with more than 1,000 spans (logs) only spans that name such an act, or are disguised, are checked
    against the boundary.
    """
    spans = [part for span in spans for part in _parts(span)]
    thorough = len(spans) <= _THOROUGH
    findings = []
    for span in spans:
        detail = _detail(span, boundary, thorough)
        if detail:
            if span.hidden:
                detail["hidden"] = "yes"
            place = place_of(evidence, span.locator)
            findings.append(Finding(RULE, place, EFFECT, excerpt(mask(span.text), 240), detail))
    return findings


def only_the_order(text: str, locator: str, boundary: Boundary | None = None) -> str:
    """Of a text, the first sentence that orders something, its figures, names and ids left out; `[not copied]` where
    none does alone."""
    for sentence in _SENTENCE.split(_INITIAL.sub(r"\1 ", text)):
        if mark([Span(locator, sentence, "line")], boundary=boundary):
            return nameless(_FIGURES.sub("[…]", mask(sentence.strip())))
    return "[not copied]"


def _detail(span: Span, boundary: Boundary | None, thorough: bool) -> dict[str, str]:
    if len(span.text) < 6:
        return {}
    disguised = DISGUISED.search(span.text) is not None
    windows = [span.text[at : at + _LONGEST] for at in range(0, len(span.text), _LONGEST)]
    named = span.kind in ("cell", "leaf") and len(span.text.split()) < 3  # "skip review", a value of a column
    if disguised or span.hidden or (not named and (thorough or suspect(span.text.lower()))):
        found = list(dict.fromkeys(form for window in windows for form in _forms(window, span.hidden)))
        if found:
            return {"asks_for": ", ".join(found)}
    if boundary is None or not _prose(span) or not (thorough or disguised or boundary.names(span.text)):
        return {}
    said = dict.fromkeys(one for window in windows for one in (window, _INITIAL.sub(r"\1 ", window)))
    refused = [refusal for one in said for refusal in ask(one, boundary, "evidence").refused]
    if not refused:
        return {}
    lines = dict.fromkeys(refusal.line for refusal in refused)
    texts = dict.fromkeys(refusal.text for refusal in refused)
    return {"asks_for": "; ".join(texts), "line": ", ".join(lines)}


def _forms(text: str, hidden: bool) -> Iterator[str]:
    plain = folded(text)
    names = (plain.replace("_", " "),) if "_" in plain else ()
    said = [version for version in (text.lower(), *versions(text), *names) if suspect(version)]
    found = [name for name, form in forms().items() if any(form.search(version) for version in said)]
    yield from found
    if hidden and not found and order().search(plain):
        yield "hidden order"
    for inner in decoded(text):
        meant = folded(inner)
        if order().search(meant) or any(form.search(meant) for form in forms().values()):
            yield "encoded order"
            return


def _parts(span: Span) -> Iterator[Span]:
    """A line that is drawn as a row of a table speaks cell by cell; anything else as a whole."""
    text = span.text.strip()
    if span.kind == "line" and text.startswith("|") and text.endswith("|") and text.count("|") > 2:
        yield from (replace(span, text=cell.strip(), kind="cell") for cell in text.strip("|").split("|"))
    else:
        yield span


def _prose(span: Span) -> bool:
    """Whether the span speaks to somebody; short cells and leaves are names of things, not orders."""
    words = span.text.split()
    if _REQUEST_LINE.match(span.text) or span.label == ATTRIBUTION:
        return False  # "On …, Grant Ellery wrote:" grants nothing
    if span.kind in ("cell", "leaf") and span.label.lower() not in _PROSE_LABELS:
        return len(words) >= 6 or bool(re.search(r"(?i)\b(?:please|now|asap|you)\b|!", span.text))
    return len(words) >= 2
