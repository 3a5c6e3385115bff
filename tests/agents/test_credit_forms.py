"""What papers of a credit review say in layouts of other organisations: options, limits, balances, precedents."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.authority_matrix import read_matrix
from agents.case_view import CaseView, Happening
from agents.event_cluster import cluster
from agents.material import Findings
from agents.option_facts import gather
from agents.option_ground import Ground
from agents.option_spec import RankingSpec, spec_of
from agents.option_tests import Bench
from agents.precedent_fit import precedents
from casefile.evidence import Evidence
from casefile.packet import Packet
from graphs import catalogue
from tools.readers import read

NOW = datetime(2026, 10, 12, 8, tzinfo=UTC)
CARD = catalogue.scenario("credit-options")
DEFAULTS = {
    "delegated_trigger_threshold": {"count": "3", "days": "42", "unit": "days"},
    "cap_balance_max_age": 24, "drift_repeat_count": 3, "credit_cap_percent": "read from matrix",
}  # fmt: skip
ORDER = "Between Dry Dock Systems and Larkhill Bank (account LB-7). Signed.\nAccount tier: Gold\nMonthly premium support fee: EUR 40,000.00\nQuarterly premium support fee: EUR 120,000.00\n"  # noqa: E501


@pytest.fixture(scope="module")
def spec() -> RankingSpec:
    return spec_of(CARD)


def ground_of(spec: RankingSpec, *files: tuple[str, str, str]) -> Ground:
    """What a case with these files (system, name, text) rests on."""
    items, readings = [], {}
    for n, (system, name, text) in enumerate([("contract_records", "order.txt", ORDER), *files]):
        data = text.encode()
        made = {"sha256": "sha256:" + "0" * 64, "size": len(data), "arrived_at": NOW, "captured_at": NOW}
        items.append(Evidence(id=f"f{n}", file=name, system=system, **made))  # type: ignore[arg-type]
        readings[f"f{n}"] = read(data, name)
    packet = Packet(scenario="x", case="c", tenant={"id": "tn-lb"}, as_of=NOW, requested_by="o")  # type: ignore[arg-type]
    view = CaseView(
        CARD, DEFAULTS, "v", packet, NOW, Happening("open", "{}"), items, items, frozenset(), readings.__getitem__,
        [], [], {},
    )  # fmt: skip
    findings = Findings()
    ground = Ground(view, spec, findings, read_matrix(view, spec, findings))
    gather(ground)
    return ground


def state(ground: Ground, name: str, option: str = "") -> str:
    """What a test gives."""
    chosen = next((one for one in ground.spec.menu if one.id == option), None)
    return Bench(ground, cluster(ground), precedents(ground)).run(name, chosen).state


SHEET = """\
No.,Accommodation,Part of one monthly fee,Tier needed for the add-on,May be used when
1,One-month premium-support service credit,25 percent,-,trigger met
2,Split accommodation,15 percent,{tiers},trigger met
"""


def matrix(tiers: str) -> tuple[str, str, str]:
    return "concession_matrix", "m.csv", SHEET.format(tiers=tiers)


@pytest.mark.parametrize(
    ("tiers", "said"),
    [
        ("preapproved for: Gold", "met"),
        ("Preapproved for account tiers: Silver; Gold. No other tier.", "met"),
        ("Preapproved for account tiers: Silver. No other tier than Gold was asked for.", "failed"),
        ("Preapproved for: Silver", "failed"),
        ("not preapproved for: Gold", "failed"),
        ("preapproved for: all tiers but Gold", "failed"),
    ],
)
def test_the_tiers_of_an_add_on_are_what_stands_behind_the_words_for_it(
    spec: RankingSpec, tiers: str, said: str
) -> None:
    assert state(ground_of(spec, matrix(tiers)), "add_on_preapproved", "option 2") == said


def test_a_share_of_a_fee_is_the_credit_and_a_table_of_rules_has_the_limits(spec: RankingSpec) -> None:
    rules = "Rule,Content\nCap,10 percent of the quarterly premium support fee\nTrigger,3 severe incidents in 30 days\nBlocked,cross-product rebate\n"  # noqa: E501
    ground = ground_of(spec, matrix("-"), ("concession_matrix", "rules.csv", rules))
    assert {name: one.shown for name, one in ground.amounts.items()} == {
        "option 1": "10000.00 EUR",
        "option 2": "6000.00 EUR",
    }
    assert ground.limits["credit_cap"].shown == "12000.00 EUR"
    trigger = ground.limit_row("trigger")
    assert trigger is not None
    assert trigger.text("value") == "3 severe incidents in 30 days"


PAGE = """\
Option 1: One-month premium-support service credit.
Credit: 25 percent of the monthly premium support fee.
Needs: trigger met; one precedent of the same account tier,
not older than 24 months.
Option 2: Split accommodation.
Credit: 10 percent of the monthly premium support fee.
The add-on is preapproved for the account tiers Silver and Platinum only.
Cap: 10 percent of the quarterly premium support fee.
Amounts are never rounded.
"""


def test_lines_below_an_option_belong_to_it_up_to_the_next_option_or_limit(spec: RankingSpec) -> None:
    ground = ground_of(spec, ("concession_matrix", "m.txt", PAGE))
    assert {name: one.shown for name, one in ground.amounts.items()} == {
        "option 1": "10000.00 EUR",
        "option 2": "4000.00 EUR",
    }
    assert ground.limits["credit_cap"].shown == "12000.00 EUR"
    assert state(ground, "add_on_preapproved", "option 2") == "failed"
    said = [cell.text for cell in ground.matrix.options["option 2"].record.cells.values()]
    assert not any("rounded" in one for one in said)


BALANCE = "account,quarter,item,value,currency\nLB-7,2026-Q4,cap,12000.00,EUR\nLB-7,2026-Q4,balance,9000.00,EUR\nLB-7,2026-Q4,open billing disputes,{open},\nLB-8,2026-Q4,balance,100.00,EUR\n"  # noqa: E501


@pytest.mark.parametrize(("number", "said"), [("0", "met"), ("1", "failed")])
def test_rows_that_name_an_item_and_its_value_state_facts(spec: RankingSpec, number: str, said: str) -> None:
    ground = ground_of(spec, ("cap_balance", "cap.csv", BALANCE.format(open=number)))
    assert ground.facts["account"].text == "LB-7"
    assert ground.facts["cap_balance"].text == "9000.00 EUR"
    assert state(ground, "no_dispute") == said


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("none (checked 2026-10-12T05:10:00Z)", "met"),
        ("none (checked 12 October 2026, 05:10 UTC)", "met"),
        ("none (checked 12 October 2026, BD-3 came in)", "uncertain"),
        ("none (checked 2026-10-12T05:10:00Z; the last one, BD-1, was closed on 4 March)", "met"),
        ("none (checked 2026-10-12T05:10:00Z; BD-1 was closed, BD-3 is not)", "uncertain"),
        ("none (checked 2026-10-12T05:10:00Z; BD-1 was closed, a new one came in)", "uncertain"),
        ("none (checked 2026-10-12T05:10:00Z; BD-3 came in today)", "uncertain"),
        ("none (as of today, 1 reopened)", "uncertain"),
        ("none (checked, but BD-3 is still open)", "failed"),
        ("none (except BD-3)", "uncertain"),
    ],
)
def test_none_is_none_where_only_the_time_of_the_look_stands_behind_it(
    spec: RankingSpec, said: str, found: str
) -> None:
    form = f"Quarter: 2026-Q4\nUsed in the quarter: EUR 100.00\nBilling disputes: {said}\n"
    ground = ground_of(spec, ("cap_balance", "balance.txt", form))
    assert ground.facts["cap_quarter"].text == "2026-Q4"
    assert state(ground, "no_dispute") == found


@pytest.mark.parametrize(("stands", "said"), [("closed", "met"), ("in review", "failed")])
def test_a_ledger_of_tickets_and_a_classification_that_says_how_it_stands(
    spec: RankingSpec, stands: str, said: str
) -> None:
    ledger = "ticket;customer_no;begin (UTC);outage_min;sev;impact_status\nM-1;LB-7;2026-09-20 05:40;145;1;reconciled\nM-2;LB-8;2026-09-21 05:40;20;1;open\n"  # noqa: E501
    classes = f"| Incident | Final severity | Classification |\n|---|---|---|\n| M-1 | Severity 1 | {stands} |\n"
    ground = ground_of(spec, ("impact_ledger", "l.csv", ledger), ("case_timeline", "c.md", classes))
    found = cluster(ground)
    assert found is not None
    assert [(one.id, one.severe, one.proven) for one in found.events] == [("M-1", True, True)]
    assert state(ground, "severity_closed") == said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("M-1: final class P1. Classification closed 2026-10-02 by the review.", "met"),
        ("M-1: class P1. Ticket closed, classification under review.", "failed"),
        ("M-1: ticket closed by the desk.", "failed"),
    ],
)
def test_a_line_about_its_class_says_whether_an_incident_is_classified(spec: RankingSpec, line: str, said: str) -> None:
    ledger = "incident,account,began,class,impact reconciled\nM-1,LB-7,2026-09-20 05:40,P1,yes\n"
    notes = f"# Closing notes\n\n* {line}\n"
    ground = ground_of(spec, ("impact_ledger", "l.csv", ledger), ("case_timeline", "n.md", notes))
    assert state(ground, "severity_closed") == said


@pytest.mark.parametrize(
    ("finding", "fits", "waits"),
    [
        ("confirmed", True, False),
        ("", True, False),
        ("fit under review, finding pending", False, True),
        ("fit refused, older than 24 months", False, False),
        ("refused; review pending", False, False),
    ],
)
def test_a_precedent_whose_fit_is_refused_or_pending_supports_nothing(
    spec: RankingSpec, finding: str, fits: bool, waits: bool
) -> None:
    log = f"No,Decided on,Account tier,Settled by,Precedent desk\nP-1,2026-02-09,Gold,option 1,{finding}\n"
    only = precedents(ground_of(spec, ("precedent_log", "p.csv", log)))
    assert [(not one.mismatch, one.open) for one in only] == [(fits, waits)]


def test_an_age_that_an_option_asks_of_precedents_counts(spec: RankingSpec) -> None:
    page = PAGE.replace("not older than 24 months.", "the precedent not older than 24 months.")
    log = "No,Decided on,Account tier,Settled by\nP-1,2024-02-09,Gold,option 1\nP-2,2026-02-09,Gold,option 1\n"
    found = precedents(ground_of(spec, ("concession_matrix", "m.txt", page), ("precedent_log", "p.csv", log)))
    assert {one.id: one.mismatch for one in found} == {"P-1": "older than 24 months", "P-2": ""}
