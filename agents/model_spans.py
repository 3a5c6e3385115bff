"""The spans that a model sees in one request: bounded, of this case alone, without detail that is not needed.

However long the case is, a request has at most `MOST` spans of at most `LONGEST` characters: turn 1,000 costs what
turn 10 costs. What people decided is not remembered by the prompt but kept by the rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from agents.model_checks import Numbered
from casefile.claims import FieldValue, Section
from casefile.evidence import Evidence, Reading
from guardrails.minimise import Minimiser
from guardrails.places import Places
from guardrails.secrets import mask
from runtime.search import Hit

MOST, LONGEST = 60, 500
_TENANT = re.compile(r"\btn-[\w-]+\b")


def numbered(
    places: Iterable[tuple[str, str]],
    evidence: Sequence[Evidence],
    readings: Mapping[str, Reading],
    tenants: frozenset[str],
    clean: Callable[[str], str],
) -> Numbered:
    """Number the texts that stand at these places. Other tenants' lines, and places that do not exist, are left out.

    `clean` takes out what no model needs: see `cleaner`.
    """
    items = {item.id: item for item in evidence if not item.withdrawn}
    known = {name: Places(readings[name]) for name in items}
    spans: dict[int, tuple[str, str, str]] = {}
    for name, locator in dict.fromkeys(places):
        text = known[name].text_at(locator) if name in known else None
        if not text or not text.strip() or not set(_TENANT.findall(text)) <= tenants:
            continue
        spans[len(spans) + 1] = (name, locator, clean(text)[:LONGEST])
        if len(spans) >= MOST:
            break
    return Numbered(spans, items, readings)


def cleaner(minimise: Minimiser) -> Callable[[str], str]:
    """Takes secrets and detail out of a text. A turn asks several times about the same spans: each is cleaned once."""
    return cache(lambda text: minimise.text(mask(text)))


def names_others(text: str, tenants: frozenset[str]) -> bool:
    """Whether a text names a tenant that the case does not list (R12)."""
    return not set(_TENANT.findall(text)) <= tenants


def places_of(sections: Sequence[Section], hits: Sequence[Hit] = ()) -> list[tuple[str, str]]:
    """Where the search hits and the statements of the artifact stand."""
    found = [(hit.evidence, hit.locator) for hit in hits]
    return found + [(c.evidence, c.locator) for s in sections for claim in s.claims for c in claim.citations]


def in_short(fields: Mapping[str, FieldValue], sections: Sequence[Section], rejected: Sequence[str]) -> str:
    """The case in short: fields with status, ids of the statements that may be replaced, what was rejected lately."""
    lines = [f"{name}: {value.value} [{value.status}]" for name, value in fields.items()]
    for section in sections:
        shown = [f"  {c.id} [{c.status}, {c.mark}]: {c.text[:160]}" for c in section.claims[:12]]
        lines += [f"section {section.id}:", *shown]
    lines += [f"rejected by a person, do not propose again: {text[:160]}" for text in rejected[-20:]]
    return "\n".join(lines)[:12_000]
