"""Production or not: labelled words, and login hosts by the registry or by the words in their names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agents.field_rules.settling import weigh as settle_field
from agents.material import Findings, Material, stated, step
from agents.statements import Statement
from casefile.claims import Normalization
from casefile.precedence import Stated
from casefile.scenario import FieldSpec

_HOST = re.compile(r"(?:https?://)?((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,})", re.IGNORECASE)


def weigh(name: str, spec: FieldSpec, material: Material, findings: Findings) -> None:
    """The environment that the evidence shows. Production beside anything else is never settled by a rule."""
    found: list[Stated[str]] = []
    for statement in material.statements.get(name, ()):
        label = _word(statement.raw, material)
        if label is not None:
            found.append(stated(material, statement, label))
    registry = _hosts(material)
    for statement in material.statements.get("login_host", ()):
        host_label = _of_host(statement, material, registry)
        if host_label is not None:
            found.append(stated(material, statement, host_label))
    settlement = settle_field(
        name,
        spec,
        material,
        findings,
        found,
        same=str.__eq__,
        value=str,
        steps=lambda one: _steps(one, material),
    )
    if settlement.open_sides:
        detail = " / ".join(side[0].value for side in settlement.open_sides)
        citations = [one.citation for side in settlement.open_sides for one in side[:2]]
        findings.signal("environment_unclear", name, detail, citations)


def _word(text: str, material: Material) -> str | None:
    words: dict[str, list[str]] = material.scenario.data["environments"]
    wanted = re.sub(r"[\s_\-]+", " ", text.strip().strip(".").casefold())
    for label, names in words.items():
        if wanted in names or any(re.match(rf"{re.escape(one)}\b", wanted) for one in names if len(one) > 3):
            return label
    return None


def _hosts(material: Material) -> dict[str, str]:
    """What the registry says about each login host: the first row of each that says anything."""
    labels = material.scenario.data["tables"]["tenant_registry"]
    hosts: dict[str, str] = {}
    for row in material.tables.get("tenant_registry", ()):
        cell, environment = row.record.first(labels["host"]), row.record.first(labels["environment"])
        if cell is not None and environment is not None:
            hosts.setdefault(cell.text.strip().casefold(), environment.text)
    return hosts


def _of_host(statement: Statement, material: Material, registry: Mapping[str, str]) -> str | None:
    match = _HOST.search(statement.raw)
    if match is None:
        return None
    host = match[1].casefold()
    if host in registry:
        return _word(registry[host], material)
    parts = set(re.split(r"[.\-]", host))
    words: dict[str, list[str]] = material.scenario.data["environments"]
    # Only a name that says "not production" is evidence; a name that says nothing is not evidence of production.
    return next((label for label, names in words.items() if label != "Production" and parts & set(names)), None)


def _steps(one: Stated[str], material: Material) -> list[Normalization]:
    if one.raw.strip() == one.value:
        return []
    return [step("environment-labels", one.raw, one.value, reference=material.scenario.version)]
