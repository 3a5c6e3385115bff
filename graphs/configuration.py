"""The configuration in force: the active schema with its mapping, and which fields it asks for."""

from __future__ import annotations

from agents.case_view import CaseView
from agents.field_rules.registered import tables_of
from agents.material import Signal
from casefile.evidence import Evidence
from casefile.scenario import FieldSpec, Scenario
from guardrails.schema_check import SchemaField, SchemaVersion, check_schema, parse_schema
from lineage.canonical import Json


def active_schema(view: CaseView) -> tuple[SchemaVersion | None, list[Signal]]:
    """The active schema: the newest schema document among the evidence in use, and what is wrong with it."""
    documents = [
        (item, schema) for item in view.usable if (schema := parse_schema(view.readings(item.id).data)) is not None
    ]
    if not documents:
        return None, [Signal(name="schema_mismatch", about="schema", detail="no schema document is in the packet")]
    item, schema = documents[-1]
    signals = [Signal(name="schema_mismatch", about=item.id, detail=f.text) for f in check_schema(schema)]
    why = "is not shown as approved" if not schema.approved else ""
    if not why and not schema.by and _changed_meanwhile(view, item, schema):
        why = "came while the case was open, and nobody is named who approved the change"
    if why and not signals:
        detail = f"schema {schema.version} with mapping {schema.mapping_version} {why}"
        signals.append(Signal(name="schema_unapproved", about=item.id, detail=detail))
    return schema, signals


def _changed_meanwhile(view: CaseView, item: Evidence, schema: SchemaVersion) -> bool:
    """Whether the case began under another schema or mapping: being active shows no approval of the change."""
    start = min(one.arrived_at for one in view.evidence)
    if item.arrived_at == start:
        return False
    first = (parse_schema(view.readings(one.id).data) for one in view.evidence if one.arrived_at == start)
    began = [(one.version, one.mapping_version) for one in first if one is not None]
    return bool(began) and (schema.version, schema.mapping_version) not in began


def described(view: CaseView, version: str) -> Json:
    """What the configuration gate binds."""
    return {"schema": version, "policy": view.policy_version}


def fields_in_force(scenario: Scenario, schema: SchemaVersion | None) -> dict[str, FieldSpec]:
    """The fields of the active schema, in its order; one that the scenario does not know is read by its name."""
    if schema is None:
        return dict(scenario.fields)
    return {field.name: scenario.fields.get(field.name) or _by_name(field, scenario) for field in schema.fields}


def extra_fields(view: CaseView) -> dict[str, FieldSpec]:
    """The fields that only the active schema names."""
    schema, _ = active_schema(view)
    known = view.scenario.fields
    return {name: spec for name, spec in fields_in_force(view.scenario, schema).items() if name not in known}


def _by_name(field: SchemaField, scenario: Scenario) -> FieldSpec:
    words = field.name.replace("_", " ")
    return FieldSpec(
        title=words.capitalize(),
        rule="registered" if tables_of(field.mapped_from, scenario.data) else "text",
        consequential=field.consequential,
        owner="schema_workflow_owner",
        labels=[words],
        mapped_from=list(field.mapped_from),
    )
