from dataclasses import replace

import pytest

from guardrails.schema_check import SchemaField, SchemaVersion, check_schema, parse_schema

DOCUMENT = {
    "schema": "support-escalation-staging",
    "version": "v3",
    "status": "active",
    "active_since": "2026-01-15T00:00:00Z",
    "mapping": {"version": "m12", "built_for_schema": "v3"},
    "fields": [
        {"name": "tenant_id", "mandatory": True, "consequential": True, "mapped_from": ["ticket"]},
        {"name": "affected_regions", "mandatory": False, "mapped_from": []},
    ],
}


def _texts(document: dict) -> list[str]:
    schema = parse_schema(document)
    assert schema is not None
    return [finding.text for finding in check_schema(schema)]


def test_a_schema_with_its_mapping_passes():
    schema = parse_schema(DOCUMENT)
    assert schema is not None
    assert schema.fields[0] == SchemaField("tenant_id", mandatory=True, consequential=True, mapped_from=("ticket",))
    assert schema.approved
    assert check_schema(schema) == []


def test_a_mandatory_field_without_mapping_blocks():
    """bad_inputs: "Schema v4 adds mandatory data_region: blocked until mapped"."""
    fields = [*DOCUMENT["fields"], {"name": "data_region", "mandatory": True, "mapped_from": []}]
    assert _texts({**DOCUMENT, "fields": fields}) == ["the mandatory field data_region of schema v3 is not mapped"]


def test_an_optional_field_without_mapping_does_not():
    assert _texts({**DOCUMENT, "fields": [*DOCUMENT["fields"], {"name": "note"}]}) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"version": "v4"}, "was built for v3"),
        ({"mapping": {"version": "m12"}}, "was built for no schema"),
        ({"mapping": {}}, "names no mapping"),
        ({"mapping": None}, "names no mapping"),
    ],
)
def test_a_mapping_that_does_not_fit_blocks(change, word):
    assert any(word in text for text in _texts({**DOCUMENT, **change}))


@pytest.mark.parametrize(
    "fields",
    [
        {"tenant_id": {"required": True, "mapped_from": "ticket"}},
        [{"name": "tenant_id", "required": "yes", "sources": ["ticket"]}],
        [{"name": "tenant_id", "mandatory": True, "mapping": ["ticket"]}],
        [{"name": "tenant_id", "mandatory": True, "from": ["ticket"]}],
    ],
)
def test_other_layouts_say_the_same(fields):
    schema = parse_schema({**DOCUMENT, "fields": fields})
    assert schema is not None
    assert schema.fields == (SchemaField("tenant_id", mandatory=True, mapped_from=("ticket",)),)


def test_mapping_beside_the_fields_is_read():
    flat = {**DOCUMENT, "mapping_version": "m12", "built_for_schema": "v3"}
    del flat["mapping"]
    assert _texts(flat) == []


@pytest.mark.parametrize("document", [None, [], "text", {}, {"version": "v3"}, {"fields": [{"name": "a"}]}])
def test_what_is_no_schema_is_none(document):
    assert parse_schema(document) is None


def test_a_draft_is_not_approved():
    schema = parse_schema({**DOCUMENT, "status": "draft"})
    assert schema is not None
    assert not schema.approved
    assert check_schema(replace(schema, built_for_schema="v2")) != []
    assert isinstance(schema, SchemaVersion)


@pytest.mark.parametrize(
    ("approval", "by"),
    [
        ({"approved": {"by": "Liv Brekke", "on": "2026-05-04"}}, "Liv Brekke"),
        ({"approval": {"by": "Liv Brekke", "status": "approved"}}, "Liv Brekke"),
        ({"approval": {"by": "Liv Brekke", "status": "pending"}}, ""),
        ({"approved": True}, ""),
        ({"approved": {"on": "2026-05-04"}}, ""),
    ],
)
def test_an_approval_may_be_a_part_of_the_document(approval, by):
    schema = parse_schema({**DOCUMENT, **approval})
    assert schema is not None
    assert schema.by == by
