"""Plain text, taken as the source has it, and lists of places."""

from __future__ import annotations

import re

from agents.field_rules.settling import weigh as settle_field
from agents.material import Findings, Material, stated
from casefile.claims import FieldValue
from casefile.scenario import FieldSpec

_SEPARATOR = re.compile(r"\s*(?:,|;|/|\band\b|\bund\b|\bet\b|\by\b|&|\n)\s*")


def weigh(name: str, spec: FieldSpec, material: Material, findings: Findings) -> None:
    """The value as written; two texts agree when they differ only in case and spacing."""
    settle_field(
        name,
        spec,
        material,
        findings,
        [stated(material, s, s.raw) for s in material.statements.get(name, ())],
        same=same_text,
        value=str,
        steps=lambda _one: [],
    )


def places(name: str, spec: FieldSpec, material: Material, findings: Findings) -> None:
    """A list of places that stands labelled in a source. Places told in prose need a language model."""
    listed = [
        stated(material, s, tuple(part for part in _SEPARATOR.split(s.raw.rstrip(".")) if part))
        for s in material.statements.get(name, ())
    ]
    if not listed:
        findings.fields[name] = FieldValue(title=spec.title, status="missing", origin="none")
        question = f"{spec.title}: no source lists them; what is told in prose was not read by rules."
        findings.ask(name, question, spec.owner, "missing")
        return
    settle_field(
        name,
        spec,
        material,
        findings,
        listed,
        same=lambda a, b: {_folded(x) for x in a} == {_folded(x) for x in b},
        value=list,
        steps=lambda _one: [],
    )


def same_text(one: str, other: str) -> bool:
    """Whether two texts differ only in case and spacing."""
    return _folded(one) == _folded(other)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
