"""Times without a date or zone beside one that has both, and tiers by their short names."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from agents.field_rules import contacts, instant, tier
from agents.material import Findings, Material
from agents.records import label_of
from agents.statements import Statement
from agents.verification import unused
from casefile.claims import Citation
from casefile.scenario import FieldSpec
from graphs.catalogue import scenario as catalogue
from tools.readers import read

DAY = datetime(2026, 2, 24, 9, tzinfo=UTC)
SPEC = FieldSpec(title="First observed", rule="instant", owner="desk")
SCENARIO: Any = SimpleNamespace(parameters=[SimpleNamespace(name="source_precedence", aliases={})])


def said(raw: str, evidence: str, author: str = "", hours: int = 0) -> Statement:
    return Statement(
        field="first", raw=raw, quote=raw, evidence=evidence, locator="line=1", confidence=0.97, method="sentence",
        author=author, at=DAY + timedelta(hours=hours),
    )  # fmt: skip


def weighed(*statements: Statement) -> Findings:
    items: Any = {one.evidence: SimpleNamespace(sha256="sha256:" + "0" * 64) for one in statements}
    material = Material(
        scenario=SCENARIO, now=DAY, tenant="tn", tenant_name="T", tenants=frozenset(["tn"]), evidence=items, usable=[],
        parameters={
            "timestamp_conflict_tolerance_minutes": 5, "confidence_threshold_other": 0.7,
            "confidence_threshold_core": 0.85, "source_precedence": "conflicts_stay_open",
        },
        readings=lambda _: SimpleNamespace(), tables={}, statements={"first": list(statements)}, rank=lambda _: 2,
        source=lambda one: one.evidence, quarantined=frozenset(),
    )  # type: ignore[arg-type]  # fmt: skip
    findings = Findings()
    instant.weigh("first", SPEC, material, findings)
    return findings


ANA = ("Ana Silva", "ana@a.example")
TICKET = said("2026-02-24T07:55:00Z", "ticket")


def test_the_same_clock_without_a_date_agrees() -> None:
    undated = said("07:56 UTC", "note").model_copy(update={"at": None})
    found = weighed(TICKET, undated)
    assert found.fields["first"].status == "confirmed"
    assert not found.contradictions


def test_another_clock_without_a_date_stays_open() -> None:
    undated = said("08:56 UTC", "note").model_copy(update={"at": None})
    assert weighed(TICKET, undated).fields["first"].status == "conflicting"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("08:55 Uhr Ortszeit kommt niemand hinein", "confirmed"),
        ("04:55 (Santiago) no se puede entrar", "confirmed"),
        ("13:25 local time nobody gets in", "confirmed"),
        ("08:10 Uhr Ortszeit kommt niemand hinein", "conflicting"),
        ("08:55 kommt niemand hinein", "conflicting"),
        ("04:55 não entra ninguém", "conflicting"),
    ],
)
def test_a_clock_that_is_called_local_agrees_where_a_zone_makes_it_the_same_instant(text: str, status: str) -> None:
    assert weighed(TICKET, said(text, "note")).fields["first"].status == status


@pytest.mark.parametrize(
    ("sentence", "raw"),
    [
        ("desde as 08:10 que ninguém consegue entrar em produção", "as 08:10 que ninguém consegue entrar em produção"),
        ("Seit 08:10 kann sich niemand anmelden", "08:10 kann sich niemand anmelden"),
        ("Nobody can get in since 08:10 this morning", "08:10 this morning"),
        ("Depuis 8h10 personne ne peut se connecter", "8h10 personne ne peut se connecter"),
        ("Everything is back to normal since 09:10, nobody is locked out", ""),
        ("We have had the new plan since 08:10", ""),
    ],
)
def test_since_when_nobody_gets_in_is_said_in_many_languages(sentence: str, raw: str) -> None:
    patterns = catalogue("outage-intake").fields["first_observed_at"].patterns
    found = [m["value"].strip() for p in patterns if (m := re.search(p, sentence, re.IGNORECASE)) is not None]
    assert found == ([raw] if raw else [])


@pytest.mark.parametrize(
    ("form", "people"),
    [
        ("Responder 1: Ana Silva, ana@a.example\nResponder 2: Rui Abreu", [ANA, ("Rui Abreu", "")]),
        ("Customer contacts: Ana Silva <ana@a.example>; bo@a.example", [ANA, ("", "bo@a.example")]),
        ("| Field | Value |\n| --- | --- |\n| Responder (customer) | Ana Silva (ana@a.example) |", [ANA]),
        ("Internal responder: Ken Osei, ken@us.example\nResponder role: Duty Manager\nResponders: see the roster", []),
    ],
)
def test_responders_in_the_lines_of_a_form(form: str, people: list[tuple[str, str]]) -> None:
    item: Any = SimpleNamespace(id="bridge", file="bridge.md", sha256="sha256:" + "0" * 64)
    reading = read(form.encode(), "bridge.md")
    material: Any = SimpleNamespace(
        scenario=catalogue("outage-intake"), readings=lambda _: reading, cite_place=lambda *place: place[-1]
    )
    assert list(dict.fromkeys((one.name, one.email) for one in contacts._in_lines(item, material))) == people


@pytest.mark.parametrize(
    ("author", "hours", "later", "status"),
    [
        ("gwen@a.example", 3, "07:55 UTC on 24 February 2026", "confirmed"),
        ("someone@a.example", 3, "07:55 UTC on 24 February 2026", "conflicting"),
        ("gwen@a.example", -3, "07:55 UTC on 24 February 2026", "conflicting"),
        ("gwen@a.example", 3, "09:30 UTC on 24 February 2026", "conflicting"),
    ],
)
def test_only_an_authors_own_later_word_that_agrees_settles_his_unclear_one(
    author: str, hours: int, later: str, status: str
) -> None:
    found = weighed(TICKET, said("08:10", "mail", "gwen@a.example"), said(later, "mail2", author, hours))
    assert found.fields["first"].status == status
    assert any("08:10" in str(side.value) for one in found.contradictions for side in one.sides)


CITED = Citation(evidence="plans", locator="row=2,col=tier", quote="x", sha256="sha256:" + "0" * 64)
TIERS = [
    tier.Tier("P-1", "Silver 8x5", 1, False, "1", CITED),
    tier.Tier("P-2", "Diamond Care 24x7", 2, True, "1", CITED),
    tier.Tier("P-3", "Diamond Elite", 3, True, "1", CITED),
    tier.Tier("P-4", "Priority support", 4, True, "1", CITED),
]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Silver", "Silver 8x5"),
        ("the elite bridge", "Diamond Elite"),
        ("Diamond Care 24x7", "Diamond Care 24x7"),
        ("P-2", "Diamond Care 24x7"),
        ("Diamond", None),  # two tiers have the word
        ("24x7", None),
        ("top priority", None),
        ("Silver or Elite", None),
    ],
)
def test_a_tier_is_named_by_a_word_of_its_own(text: str, name: str | None) -> None:
    found = tier.named_tier(text, TIERS)
    assert (found.name if found else None) == name


FIRST_OBSERVED = [re.compile(one) for one in catalogue("outage-intake").fields["first_observed_at"].label_patterns]


@pytest.mark.parametrize(
    ("label", "is_one"),
    [
        ("First refused sign-in", True),
        ("Earliest report", True),
        ("Erster fehlgeschlagener Login", True),
        ("Première erreur", True),
        ("Primer fallo de acceso", True),
        ("Primo accesso fallito", True),
        ("Eerste mislukte inlogpoging", True),
        ("Første mislykkede innlogging", True),
        ("First response", False),
        ("First successful login", False),
        ("First login after the workaround", False),
        ("First affected region", False),
        ("Erste Antwort", False),
        ("Primera respuesta", False),
    ],
)
def test_a_label_of_the_first_failure_is_known_in_the_customers_languages(label: str, is_one: bool) -> None:
    assert any(one.search(label_of(label)) for one in FIRST_OBSERVED) == is_one


def test_what_a_newer_version_replaced_is_no_open_exception() -> None:
    work = {"checked:har": '{"secrets": ["x"], "problems": [{"text": "cut off"}]}', "absent:note": "no file"}
    items: Any = [SimpleNamespace(id="har2", replaces="har", system="s", file="f")]
    assert {one.about for one in unused(work, [])} == {"har", "note"}
    assert {one.about for one in unused(work, items)} == {"note"}
