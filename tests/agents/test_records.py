"""Records of documents: what a card says once of all that stands inside it."""

from __future__ import annotations

from agents.records import records
from casefile.evidence import Reading
from tools.readers import read

CARD = b"""
account: KV-2210
tenant_id: tn-kestrup-dk
contract:
  plan: NL-E247
  terms:
    - {plan: NL-B}
    - {plan: NL-C, tenant_id: tn-other}
"""


def _read() -> Reading:
    return read(CARD, "card.yaml")


def test_what_stands_around_an_object_is_said_of_it_too() -> None:
    told = {
        plan.text: tenant.text if (tenant := record.first(["tenant id"])) is not None else None
        for record in records(_read(), around=frozenset({"tenant id"}))
        if (plan := record.first(["plan"])) is not None
    }
    assert told == {"NL-E247": "tn-kestrup-dk", "NL-B": "tn-kestrup-dk", "NL-C": "tn-other"}
    assert all(record.first(["account"]) is None for record in records(_read()) if record.first(["plan"]))


def test_unless_asked_for_an_object_says_what_it_says() -> None:
    assert all(
        record.first(["tenant id"]) is None
        for record in records(_read())
        if record.first(["plan"]) and len(record.cells) == 1
    )
