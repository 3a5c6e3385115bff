"""Pattern: documents become one structured record with provenance, staged or sent to an exception queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from agents.case_view import Assessment, CaseView
from agents.drafting import DraftingTask, draft
from agents.extraction import extract
from agents.material import Findings
from agents.reconciliation import ReconciliationTask, reconcile
from agents.statements import Statement
from casefile.claims import Section
from casefile.registers import AnyItem, Contradiction, OpenQuestion, RegisterName
from graphs import skeleton
from graphs.configuration import active_schema, described, extra_fields, fields_in_force
from graphs.governed_pass import Pattern

STATEMENTS = "statements:"
_LIST = TypeAdapter(list[Statement])


def build() -> Any:
    """The graph, uncompiled."""
    return skeleton.build(Pattern(assess=assess, read_items=read_items, draft=sections))


def read_items(view: CaseView) -> dict[str, str]:
    """What each new item says about the fields: reference tables are looked up, never believed by themselves."""
    fields = {**view.scenario.fields, **view.scenario.evidence_fields, **extra_fields(view)}
    made = {}
    for item in view.evidence:
        if item.withdrawn or item.prior or STATEMENTS + item.id in view.kept:
            continue
        found = extract(item, view.readings(item.id), fields, view.scenario, view.packet.tenant_ids())
        made[STATEMENTS + item.id] = _LIST.dump_json(found).decode()
    return made


def assess(view: CaseView) -> Assessment:
    """Weigh all statements under the present clock and ledger, in the fields that the active schema asks for."""
    schema, signals = active_schema(view)
    findings: Findings = reconcile(
        ReconciliationTask(
            scenario=view.scenario,
            parameters=view.parameters,
            now=view.now,
            tenant=view.packet.tenant.id,
            tenant_name=view.packet.tenant.name,
            tenants=view.packet.tenant_ids(),
            evidence=view.evidence,
            readings=view.readings,
            statements={
                name.removeprefix(STATEMENTS): _LIST.validate_json(body)
                for name, body in view.kept.items()
                if name.startswith(STATEMENTS)
            },
            fields=fields_in_force(view.scenario, schema),
            quarantined=view.quarantined,
            signals=[*signals, *view.checks],
        )
    )
    version = f"{schema.version}/{schema.mapping_version}" if schema else "none"
    return Assessment(
        findings=findings,
        subjects={"configuration": described(view, version)},
        standing=f"schema_and_mapping@{version}",
        blocked="; ".join(signal.detail for signal in signals if signal.name == "schema_mismatch"),
        mandatory=frozenset(field.name for field in schema.fields if field.mandatory) if schema else frozenset(),
    )


def sections(view: CaseView, done: Assessment, registers: Mapping[RegisterName, Sequence[AnyItem]]) -> list[Section]:
    """The record as a reader needs it: what is declared, how it was transformed, what stayed open."""
    return draft(
        DraftingTask(
            done.findings.fields,
            [c for c in registers["contradictions"] if isinstance(c, Contradiction) and c.state != "closed"],
            [q for q in registers["open_questions"] if isinstance(q, OpenQuestion)],
            [f"{gate.name}: {gate.outside}." for gate in view.scenario.gates if gate.outside],
        )
    )
