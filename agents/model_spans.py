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
SHORT, DECIDED = 12_000, 6_000
"""Characters of the case in short, and how many of them what people rejected may take."""
MOST_REJECTED = 300
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
    """The case in short: what people rejected, fields with status, the statements with their ids.

    What people decided (`rejected`, newest last) comes first, the newest of it ahead: the draft is cut before it is.
    """
    lines = _decided(rejected)
    lines += [f"{name}: {value.value} [{value.status}]" for name, value in fields.items()]
    for section in sections:
        shown = [f"  {c.id} [{c.status}, {c.mark}]: {c.text[:160]}" for c in section.claims[:12]]
        lines += [f"section {section.id}:", *shown]
    return "\n".join(lines)[:SHORT]


def _decided(rejected: Sequence[str]) -> list[str]:
    """What was rejected, each text once, the newest first; how many do not fit is said, and the rules know them all."""
    texts = dict.fromkeys(" ".join(text.split())[:160] for text in reversed(rejected) if text.strip())
    kept, left = [], DECIDED
    for text in texts:
        left -= len(text) + 3
        if left < 0:
            break
        kept.append(f"- {text}")
    more = len(texts) - len(kept)
    head = ["rejected by people, do not propose again:"] if kept else []
    return [*head, *kept, *([f"- and {more} older ones"] if more else [])]
