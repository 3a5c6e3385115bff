"""Extraction: what each source says about the fields. Offline by rules; with a model its proposals join them.

Reference tables are not statements: they are looked up, never believed about a case by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping

from agents.records import label_of
from agents.statements import Statement, statements
from casefile.evidence import Evidence, Reading
from casefile.scenario import FieldSpec, Scenario


def extract(
    item: Evidence,
    reading: Reading,
    fields: Mapping[str, FieldSpec],
    scenario: Scenario,
    tenants: frozenset[str],
) -> list[Statement]:
    """The statements of one evidence item, in the order of the document.

    Rows of a table that name a tenant which the case does not list are not read, unless the table has no row of
    the case's own: then what it says is that the packet speaks of somebody else.
    """
    kind = item.file.rpartition(".")[2].lower()
    source = scenario.source_of(item.system, kind, f"{item.id} {item.file}")
    if source is not None and source.reference:
        return []
    found = statements(item.id, reading, fields)
    foreign = _foreign_rows(reading, scenario, tenants)
    return [statement for statement in found if not statement.locator.startswith(tuple(foreign))] if foreign else found


def _foreign_rows(reading: Reading, scenario: Scenario, tenants: frozenset[str]) -> list[str]:
    labels: list[str] = scenario.data["tables"]["tenant_registry"]["tenant"]
    foreign: list[str] = []
    own = 0
    wanted = [label_of(label) for label in labels]
    for table in reading.tables:
        # Of several columns with one label the last counts.
        named = [[c for c in reversed(table.columns) if label_of(c) == label] for label in wanted]
        for row in table.rows if any(named) else ():
            said = (next((row.cells[c] for c in columns if c in row.cells), "") for columns in named)
            tenant = next(filter(None, said), None)
            if tenant is None:
                continue
            if tenant.strip() in tenants:
                own += 1
            else:
                foreign.append(table.locator(row.number, ""))
    return foreign if own else []
