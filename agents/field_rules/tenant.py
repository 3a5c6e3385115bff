"""Tenant identity: ids, legal names and login hosts, looked up in the tenant registry.

Two tenants in one packet are never weighed against each other: the packet mixes tenant contexts (card: holds).
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from agents.field_rules.settling import weigh as settle_field
from agents.material import Findings, Material, stated, step
from agents.statements import Statement
from casefile.claims import Normalization
from casefile.precedence import Stated
from casefile.scenario import FieldSpec
from tools.readers import line_spans

FUZZY_AT_LEAST = 90
_ID = re.compile(r"\btn-[\w-]*\w")
# A text of more lines is a log, and no letter.
_LINES = 2000


@dataclass(frozen=True, slots=True)
class Named:
    """A tenant id and how the registry led to it."""

    tenant: str
    by: str
    version: str


@dataclass(frozen=True, slots=True)
class Registered:
    """A row of the registry: the tenant's id, its folded legal name and login host."""

    tenant: str
    names: tuple[str, ...]
    version: str


def weigh(name: str, spec: FieldSpec, material: Material, findings: Findings) -> None:
    """The tenant that the evidence speaks of."""
    found: list[Stated[Named]] = []
    registry = _registry(material)
    for statement in material.statements.get(name, ()):
        named = look_up(statement.raw, material, registry)
        if named is not None:
            found.append(stated(material, statement, named, factor=1.0 if named.by != "similar" else 0.8))
    others = sorted({one.value.tenant for one in found} - {material.tenant})
    settle_field(
        name,
        spec,
        material,
        findings,
        sorted(found, key=lambda one: one.value.by != "id"),
        same=lambda a, b: a.tenant == b.tenant,
        value=lambda named: named.tenant,
        steps=_steps,
    )
    if others:
        citations = [one.citation for one in found if one.value.tenant in others]
        detail = f"evidence speaks of {', '.join(others)}; the case is about {material.tenant}"
        findings.signal("tenant_mixed", name, detail, citations)
    _unknown_names(name, spec, material, findings, registry)
    _spoken_of(
        name, material, findings, {*others, *(statement.raw.strip() for statement in material.statements.get(name, ()))}
    )


def look_up(text: str, material: Material, registry: Sequence[Registered]) -> Named | None:
    """The tenant of an id, legal name or host: exactly, else by similarity (which is lossy), else None."""
    wanted = _folded(text)
    best: tuple[float, Registered] | None = None
    for row in registry:
        if wanted == _folded(row.tenant):
            return Named(row.tenant, "id", row.version)
        if wanted in row.names:
            return Named(row.tenant, "name", row.version)
        ratio = max((_similarity(wanted, one) for one in row.names), default=0.0)
        if ratio >= FUZZY_AT_LEAST and (best is None or ratio > best[0]):
            best = (ratio, row)
    if best is not None:
        return Named(best[1].tenant, "similar", best[1].version)
    if wanted in {_folded(one) for one in material.tenants}:
        return Named(text.strip(), "id", "")
    return None


def _similarity(one: str, other: str) -> float:
    from rapidfuzz import fuzz

    return float(fuzz.ratio(one, other))


def _steps(one: Stated[Named]) -> list[Normalization]:
    if one.value.by == "id":
        return []
    lossy = one.value.by == "similar"
    reference = one.value.version or None
    return [step("tenant-registry", one.raw, one.value.tenant, lossy=lossy, reference=reference)]


def _unknown_names(
    name: str, spec: FieldSpec, material: Material, findings: Findings, registry: Sequence[Registered]
) -> None:
    """An id that looks like a tenant's and stands in no registry is a question, not nothing."""
    for statement in material.statements.get(name, ()):
        if _looks_like_id(statement) and look_up(statement.raw, material, registry) is None:
            detail = f"{statement.raw} ({statement.evidence}) is not in the tenant registry"
            findings.ask(name, f"{spec.title}: {detail}. Which tenant is it?", spec.owner, statement.raw)
            if "tenant" in statement.label or "mandant" in statement.label:
                findings.signal("tenant_mixed", name, detail, [material.cite(statement)])


def _spoken_of(name: str, material: Material, findings: Findings, known: Set[str]) -> None:
    """The id of another tenant in running text: what a customer says of it mixes two contexts as a label would."""
    for item in material.usable:
        source = material.scenario.source_of(
            item.system, item.file.rpartition(".")[2].lower(), f"{item.id} {item.file}"
        )
        reading = material.readings(item.id)
        if reading.tables or (source is not None and source.reference):
            continue
        for span in [*reading.spans, *line_spans(reading)] if len(reading.lines) <= _LINES else reading.spans:
            for found in _ID.findall(span.text):
                if found not in material.tenants and found not in known:
                    detail = f"{item.id} speaks of {found}; the case is about {material.tenant}"
                    findings.signal("tenant_mixed", name, detail, [material.cite_place(item.id, span.locator, found)])
                    known = known | {found}


def _looks_like_id(statement: Statement) -> bool:
    raw = statement.raw.strip()
    return " " not in raw and (statement.label.endswith("id") or _ID.fullmatch(raw) is not None)


def _registry(material: Material) -> list[Registered]:
    labels = material.scenario.data["tables"]["tenant_registry"]
    rows = []
    for row in material.tables.get("tenant_registry", ()):
        tenant, version = row.record.first(labels["tenant"]), row.record.first(labels["version"])
        cells = (row.record.first(labels["name"]), row.record.first(labels["host"]))
        if tenant is not None:
            names = tuple(_folded(cell.text.strip()) for cell in cells if cell)
            rows.append(Registered(tenant.text.strip(), names, version.text.strip() if version else ""))
    return rows


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("https://", "").replace("http://", "").rstrip("/.").split())
