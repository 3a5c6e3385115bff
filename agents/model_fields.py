"""Values that stand in words which rules do not read: proposed by a model, checked here, never more than unverified."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.model_checks import Numbered
from agents.model_proposals import Value
from casefile.claims import Citation, FieldValue
from casefile.scenario import Scenario
from guardrails.citations import check_citation

_INSTANT = re.compile(r"\d{4}-\d\d-(\d\d)T\d\d:\d\d:\d\dZ")
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
READ_BY_MODEL = "read from words by the model; no rule has verified it"
_SURE = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field that a model may fill: its title, and what it is as the prompt says it."""

    title: str
    meaning: str


def wanted(scenario: Scenario, fields: Mapping[str, FieldValue]) -> dict[str, Wanted]:
    """The fields that no rule has filled: those that the scenario gives to the model (`data.model_fields`, a meaning
    each), and its own fields that are missing."""
    told: dict[str, str] = scenario.data.get("model_fields", {})
    found = {name: Wanted(_title(name, meaning), meaning) for name, meaning in told.items()}
    found |= {name: Wanted(spec.title, spec.title) for name, spec in scenario.fields.items() if name not in found}
    return {name: one for name, one in found.items() if name not in fields or fields[name].status == "missing"}


def _title(name: str, meaning: str) -> str:
    return meaning if len(meaning) <= 60 else name.replace("_", " ").capitalize()


def task(asked: Mapping[str, Wanted]) -> str:
    """The task as the model is given it."""
    lines = [f"- `{name}`: {one.meaning}" for name, one in asked.items()]
    return "Read these fields from the spans, and no others:\n" + "\n".join(lines)


def take(value: Value, asked: Mapping[str, Wanted], spans: Numbered) -> tuple[str, FieldValue] | str:
    """The field that a proposal fills, or why it is dropped."""
    place = spans.spans.get(value.span)
    if value.field not in asked or place is None:
        return "an unknown field or span"
    name, locator, shown = place
    citation = Citation(evidence=name, locator=locator, quote=value.quote, sha256=spans.evidence[name].sha256)
    if check_citation(citation, spans.readings[name]) or _folded(value.quote) not in _folded(shown):
        return "its quote does not stand where it says"
    if not _carried(value.value, value.quote):
        return "its quote does not carry the value"
    return value.field, FieldValue(
        title=asked[value.field].title,
        value=value.value,
        raw=value.quote,
        status="unverified",
        confidence=_SURE,
        citations=[citation],
        note=READ_BY_MODEL,
    )


def _carried(value: str, quote: str) -> bool:
    """Whether a quote can carry a value: an instant's day stands in it, else every word and number of the value."""
    instant = _INSTANT.fullmatch(value)
    if instant is not None:
        return re.search(rf"(?<!\d)0?{int(instant[1])}(?!\d)", quote) is not None
    said, there = _words(value), set(_words(quote))
    return bool(said) and all(word in there for word in said)


def _words(text: str) -> Sequence[str]:
    return [word.casefold() for word in _WORD.findall(unicodedata.normalize("NFKC", text))]


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())
