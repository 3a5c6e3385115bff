"""The configuration in force: the active schema with its mapping, and which fields it asks for."""

from __future__ import annotations

import orjson

from agents.material import Signal
from agents.reconciliation import usable_evidence
from casefile.evidence import Evidence, Reading
from casefile.scenario import FieldSpec
from graphs.context import RunContext
from guardrails.schema_check import SchemaVersion, check_schema, parse_schema
from lineage.canonical import Json, digest


def active_schema(
    evidence: list[Evidence], readings: dict[str, Reading], quarantined: frozenset[str]
) -> tuple[SchemaVersion | None, list[Signal]]:
    """The active schema: the newest schema document among the evidence in use, and what is wrong with it."""
    documents = [
        (item, schema)
        for item in usable_evidence(evidence, quarantined)
        if (schema := parse_schema(readings[item.id].data)) is not None
    ]
    if not documents:
        return None, [Signal(name="schema_mismatch", about="schema", detail="no schema document is in the packet")]
    item, schema = documents[-1]
    signals = [Signal(name="schema_mismatch", about=item.id, detail=f.text) for f in check_schema(schema)]
    if not signals and not schema.approved:
        detail = f"schema {schema.version} with mapping {schema.mapping_version} is not shown as approved"
        signals.append(Signal(name="schema_unapproved", about=item.id, detail=detail))
    return schema, signals


def configuration(context: RunContext, schema: SchemaVersion | None, signals: list[Signal]) -> str:
    """What the configuration gate binds, and whether it blocks everything."""
    version = f"{schema.version}/{schema.mapping_version}" if schema else "none"
    blocked = "; ".join(s.detail for s in signals if s.name == "schema_mismatch")
    described: dict[str, Json] = {"schema": version, "policy": context.policy_version}
    plain = {"sha256": digest(described), "blocked": blocked, "standing": f"schema_and_mapping@{version}"}
    return orjson.dumps(plain).decode()


def fields_in_force(context: RunContext, schema: SchemaVersion | None) -> dict[str, FieldSpec]:
    """The fields of the active schema, in its order; one that the scenario does not know is read by its name."""
    if schema is None:
        return dict(context.scenario.fields)
    known = context.scenario.fields
    return {field.name: known.get(field.name) or _by_name(field.name) for field in schema.fields}


def extra_fields(context: RunContext, evidence: list[Evidence], readings: dict[str, Reading]) -> dict[str, FieldSpec]:
    schema, _ = active_schema(evidence, readings, frozenset())
    return {n: s for n, s in fields_in_force(context, schema).items() if n not in context.scenario.fields}


def _by_name(name: str) -> FieldSpec:
    words = name.replace("_", " ")
    return FieldSpec(title=words.capitalize(), rule="text", owner="schema_workflow_owner", labels=[words])
