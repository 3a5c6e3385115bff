"""The active schema against its mapping: a record is only made under a schema that its mapping was built for.

Source: card of outage-intake, precondition "Active schema version matches the mapping and all mandatory fields are
known", rule "New mandatory schema field without mapping blocks handoff".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guardrails.finding import Finding

RULE = "schema"
EFFECT = "handoff blocked until mapped"
_MAPPED = ("mapped_from", "mapping", "sources", "source", "from", "taken_from", "source_fields")
_APPROVED = frozenset({"active", "approved", "in force", "released", "effective"})


@dataclass(frozen=True, slots=True)
class SchemaField:
    """One field that the schema asks for. `mapped_from` are the sources that the mapping takes it from."""

    name: str
    mandatory: bool
    consequential: bool = False
    mapped_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SchemaVersion:
    """A schema with the mapping in force for it. `approved`: the document itself shows it active or approved; `by`: who
    approved it, where it names somebody."""

    version: str
    mapping_version: str
    built_for_schema: str
    approved: bool
    fields: tuple[SchemaField, ...]
    by: str = ""


def parse_schema(document: object) -> SchemaVersion | None:
    """A schema document as typed data, or None where the document is none.

    Tolerated: fields as a list of mappings or as a mapping of mappings, `required` for `mandatory`, the mapping as
    a member of the document or as members `mapping_version` and `built_for_schema` beside it.
    """
    if not isinstance(document, Mapping):
        return None
    fields = _fields(document.get("fields", document.get("schema_fields")))
    version = document.get("version", document.get("schema_version"))
    if not fields or version is None:
        return None
    mapping = document.get("mapping")
    mapping = mapping if isinstance(mapping, Mapping) else {}
    return SchemaVersion(
        version=str(version),
        mapping_version=_text(mapping.get("version", document.get("mapping_version"))),
        built_for_schema=_text(mapping.get("built_for_schema", document.get("built_for_schema"))),
        approved=_approved(document, mapping),
        fields=tuple(fields),
        by=_approver(document, mapping),
    )


def check_schema(schema: SchemaVersion) -> list[Finding]:
    """Why no record may be made under this schema; empty where nothing stands in the way. Unknown means refused."""
    place = f"schema {schema.version}"
    findings = []
    if not schema.mapping_version:
        findings.append(Finding(RULE, place, EFFECT, f"schema {schema.version} names no mapping"))
    elif schema.built_for_schema != schema.version:
        built = schema.built_for_schema or "no schema"
        text = f"mapping {schema.mapping_version} was built for {built}, the active schema is {schema.version}"
        findings.append(Finding(RULE, place, EFFECT, text))
    for field in schema.fields:
        if field.mandatory and not field.mapped_from:
            text = f"the mandatory field {field.name} of schema {schema.version} is not mapped"
            findings.append(Finding(RULE, place, EFFECT, text, {"field": field.name}))
    return findings


def _approved(document: Mapping[str, Any], mapping: Mapping[str, Any]) -> bool:
    """Shown as approved: a status that says so, or a named approver, and no part that says otherwise.

    A registry that calls a version active has taken the decision; one that gives only dates says nothing of it.
    """
    states = [_text(part.get("status", part.get("state"))).casefold() for part in (document, mapping)]
    if any(state not in _APPROVED for state in states if state):
        return False
    return bool(_approver(document, mapping)) or any(states)


def _approver(document: Mapping[str, Any], mapping: Mapping[str, Any]) -> str:
    for part in (mapping, document):
        approval = part.get("approval", part.get("approved"))
        within = _text(approval.get("by")) if isinstance(approval, Mapping) and not _open(approval) else ""
        named = _text(part.get("approved_by")) or _text(part.get("approver")) or within
        if named:
            return named
    return ""


def _open(approval: Mapping[str, Any]) -> bool:
    state = _text(approval.get("status", approval.get("state"))).casefold()
    return bool(state) and state not in _APPROVED


def _fields(found: object) -> list[SchemaField]:
    if isinstance(found, Mapping):
        found = [{"name": name, **(spec if isinstance(spec, Mapping) else {})} for name, spec in found.items()]
    if not isinstance(found, Sequence) or isinstance(found, str):
        return []
    return [_field(spec) for spec in found if isinstance(spec, Mapping) and spec.get("name")]


def _field(spec: Mapping[str, Any]) -> SchemaField:
    mapped = next((spec[key] for key in _MAPPED if spec.get(key)), None)
    sources = [mapped] if isinstance(mapped, str) else mapped if isinstance(mapped, Sequence) else []
    return SchemaField(
        name=str(spec["name"]),
        mandatory=_yes(spec.get("mandatory", spec.get("required", False))),
        consequential=_yes(spec.get("consequential", False)),
        mapped_from=tuple(str(source) for source in sources if source),
    )


def _yes(value: object) -> bool:
    return value is True or str(value).strip().casefold() in ("true", "yes", "1", "mandatory", "required")


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()
