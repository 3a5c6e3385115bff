"""A field that the active mapping takes from a reference table: looked up in the row of the case's tenant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agents.field_rules.settling import weigh as settle_field
from agents.field_rules.text import same_text
from agents.material import Findings, Material, Row, stated, step
from agents.records import Cell, label_of
from agents.statements import LABELLED, Statement
from casefile.scenario import FieldSpec

# `tenant_registry.region`: a source and the column of it.
_COLUMN = re.compile(r"\s*[./:#]\s*")


def weigh(name: str, spec: FieldSpec, material: Material, findings: Findings) -> None:
    """The value of the tenant's row, marked as enriched, with the version of the table; one that documents state too
    is weighed with it."""
    looked_up = dict(_found(name, spec, material))
    said = [*looked_up, *material.statements.get(name, ())]
    settle_field(
        name,
        spec,
        material,
        findings,
        [stated(material, one, one.raw) for one in said],
        same=same_text,
        value=str,
        steps=lambda one: [
            step("reference-table", one.raw, one.value, reference=version)
            for statement, version in looked_up.items()
            if statement.locator == one.citation.locator and statement.evidence == one.citation.evidence
        ],
        origin="enriched" if looked_up else "extracted",
    )


def tables_of(sources: Sequence[str], data: Mapping[str, Any]) -> dict[str, str]:
    """The reference tables among the sources of a mapping, by role, with the column that the mapping names, if any."""
    found = {}
    for source in sources:
        table, _, column = _COLUMN.sub("\0", source, count=1).partition("\0")
        words = set(label_of(table).split())
        for role, spec in data["table_roles"].items():
            if any(set(label_of(known).split()) <= words for known in (role, *spec["systems"][:1])):
                found[role] = column
    return found


def _found(name: str, spec: FieldSpec, material: Material) -> Iterator[tuple[Statement, str | None]]:
    for role, column in tables_of(spec.mapped_from, material.scenario.data).items():
        labels = material.scenario.data["tables"][role]
        for row in material.tables.get(role, ()):
            cell = _cell(row, column or name) if _of_tenant(row, labels, material) else None
            if cell is not None:
                version = row.record.first(labels["version"]) if "version" in labels else None
                text = cell.text.strip()
                statement = Statement(
                    field=name,
                    raw=text,
                    quote=text,
                    evidence=row.evidence,
                    locator=cell.locator,
                    confidence=LABELLED,
                    method="reference-table",
                    label=label_of(name),
                )
                yield statement, version.text.strip() if version else None


def _of_tenant(row: Row, labels: Mapping[str, Sequence[str]], material: Material) -> bool:
    tenant = row.record.first(labels["tenant"]) if "tenant" in labels else None
    return tenant is not None and tenant.text.strip() == material.tenant


def _cell(row: Row, name: str) -> Cell | None:
    """The cell under the field's own name, else under the only column whose words are among it: `region`."""
    own = row.record.first([label_of(name)])
    if own is not None:
        return own
    words = set(label_of(name).split())
    close = [cell for label, cell in row.record.cells.items() if set(label.split()) <= words and cell.text.strip()]
    return close[0] if len(close) == 1 else None
