"""Clusters of severe incidents and the accommodations that a local owner may recommend, as papers tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from evals.golden import forms, mails, times
from evals.golden.draw import Draw
from evals.golden.packet import Packet
from evals.golden.tables import table
from evals.golden.world import Person, World, people, world

SLUG = "regulated-enterprise-severe-incident-service-credit-accommodation-option-recommendation"
ACCEPT, MATRIX, SEND = (
    "local_recommendation_acceptance",
    "matrix_menu_and_threshold_approval",
    "escalation_packet_send_off",
)
_TIERS = ["Premium Regulated", "Premium Gold", "Sovereign Plus"]


@dataclass(slots=True)
class Truth:
    """Fees, caps, incidents and asks."""

    draw: Draw
    world: World
    owner: Person
    governor: Person
    board: Person
    sales: Person
    customer: Person
    account: str
    currency: str
    fee: int
    tier: str
    version: str
    used: Decimal
    incidents: list[str]
    style: int
    approved: bool
    age: float = 4
    quarter: str = ""
    unreconciled: bool = False
    open_severity: bool = False
    dispute: bool = False
    preapproved: bool = True
    asks: list[str] = field(default_factory=list)
    note: list[str] = field(default_factory=list)
    precedent_tier: str = ""
    precedent_option: str = "option 2"

    @property
    def cap(self) -> Decimal:
        """Ten percent of the quarterly fee."""
        return Decimal(self.fee) * 3 / 10

    @property
    def balance(self) -> Decimal:
        """What is left of the cap."""
        return self.cap - self.used

    def money(self, value: Decimal | int) -> str:
        """As a result has it."""
        return f"{Decimal(value):.2f} {self.currency}"

    def told(self, value: Decimal | int) -> str:
        """As a document of this packet writes it."""
        amount = Decimal(value)
        return [
            f"{self.currency} {amount:,.2f}",
            f"{amount:,.2f} {self.currency}",
            f"{self.currency} {amount:.2f}",
            f"{amount:.2f} {self.currency}",
        ][self.style]

    def after(self, minutes: int) -> datetime:
        """So many minutes after the clock of the packet."""
        return self.world.now + timedelta(minutes=minutes)


def draw_truth(draw: Draw) -> Truth:
    place = world(draw)
    owner, governor, board, sales = people(draw, 4, place.vendor_domain)
    fee = draw.number(20, 90) * 1000
    return Truth(
        draw,
        place,
        owner,
        governor,
        board,
        sales,
        people(draw, 1, place.customer.domain)[0],
        f"ACC-{draw.digits(5)}",
        draw.one(["EUR", "USD", "CHF"]),
        fee,
        draw.one(_TIERS),
        draw.one(["CM-2026.3", "M-15", "2026.1"]),
        Decimal(fee) * draw.number(6, 13) / 100,
        [f"INC-{draw.digits(4)}" for _ in range(3)],
        draw.number(0, 3),
        draw.maybe(0.5),
    )


def base_packet(truth: Truth) -> Packet:
    draw, place, now = truth.draw, truth.world, truth.world.now
    packet = Packet(
        draw.one([SLUG, "credit-options"]),
        f"CASE-{draw.digits(5)}",
        {"id": place.customer.tenant, "name": place.customer.name},
        now,
        truth.owner.id,
    )
    packet.person(truth.owner.id, truth.owner.name, "premium_support_escalation_manager")
    packet.person(truth.governor.id, truth.governor.name, "governance_owner")
    packet.person(truth.board.id, truth.board.name, "account_governance_board")
    taken = now - timedelta(hours=2)
    given: dict[str, tuple[str, bytes, str, datetime]] = {
        "order_form": (*_order(truth), "contract_records", taken),
        "matrix": (*_matrix(truth), "concession_matrix", taken),
        "balance": (*make_balance(truth, "cap-balance"), "cap_balance", now - timedelta(hours=truth.age)),
        "ledger": (*_ledger(truth), "impact_ledger", taken),
        "closure": (*_closure(truth, "severity-closure"), "case_timeline", taken),
        "precedents": (*_precedents(truth), "precedent_log", taken),
    }
    if truth.asks:
        body = [
            "Dear team,",
            "three severe outages are too many. We expect:",
            "\n".join(f"{n}. {one}" for n, one in enumerate(truth.asks, 1)),
        ]
        given["ask"] = (
            "customer-ask.eml",
            mails.mail(
                draw,
                truth.customer,
                truth.owner.email,
                "Three outages",
                now - timedelta(hours=30),
                body,
                draw.one(mails.LAYOUTS),
            ),
            "case_timeline",
            taken,
        )
    if truth.note:
        text = f"# CRM note {truth.account}\nauthor: {truth.sales.name} (sales)\n\n" + "\n".join(truth.note) + "\n"
        given["sales_note"] = ("sales-note.md", text.encode(), "crm_commentary", taken)
    for id, (name, data, system, at) in given.items():  # noqa: A001
        packet.source(id, name, data, system, at)
    packet.head["instructions"] = (
        f"Rank the local accommodations for the incident cluster {', '.join(truth.incidents)}."
    )
    return packet


def _order(truth: Truth) -> tuple[str, bytes]:
    pairs = [
        ("Support tier", truth.tier),
        ("Monthly premium support fee", truth.told(truth.fee)),
        ("Quarterly premium support fee", truth.told(truth.fee * 3)),
    ]
    lines = [
        "Document no.: OF-8830",
        f"Customer: {truth.world.customer.name}",
        f"Account: {truth.account}",
        "Effective date: 1 January 2025",
        "Term: until 31 December 2028",
        "Status: signed by both parties",
        "1. Fees are net of tax and are invoiced quarterly in advance.",
    ]
    match truth.draw.one(["pdf", "docx", "md", "html"]):
        case "pdf":
            return "order-form-signed.pdf", forms.pdf_bytes(
                "Premium Support Order Form", lines, [("Item", "Amount"), *pairs]
            )
        case "docx":
            return "order-form-signed.docx", forms.docx_bytes(
                "Premium Support Order Form", lines, [("Item", "Amount"), *pairs]
            )
        case "html":
            head = [(one.partition(": ")[0], one.partition(": ")[2]) for one in lines if ": " in one]
            return "order-form-signed.html", forms.html_bytes(
                "Premium Support Order Form", [*head, *pairs], style="table"
            )
        case _:
            return "order-form-signed.md", (
                "# Premium Support Order Form\n\n"
                + "\n".join(lines)
                + "\n\n"
                + forms.labelled_text(pairs, "table")
                + "\n"
            ).encode()


def _matrix(truth: Truth) -> tuple[str, bytes]:
    tiers = "; ".join([truth.tier, "Sovereign"]) if truth.preapproved else "Platinum Only; Sovereign"
    head = [
        ("matrix", "Delegated support concession matrix"),
        ("version", truth.version),
        ("menu version", "OM-12"),
        ("effective from", "2025-10-01"),
        ("effective to", "2027-09-30"),
        ("owner", "Governance owner of the concession matrix"),
    ]
    if truth.approved:
        head += [("approved by", truth.governor.name), ("approved on", "2025-09-20")]
    menu: list[dict[str, Any]] = [
        {
            "option": "option 1",
            "name": "Capped one-month premium-support service credit",
            "credit percent of monthly fee": 25,
            "add-on": None,
            "add-on preapproved for tiers": None,
            "condition": "delegated trigger met; credit not above the cap balance",
        },
        {
            "option": "option 2",
            "name": "Split accommodation",
            "credit percent of monthly fee": 15,
            "add-on": "Temporary incident-review add-on, 60 days",
            "add-on preapproved for tiers": tiers,
            "condition": "delegated trigger met; credit not above the cap balance; add-on preapproved for the account tier",  # noqa: E501
        },
        {
            "option": "option 3",
            "name": "No credit",
            "credit percent of monthly fee": 0,
            "add-on": None,
            "add-on preapproved for tiers": None,
            "condition": "documented proof that the cluster misses the delegated trigger",
        },
    ]
    limits = [
        ("credit cap per account and quarter", "10 percent of the quarterly premium support fee", "L1"),
        ("delegated trigger", "3 severe incidents in 42 days with reconciled impact", "L2"),
        ("rounding at a limit", "none", "L3"),
        ("age of the cap balance", "24 hours", "L4"),
        ("precedent", "same tier, not older than 24 months", "L5"),
    ]
    blocked = [
        (kind, "blocked", f"B{n}")
        for n, kind in enumerate(
            [
                "permanent rate reduction",
                "cross-product rebate",
                "extended free premium-support term",
                "nonstandard retention concession",
                "direct engineering staffing guarantee",
            ],
            1,
        )
    ]
    blocked += [
        ("out-of-band retention concession", "escalation-only", "E1"),
        ("executive access commitment", "escalation-only", "E2"),
    ]
    if truth.draw.maybe(0.5):
        sheets: dict[str, list[Sequence[Any]]] = {
            "Version": [("key", "value"), *head],
            "Menu": [list(menu[0]), *(list(one.values()) for one in menu)],
            "Limits": [("limit", "value", "rule"), *limits],
            "Blocked": [("type", "class", "rule"), *blocked],
        }
        return "concession-matrix.xlsx", forms.xlsx_bytes(sheets)
    snake = [{key.replace(" ", "_").replace("-", "_"): value for key, value in one.items()} for one in menu]
    told = {
        **{key.replace(" ", "_"): value for key, value in head},
        "menu": snake,
        "limits": [{"limit": a, "value": b, "rule": c} for a, b, c in limits],
        "blocked": [{"type": a, "class": b, "rule": c} for a, b, c in blocked],
    }
    return (
        ("concession-matrix.yaml", forms.yaml_bytes(told))
        if truth.draw.maybe()
        else ("concession-matrix.json", forms.json_bytes(told))
    )


def make_quarter(at: datetime) -> str:
    return f"{at.year}-Q{(at.month - 1) // 3 + 1}"


def make_balance(truth: Truth, stem: str, age: float | None = None) -> tuple[str, bytes]:
    made = truth.world.now - timedelta(hours=truth.age if age is None else age)
    start = datetime(made.year, 3 * ((made.month - 1) // 3) + 1, 1, tzinfo=made.tzinfo)
    used = [
        {
            "accommodation": "CA-3117",
            "date": f"{min(start + timedelta(days=1), made):%Y-%m-%d}",
            "amount": f"{truth.used:.2f}",
        }
    ]
    disputes = (
        [{"dispute": "BD-44", "invoice": "IN-7001", "opened_at": times.utc(made - timedelta(days=3)), "state": "open"}]
        if truth.dispute
        else []
    )
    told = {
        "account": truth.account,
        "quarter": truth.quarter or make_quarter(made),
        "generated_at": times.utc(made),
        "currency": truth.currency,
        "cap": f"{truth.cap:.2f}",
        "used": used,
        "balance": f"{truth.balance:.2f}",
        "billing_disputes": {"checked_at": times.utc(made), "open": disputes},
    }
    return (
        (f"{stem}.json", forms.json_bytes(told)) if truth.draw.maybe(0.6) else (f"{stem}.yaml", forms.yaml_bytes(told))
    )


def _ledger(truth: Truth) -> tuple[str, bytes]:
    draw, now = truth.draw, truth.world.now
    rows = []
    for n in range(8):
        at = now - timedelta(days=5 * n + 2)
        rows.append(
            _impact(
                f"INC-9{n}1",
                f"ACC-1000{n}",
                truth.world.others[n % 3].name,
                at,
                draw.one(["Severity 1", "Severity 2", "Severity 3"]),
                "yes",
            )
        )
    for n, one in enumerate(truth.incidents):
        good = "no" if truth.unreconciled and n == 1 else "yes"
        rows.append(
            _impact(one, truth.account, truth.world.customer.name, now - timedelta(days=12 * n + 6), "Severity 1", good)
        )
    return table(
        draw,
        "service-impact-ledger",
        sorted(rows, key=lambda one: one["started_utc"]),
        kinds=["csv", "xlsx", "json", "semicolon"],
        case="snake",
        shuffle=False,
    )


def _impact(incident: str, account: str, customer: str, at: datetime, severity: str, reconciled: str) -> dict[str, str]:
    return {
        "incident": incident,
        "account": account,
        "customer": customer,
        "started_utc": times.utc(at),
        "restored_utc": times.utc(at + timedelta(minutes=95)),
        "minutes": "95",
        "workload": "identity",
        "severity": severity,
        "reconciled": reconciled,
        "reconciled_at": times.utc(at + timedelta(days=4)) if reconciled == "yes" else "",
    }


def _closure(truth: Truth, stem: str) -> tuple[str, bytes]:
    rows = [
        {
            "incident": one,
            "classification": "Severity 1",
            "state": "under review" if truth.open_severity and n == 0 else "closed",
            "closed_at": "" if truth.open_severity and n == 0 else times.utc(truth.world.now - timedelta(days=2)),
            "closed_by": "major-incident-review",
        }
        for n, one in enumerate(truth.incidents)
    ]
    if truth.draw.maybe(0.5):
        return f"{stem}.json", forms.json_bytes(
            {
                "exported_at": times.utc(truth.world.now - timedelta(hours=3)),
                "account": truth.account,
                "incidents": rows,
            }
        )
    return f"{stem}.csv", forms.csv_bytes([list(rows[0]), *(list(one.values()) for one in rows)])


def _precedents(truth: Truth) -> tuple[str, bytes]:
    draw = truth.draw
    day = truth.world.now.date()
    rows = [
        {
            "precedent": f"PR-1{n}0",
            "account": one.name,
            "tier": "Standard",
            "decided_on": f"{day - timedelta(days=100 + n)}",
            "path": draw.one(["option 1", "escalated"]),
            "severe_incidents": "3",
            "credit": "5085.00",
            "currency": truth.currency,
        }
        for n, one in enumerate(truth.world.others)
    ]
    rows += [
        {
            "precedent": f"PR-77{n}",
            "account": truth.world.others[n].name,
            "tier": truth.precedent_tier or truth.tier,
            "decided_on": f"{day - timedelta(days=60 + 90 * n)}",
            "path": truth.precedent_option,
            "severe_incidents": "3",
            "credit": "6150.00",
            "currency": truth.currency,
        }
        for n in range(2)
    ]
    return table(
        draw,
        "precedent-log",
        draw.shuffled(rows),
        kinds=["csv", "xlsx", "json", "semicolon"],
        case="snake",
        shuffle=False,
    )
