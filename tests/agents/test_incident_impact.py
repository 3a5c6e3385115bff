"""Tables of impact by what stands in them, whatever language heads them; and what a record says is not there."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from agents.case_view import CaseView, Happening
from agents.incident_absence import pairs
from agents.incident_facts import Words, facts
from agents.incident_impact import Impact, impact
from casefile.evidence import Evidence
from casefile.packet import Packet
from graphs.catalogue import scenario
from guardrails.citations import check_citation
from tools.readers import read

NOW = datetime(2026, 9, 8, 15, tzinfo=UTC)
CARD = scenario("entitlement-rca")


def opened(name: str, text: str) -> tuple[CaseView, Evidence]:
    """A case with one item."""
    data = text.encode()
    item = Evidence(
        id="impact", file=name, system="support_case_history", sha256="sha256:" + "0" * 64, size=len(data),
        arrived_at=NOW, captured_at=NOW,
    )  # fmt: skip
    reading = read(data, name)
    packet = Packet(scenario="x", case="c", tenant={"id": "tn"}, as_of=NOW, requested_by="o")  # type: ignore[arg-type]
    view = CaseView(
        CARD, {}, "v", packet, NOW, Happening("open", "{}"), [item], [item], frozenset(), lambda _: reading, [], [], {}
    )
    return view, item


def told(text: str) -> Impact:
    """The impact that a table tells."""
    view, item = opened("impact.csv", text)
    found, reading = impact(view, [item]), view.readings(item.id)
    for loss in found.losses:
        for one in loss.citations:
            assert check_citation(one, reading) == []
    return found


@pytest.mark.parametrize(
    "heads",
    [
        "verwalter;name;shard;funktion;zustand;verloren um (Ortszeit);zone;quelle",
        "administrateur;nom;shard;fonction;état;perdu à (local);fuseau;source",
        "beheerder;naam;shard;functie;toestand;kwijt om;tijdzone;bron",
        "ylläpitäjä;nimi;shard;toiminto;tila;menetetty;vyöhyke;lähde",
    ],
)
def test_headings_of_any_language(heads: str) -> None:
    found = told(
        f"{heads}\n"
        "kz-11;Ana Ruiz;n-1;audit_export;lost;2026-09-08 06:10;CEST;phone\n"
        "kz-11;Ana Ruiz;n-1;billing_controls;lost;2026-09-08 06:10;CEST;phone\n"
        "kz-14;Ole Vik;n-2;audit_export;not affected;;;checked\n"
    )
    assert found.subjects == ["kz-11"]
    assert found.capabilities == ["audit_export", "billing_controls"]
    assert found.moments == [datetime(2026, 9, 8, 4, 10, tzinfo=UTC)] * 2
    assert list(found.spared) == ["kz-14"]
    assert found.places["kz-11"] == "n-1"


@pytest.mark.parametrize(
    "table",
    [
        "auftrag;menge;farbe\nA-1;3;rot\nA-2;4;blau\n",
        "vorgang;funktion;zustand\nSitzung;audit_export;lost\nSitzung;billing_controls;lost\n",
        "verwalter;funktion;zustand\nkz-11;etwas;lost\nkz-12;anderes;lost\n",
        "verwalter;funktion;zustand\nkz-11;audit_export;vielleicht\nkz-12;audit_export;lost\n",
    ],
)
def test_another_table_is_no_impact(table: str) -> None:
    found = told(table)
    assert found.losses == []
    assert found.spared == {}


WORDS = Words(times=[], whats=[], names={n: re.compile(rf"\b{n}\b") for n in ("audit_export", "seat_keys", "billing")})


@pytest.mark.parametrize(
    ("said", "lacks"),
    [
        ("after migration: no audit_export, no seat_keys", {"audit_export", "seat_keys"}),
        ("no audit_export, seat_keys or billing.", {"audit_export", "seat_keys", "billing"}),
        ("snapshot (no billing)", {"billing"}),
        ("no audit_export change was seen", set()),
        ("no billing problem, audit_export kept", set()),
        ("audit_export and billing, no error", set()),
        ("after migration, audit_export billing absent", {"audit_export", "billing"}),
        ("audit_export, sso_login and billing no longer included", {"audit_export", "billing"}),
        ("audit_export missing, billing kept", {"audit_export"}),
        ("audit_export kept, billing missing", {"billing"}),
        ("missing from the new package: audit_export and billing", {"audit_export", "billing"}),
        ("P2 lacks audit_export but has billing", {"audit_export"}),
        ("nothing missing: audit_export, billing present", set()),
        ("audit_export was not removed", set()),
    ],
)
def test_what_a_record_says_is_not_there(said: str, lacks: set[str]) -> None:
    assert WORDS.absence.of([("", said)]) == lacks


@pytest.mark.parametrize(
    ("parts", "lacks"),
    [
        ([("removed", "audit_export;billing")], {"audit_export", "billing"}),
        ([("capabilities removed", "billing"), ("capabilities", "audit_export")], {"billing"}),
        ([("audit_export", "no"), ("billing", "yes")], {"audit_export"}),
        ([("old capabilities", "audit_export; billing"), ("new capabilities", "billing")], {"audit_export"}),
        ([("old capabilities", "audit_export"), ("new owner", "ana")], set()),
        ([("removed at", "2026-09-08"), ("capabilities", "audit_export")], set()),
        (pairs("contents package=P2 kept=billing removed=audit_export"), {"audit_export"}),
        (pairs("change before=audit_export,billing after=seat_view"), {"audit_export", "billing"}),
    ],
)
def test_what_the_cells_of_a_record_say_is_not_there(parts: list[tuple[str, str]], lacks: set[str]) -> None:
    assert WORDS.absence.of(parts) == lacks


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "audit.json",
            '{"events": [{"at": "2026-09-08T04:00:00Z", "what": "snapshot", "tenant": "tn",'
            ' "details": {"package": {"id": "P2", "capabilities": ["billing"], "absent": ["audit_export"]}}}]}',
        ),
        (
            "page.html",
            "<h1>Journal</h1><table><tr><th>at</th><th>what</th><th>capabilities</th><th>message</th></tr>"
            "<tr><td>2026-09-08T04:00:00Z</td><td>snapshot</td><td>billing</td><td>audit_export absent</td></tr>"
            "<tr><td>2026-09-08T05:00:00Z</td><td>poll</td><td>billing</td><td>audit_export absent</td></tr></table>",
        ),
        (
            "journal.md",
            "# Journal\n\nAll times UTC.\n\n| at | what | capabilities | message |\n| --- | --- | --- | --- |\n"
            "| 2026-09-08 04:00:00 | snapshot | billing | audit_export absent |\n",
        ),
        ("journal.csv", "at (UTC),what,capabilities,message\n2026-09-08 04:00,snapshot,billing,audit_export absent\n"),
    ],
)
def test_a_record_says_the_same_in_any_layout(name: str, text: str) -> None:
    view, item = opened(name, text)
    words = Words(["at", "at utc"], ["what"], WORDS.names, ["capabilities"])
    fact = facts(view, "entitlement", [item], words)[0]
    assert (fact.shown, fact.uncertain) == ("2026-09-08T04:00:00Z", "")
    assert (fact.lacks, fact.lists) == ({"audit_export"}, True)


@pytest.mark.parametrize(
    "scope",
    [
        "Scope: tenant tn; audit_export, user_management; ua-1, ua-2",
        "Lost functions: Audit export and user management",
        "- **Affected capabilities:** user_management / audit_export",
    ],
)
def test_what_was_lost_may_be_said_once_for_all_whom_a_table_names(scope: str) -> None:
    table = "| admin | lost at |\n| --- | --- |\n| ua-1 | 2026-08-12T01:15:00Z |\n| ua-2 | 2026-08-12T01:16:00Z |\n"
    view, item = opened("case.md", f"# Case\n\n{scope}\n\n{table}")
    found = impact(view, [item])
    assert {(one.subject, one.capability) for one in found.losses} == {
        (who, what) for who in ("ua-1", "ua-2") for what in ("audit_export", "user_management")
    }
    assert all(check_citation(one, view.readings("impact")) == [] for loss in found.losses for one in loss.citations)


def test_scopes_that_name_different_capabilities_say_of_nobody_what_was_lost() -> None:
    table = "| admin | lost at |\n| --- | --- |\n| ua-1 | 2026-08-12T01:15:00Z |\n"
    view, item = opened("case.md", f"Scope: audit_export\n\nLost functions: user_management\n\n{table}")
    assert impact(view, [item]).losses == []


def test_a_scope_that_names_some_of_the_subjects_speaks_of_these() -> None:
    table = "| admin | lost at |\n| --- | --- |\n| ua-1 | 2026-08-12T01:15 |\n| ua-2 | 2026-08-12T01:15 |\n"
    view, item = opened("case.md", f"Scope: audit_export of ua-2\n\n{table}")
    assert {one.subject for one in impact(view, [item]).losses} == {"ua-2"}
