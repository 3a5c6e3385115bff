"""The configuration in force: the active schema with its mapping, and which fields it asks for."""

from __future__ import annotations

from agents.case_view import CaseView
from agents.material import Signal
from casefile.scenario import FieldSpec, Scenario
from guardrails.schema_check import SchemaVersion, check_schema, parse_schema
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
    if not signals and not schema.approved:
        detail = f"schema {schema.version} with mapping {schema.mapping_version} is not shown as approved"
        signals.append(Signal(name="schema_unapproved", about=item.id, detail=detail))
    return schema, signals


def described(view: CaseView, version: str) -> Json:
    """What the configuration gate binds."""
    return {"schema": version, "policy": view.policy_version}


def fields_in_force(scenario: Scenario, schema: SchemaVersion | None) -> dict[str, FieldSpec]:
    """The fields of the active schema, in its order; one that the scenario does not know is read by its name."""
    if schema is None:
        return dict(scenario.fields)
    return {field.name: scenario.fields.get(field.name) or _by_name(field.name) for field in schema.fields}


def extra_fields(view: CaseView) -> dict[str, FieldSpec]:
    """The fields that only the active schema names."""
    schema, _ = active_schema(view)
    known = view.scenario.fields
    return {name: spec for name, spec in fields_in_force(view.scenario, schema).items() if name not in known}


def _by_name(name: str) -> FieldSpec:
    words = name.replace("_", " ")
    return FieldSpec(title=words.capitalize(), rule="text", owner="schema_workflow_owner", labels=[words])
