import pytest

from casefile.evidence import Row, Span, Table
from guardrails.tenants import Registry, find_other_tenants, foreign_rows

REGISTRY = Registry(
    [
        ("tn-halvorsen-eu", "tn-halvorsen-eu"),
        ("Halvorsen Maritime AS", "tn-halvorsen-eu"),
        ("login.halvorsen.lumenary.example", "tn-halvorsen-eu"),
        ("tn-halvorsen", "tn-halvorsen"),
        ("Halvorsen", "tn-halvorsen"),
        ("Basalt Marine BV", "tn-basalt-us"),
        ("login.basalt.lumenary.example", "tn-basalt-us"),
        ("shared.lumenary.example", "tn-basalt-us"),
        ("shared.lumenary.example", "tn-halvorsen-eu"),
    ]
)


def _others(text: str, listed=("tn-halvorsen-eu",)) -> list[str]:
    found = find_other_tenants([Span("line=1", text, "line")], REGISTRY, listed, "mail")
    return [finding.detail["tenants"] for finding in found]


@pytest.mark.parametrize(
    ("text", "tenants"),
    [
        ("the same at Basalt Marine BV", ["tn-basalt-us"]),
        ("see BASALT  MARINE\nBV", ["tn-basalt-us"]),
        ("https://login.basalt.lumenary.example/x", ["tn-basalt-us"]),
        ("parent company Halvorsen as well", ["tn-halvorsen"]),
        ("tenant tn-halvorsen and Basalt Marine BV", ["tn-basalt-us, tn-halvorsen"]),
    ],
)
def test_other_tenants_are_findings(text, tenants):
    assert _others(text) == tenants


@pytest.mark.parametrize(
    "text",
    [
        "Halvorsen Maritime AS, tenant tn-halvorsen-eu",
        "login.halvorsen.lumenary.example is down",
        "Basalt Marine BVX, basalt rock",
        "prelogin.basalt.lumenary.example-old",
        "ingrid@halvorsen.example",
        "shared.lumenary.example belongs to nobody alone",
    ],
)
def test_own_and_unproven_mentions_are_not(text):
    assert _others(text) == []


def test_a_name_that_two_tenants_share_proves_neither():
    assert REGISTRY.tenant("shared.lumenary.example") is None
    assert _others("shared.lumenary.example is down", ()) == []


def test_a_listed_tenant_is_no_finding_and_the_text_names_no_other():
    assert _others("Basalt Marine BV", ("tn-halvorsen-eu", "tn-basalt-us")) == []
    found = find_other_tenants([Span("line=1", "as at Basalt Marine BV", "line")], REGISTRY, (), "mail")
    assert found[0].place == "mail line=1"
    assert "Basalt" not in found[0].text


TABLE = Table(
    ["tenant", "n"],
    [
        Row(2, {"tenant": "tn-halvorsen-eu", "n": "1"}),
        Row(3, {"tenant": "TN-BASALT-US", "n": "2"}),
        Row(4, {"tenant": "Halvorsen Maritime AS", "n": "3"}),
        Row(5, {"tenant": "", "n": "4"}),
    ],
)


def test_rows_of_others_and_of_nobody_are_foreign():
    assert foreign_rows(TABLE, "tenant", ["tn-halvorsen-eu"]) == [3, 4, 5]
    assert foreign_rows(TABLE, "tenant", ["tn-halvorsen-eu"], REGISTRY) == [3, 5]
    with pytest.raises(KeyError):
        foreign_rows(TABLE, "customer", ["tn-halvorsen-eu"])


def test_an_empty_registry_finds_nothing():
    assert find_other_tenants([Span("line=1", "anything", "line")], Registry({}), ()) == []
