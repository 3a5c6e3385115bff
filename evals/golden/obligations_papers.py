"""Which support terms are in force: contracts, amendments, exceptions, and memories, as papers tell it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from evals.golden import forms, mails, papers, times
from evals.golden.draw import Draw
from evals.golden.packet import Packet
from evals.golden.papers import Paper
from evals.golden.tables import table
from evals.golden.world import Person, World, people, world

SLUG = "enterprise-support-obligation-synthesis-for-severity-one-review"
SCOPE, REVIEW = "scope_confirmation", "brief_review_before_use"
_PRODUCTS = ["Identity Connector", "Directory Agent", "Federation Gateway"]


@dataclass(slots=True)
class Truth:
    """The terms and the papers that carry them."""

    draw: Draw
    world: World
    duty: Person
    leader: Person
    legal: Person
    account: Person
    outage: datetime
    response: int
    cadence: int
    credit: int
    cap: int
    notice: int
    product: str
    plan: str
    kinds: tuple[str, ...]
    start: date
    end: date
    amended: int = 0
    amendment: str = ""
    countersigned: bool = True
    note: int = 0
    exceptions: list[dict[str, Any]] = field(default_factory=list)
    in_scope: bool = True
    question: str = "Which support terms are in force for this account for the Severity 1 claim?"
    left_out: set[str] = field(default_factory=set)
    mail: list[str] = field(default_factory=list)
    confirmed: bool = True

    @property
    def vendor(self) -> str:
        return f"{self.world.vendor} GmbH"

    def after(self, minutes: int) -> datetime:
        """So many minutes after the clock of the packet."""
        return self.world.now + timedelta(minutes=minutes)


def draw_truth(draw: Draw) -> Truth:
    place = world(draw)
    duty, leader, legal, account = people(draw, 4, place.vendor_domain)
    today = place.now.date()
    return Truth(
        draw,
        place,
        duty,
        leader,
        legal,
        account,
        place.now - timedelta(hours=draw.number(4, 9)),
        draw.one([15, 20, 25, 30]),
        draw.one([45, 60, 75, 90]),
        draw.one([4, 5, 8]),
        draw.one([12, 15, 20]),
        draw.one([20, 30, 45]),
        draw.one(_PRODUCTS),
        draw.one(["Premium Support Enterprise", "Care Plus", "Gold Assurance"]),
        draw.one([("pdf",), ("pdf", "docx"), ("docx",), ("md", "txt"), ("pdf", "md")]),
        today - timedelta(days=draw.number(200, 500)),
        today + timedelta(days=draw.number(200, 900)),
    )


def base_packet(truth: Truth) -> Packet:
    draw, place, now = truth.draw, truth.world, truth.world.now
    packet = Packet(
        draw.one([SLUG, "obligations"]),
        f"CASE-{draw.digits(5)}",
        {"id": place.customer.tenant, "name": place.customer.name},
        now,
        truth.duty.id,
    )
    packet.person(truth.duty.id, truth.duty.name, "enterprise_support_duty_manager")
    packet.person(truth.leader.id, truth.leader.name, "support_leadership_reviewer")
    packet.person(truth.legal.id, truth.legal.name, "legal_reviewer")
    packet.person(truth.account.id, truth.account.name, "account_team_reviewer")
    taken = now - timedelta(minutes=20)
    given: dict[str, tuple[str, bytes, str]] = {
        "msa": (*papers.written(draw, _master(truth), "msa-executed", truth.kinds), "contract_repository"),
        "addendum": (
            *papers.written(draw, _addendum(truth), "premium-support-addendum", truth.kinds),
            "contract_repository",
        ),
        "order_form": (*papers.written(draw, _order(truth), "order-form", truth.kinds), "contract_repository"),
        "entitlement": (*_entitlement(truth), "entitlement_system"),
        "policy": ("policy-severity-and-cadence.md", _policy(truth), "policy_library"),
    }
    if truth.amendment:
        given["amendment"] = (
            *papers.written(draw, _amendment(truth), "renewal-amendment-1", truth.kinds),
            "contract_repository",
        )
    if truth.exceptions:
        given["exceptions"] = (*_register(truth), "exception_register")
    if truth.note or truth.mail:
        given["thread"] = ("account-team-thread.eml", _thread(truth), "crm_notes")
    for id, (name, data, system) in given.items():  # noqa: A001
        if id not in truth.left_out:
            packet.source(id, name, data, system, taken)
    packet.head["instructions"] = (
        f"Question: {truth.question}\nAccount: {place.customer.name} ({place.customer.tenant})\nProduct: {truth.product}\n"  # noqa: E501
        f"Outage window: {times.utc(truth.outage)} to {times.utc(truth.outage + timedelta(hours=3))}\n"
        "Source boundary: contract repository, exception register, legal memo archive, entitlement system, policy library, case archive\n"  # noqa: E501
    )
    return packet


def _head(truth: Truth, number: str, start: date, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("Document no.", number), *more, ("Effective date", papers.day(truth.draw, start)), ("Status", "executed")]


def _signed(truth: Truth, when: date, both: bool = True) -> list[tuple[str, str, date]]:
    ours = (truth.vendor, "Margit Oosterveld", when)
    return [ours, (truth.world.customer.name, "Henning Brakel", when)] if both else [ours]


def _master(truth: Truth) -> Paper:
    start = truth.start - timedelta(days=200)
    clauses = [
        ("1", "Definitions"),
        ("1.1", '"Severity 1" means a production outage of a Covered Product with no workaround.'),
        ("2", "Fees"),
        ("2.1", "Fees are payable within 45 days of the date of invoice."),
        ("8", "Support and service credits"),
        (
            "8.1",
            "Support is given as described in the support policy in force, unless an Addendum that both parties have signed says otherwise.",  # noqa: E501
        ),
        (
            "8.2",
            f"Customer shall send a claim for service credits in writing within {truth.notice} days after the end of the Severity 1 incident; a later claim lapses.",  # noqa: E501
        ),
        ("9", "Exclusions"),
        (
            "9.1",
            "Support targets do not apply to an outage that is caused by maintenance that was announced at least five business days before.",  # noqa: E501
        ),
        ("12", "General"),
        (
            "12.1",
            "Amendments need the signature of both parties. A copy that bears the signature of one party only has no effect.",  # noqa: E501
        ),
    ]
    return Paper(
        "Master Services Agreement",
        _head(truth, "MSA-77", start, ("Parties", f"{truth.vendor} and {truth.world.customer.name}")),
        clauses,
        {},
        _signed(truth, start - timedelta(days=9)),
    )


def _addendum(truth: Truth) -> Paper:
    covered = f"Workforce SSO, {truth.product}, Directory Sync" if truth.in_scope else "Workforce SSO, Directory Sync"
    table_of = truth.draw.maybe()
    if table_of:
        clauses = [
            ("3.1", "The initial response is given within these times of the report of an incident:"),
            ("3.2", "While an incident is open, a status update is sent at this cadence:"),
        ]
        tables = {
            "3.1": [
                ["Severity", "Initial response"],
                ["Severity 1", f"{truth.response} minutes"],
                ["Severity 2", "4 hours"],
            ],
            "3.2": [
                ["Severity", "Status update cadence"],
                ["Severity 1", f"{truth.cadence} minutes"],
                ["Severity 2", "8 hours"],
            ],
        }
    else:
        clauses = [
            (
                "3.1",
                f"For a Severity 1 incident the initial response is given within {truth.response} minutes of the report.",  # noqa: E501
            ),
            ("3.2", f"While a Severity 1 incident is open, a status update is sent every {truth.cadence} minutes."),
        ]
        tables = {}
    told = [
        ("1", "Purpose"),
        (
            "1.1",
            "This Addendum describes the premium support for the Covered Products and prevails over the Agreement on support.",  # noqa: E501
        ),
        ("2", "Covered Products"),
        ("2.1", f"Covered Products are: {covered}."),
        ("3", "Response and updates"),
        *clauses,
        ("4", "Named engineer"),
        ("4.1", "Vendor shall assign one Named Support Engineer to Customer, available 24x7 for Severity 1 incidents."),
        ("5", "Service credits"),
        (
            "5.1",
            f"For each Severity 1 incident in which a target is missed, Customer may claim a service credit of {truth.credit} percent of the monthly premium support fee.",  # noqa: E501
        ),
        (
            "5.2",
            f"Service credits are limited to {truth.cap} percent of the monthly premium support fee in a calendar month.",  # noqa: E501
        ),
    ]
    head = _head(truth, "PSA-12", truth.start, ("Agreement", "MSA-77"))
    return Paper(
        "Premium Support Addendum",
        [*head, ("Term", f"until {papers.day(truth.draw, truth.end)}")],
        told,
        tables,
        _signed(truth, truth.start - timedelta(days=12)),
    )


def _amendment(truth: Truth) -> Paper:
    start = truth.world.now.date() - timedelta(days=60)
    if truth.amendment == "table":
        clauses = [
            (
                "2.1",
                "The status update table in Section 3.2 of the Addendum is replaced from the effective date of this Amendment by:",  # noqa: E501
            )
        ]
        tables = {
            "2.1": [
                ["Severity", "Status update cadence"],
                ["Severity 1", f"{truth.amended} minutes"],
                ["Severity 2", "10 hours"],
            ]
        }
    else:
        clauses = [
            (
                "2.1",
                f"Section 3.2 of the Addendum is replaced by: While a Severity 1 incident is open, a status update is sent every {truth.amended} minutes.",  # noqa: E501
            )
        ]
        tables = {}
    if not truth.in_scope:
        clauses.append(
            (
                "2.2",
                f"The {truth.product} is moved to Product Annex P-2 and is covered under the conditions that Product Annex P-2 states.",  # noqa: E501
            )
        )
    told = [
        ("1", "Renewal"),
        ("1.1", "The Addendum is renewed and amended as follows."),
        ("2", "Changes"),
        *clauses,
        ("3", "Other terms"),
        ("3.1", "All other terms of the Addendum remain in force."),
    ]
    head = _head(truth, "RA-1", start, ("Amends", "PSA-12 under MSA-77"))
    return Paper(
        "Renewal Amendment No. 1", head, told, tables, _signed(truth, start - timedelta(days=14), truth.countersigned)
    )


def _order(truth: Truth) -> Paper:
    told = [("1", "Items"), ("1.1", f"Customer orders {truth.plan} and {truth.product} under the Agreement.")]
    return Paper(
        "Order Form", _head(truth, "OF-31", truth.start, ("Agreement", "MSA-77")), told, {}, _signed(truth, truth.start)
    )


def _entitlement(truth: Truth) -> tuple[str, bytes]:
    told = {
        "generated_at": times.utc(truth.world.now - timedelta(hours=5)),
        "account": truth.world.customer.name,
        "tenant_id": truth.world.customer.tenant,
        "support_tier": truth.plan,
        "status": "active",
        "service_window": "24x7",
        "addendum": "PSA-12",
    }
    return (
        ("entitlement-export.json", forms.json_bytes(told))
        if truth.draw.maybe(0.6)
        else ("entitlement-export.yaml", forms.yaml_bytes(told))
    )


def _policy(truth: Truth) -> bytes:
    return (
        b"# Support policy: severity and cadence\nPolicy id: SP-9 | Version: 4 | Effective from: 2025-01-01\n\nThese are defaults. They apply where no signed addendum says otherwise.\n\n"  # noqa: E501
        b"| severity | initial response | status update cadence |\n| --- | --- | --- |\n| Severity 1 | 60 minutes | 120 minutes |\n| Severity 2 | 4 hours | 1 business day |\n"  # noqa: E501
    )


def _register(truth: Truth) -> tuple[str, bytes]:
    empty = {"approved_on": "", "effective_from": "", "effective_to": "", "approved_by": ""}
    others = [
        {
            "exception_id": f"EX-1{n}0",
            "account": one.name,
            "topic": "status updates",
            "commitment": "Severity 1 status updates every 5 minutes",
            "status": "approved",
            "approved_on": "2025-03-01",
            "effective_from": "2025-03-02",
            "effective_to": "2027-12-31",
            "approved_by": "Exceptions Board",
        }
        for n, one in enumerate(truth.world.others)
    ]
    own = [{**others[0], **empty, **one, "account": truth.world.customer.name} for one in truth.exceptions]
    return table(
        truth.draw,
        "exception-register",
        truth.draw.shuffled([*others, *own]),
        kinds=["xlsx", "csv", "json", "semicolon"],
        case=truth.draw.one(["snake", "title"]),
        shuffle=False,
    )


def _thread(truth: Truth) -> bytes:
    said = (
        f"As I remember it they get a status update every {truth.note} minutes in a Severity 1."
        if truth.note
        else "See below."
    )
    return mails.mail(
        truth.draw,
        truth.account,
        f"duty@{truth.world.vendor_domain}",
        "what did we promise?",
        truth.after(-40),
        ["Hello,", said, *truth.mail],
        truth.draw.one(mails.LAYOUTS),
    )
