"""The entitled response tier: the CRM record's plan, put into a tier by the plan mapping. A claim is not proof.

Source of the rules: card, "Requested tier without entitlement proof is not entitled tier".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from dateutil import parser as dates

from agents.material import Findings, Material, Row, hundredths, step
from agents.records import Cell
from agents.statements import LABELLED, Statement
from agents.weighing import MAX_CITATIONS
from casefile.claims import Citation, FieldValue
from casefile.registers import Side
from casefile.scenario import FieldSpec
from runtime.clock import instant

_WORD = re.compile(r"[^\W\d_]{4,}")
# Words of tier names that people also use for other things.
_COMMON = frozenset(["support", "care", "service", "services", "plan", "tier", "level", "priority", "standard", "basic", "response", "hours", "business", "escalation", "bridge", "enterprise", "with"])  # fmt: skip  # noqa: E501
_TIER_NAMES = frozenset(["tier", "level", "plan"])


@dataclass(frozen=True, slots=True)
class Tier:
    """A row of the plan mapping. `order` grows with the tier."""

    plan: str
    name: str
    order: int
    bridge: bool
    version: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Proof:
    """The tier that the CRM proves, or why it proves none."""

    tier: Tier | None
    citations: list[Citation]
    plan: str = ""
    problem: str = ""
    until: datetime | None = None


def weigh(name: str, spec: FieldSpec, material: Material, findings: Findings) -> None:
    """The tier that is proved; every claim that says otherwise is kept beside it."""
    tiers = _tiers(material)
    proof = _proof(material, tiers)
    if proof.until is not None:
        findings.until(proof.until)
    if proof.tier is None:
        findings.fields[name] = FieldValue(
            title=spec.title,
            status="missing" if not proof.citations else "unverified",
            citations=proof.citations,
            raw=proof.plan or None,
            note=proof.problem,
            origin="none",
        )
        findings.ask(name, f"{spec.title}: {proof.problem}", spec.owner, "proof")
        findings.signal("entitlement_unproven", name, proof.problem, proof.citations)
    else:
        tier = proof.tier
        findings.fields[name] = FieldValue(
            title=spec.title,
            value=tier.name,
            raw=proof.plan,
            status="confirmed",
            confidence=hundredths(LABELLED),
            origin="enriched",
            citations=[*proof.citations, tier.citation][:MAX_CITATIONS],
            normalization=[step("plan-mapping", proof.plan, tier.name, reference=tier.version or None)],
        )
    _claims(name, spec, proof, tiers, material, findings)


def _claims(
    name: str, spec: FieldSpec, proof: Proof, tiers: list[Tier], material: Material, findings: Findings
) -> None:
    proved = proof.tier
    against: dict[str, list[Citation]] = {}
    for statement in material.statements.get("claimed_tier", ()):
        claimed = named_tier(statement.raw, tiers)
        if claimed is None:
            _unknown(name, statement, tiers, spec, findings)
            continue
        citation = material.cite(statement)
        if proved is not None and claimed.name != proved.name:
            against.setdefault(claimed.name, []).append(citation)
        _requested(name, statement, claimed, proved, findings, citation)
    if proved is None:
        return
    rule = "requested or claimed tier without entitlement proof is not entitled tier"
    for tier, cited in against.items():
        # Who says it again, or in another line of one form, says nothing else.
        sides = [Side(value=proved.name, citations=proof.citations), Side(value=tier, citations=cited[:MAX_CITATIONS])]
        findings.contradict(name, sides, rule, settled=True, key=f"claim:{tier}")


def _requested(
    name: str,
    statement: Statement,
    claimed: Tier,
    proved: Tier | None,
    findings: Findings,
    citation: Citation,
) -> None:
    """A claim is context; a request is a path that needs proof."""
    if "request" not in statement.label:
        return
    if proved is None or claimed.order > proved.order:
        shown = proved.name if proved else "no tier"
        detail = f"{claimed.name} is requested ({statement.evidence}); the CRM proves {shown}"
        findings.signal("entitlement_unproven", name, detail, [citation])
    elif "bridge" in statement.raw.casefold() and not proved.bridge:
        detail = f"a bridge is requested ({statement.evidence}); {proved.name} does not include one"
        findings.signal("entitlement_unproven", name, detail, [citation])


def _proof(material: Material, tiers: list[Tier]) -> Proof:
    labels = material.scenario.data["tables"]["crm"]
    rows = [row for row in material.tables.get("crm", ()) if _about_tenant(row, material, labels)]
    if not rows:
        return Proof(None, [], problem="no CRM entitlement record of this tenant was found")
    current, trouble = [], ""
    for row in rows:
        problem = _lapsed(row, material, labels)
        if problem:
            trouble = problem
        else:
            current.append(row)
    if not current:
        return Proof(None, _cites(rows[-1], material, labels["plan"], labels["tenant"]), problem=trouble)
    found = [
        (row, plan, _tier_of(row, plan, tiers, labels)) for row in current if (plan := row.record.first(labels["plan"]))
    ]
    if not found:
        return Proof(None, _cites(current[0], material, labels["tenant"]), problem="the CRM record names no plan")
    names = {tier.name if tier else "" for _, _, tier in found}
    row, plan, tier = found[0]
    cites = [c for one, _, _ in found for c in _cites(one, material, labels["plan"], labels["tenant"])]
    if len(names) > 1:
        return Proof(None, cites, plan.text, "the CRM has more than one active plan for this tenant")
    if tier is None:
        return Proof(None, cites, plan.text, f"the plan {plan.text} is not in the plan mapping")
    stale, until = _stale(row, material, labels)
    return Proof(None, cites, plan.text, stale) if stale else Proof(tier, cites, plan.text, until=until)


def _about_tenant(row: Row, material: Material, labels: dict[str, list[str]]) -> bool:
    tenant = row.record.first(labels["tenant"])
    if tenant is not None:
        return tenant.text.strip() == material.tenant
    account = row.record.first(labels["name"])
    return account is not None and account.text.strip().casefold() == material.tenant_name.casefold()


def _lapsed(row: Row, material: Material, labels: dict[str, list[str]]) -> str:
    status = row.record.first(labels["status"])
    if status is not None and status.text.strip().casefold() not in material.scenario.data["active_words"]:
        return f"the CRM contract is {status.text.strip()}, not active"
    since, until = _date(row.record.first(labels["valid_from"])), _date(row.record.first(labels["valid_to"]))
    today = material.now.date()
    if since is not None and today < since.date():
        return f"the CRM contract begins only on {since.date()}"
    if until is not None and today > until.date():
        return f"the CRM contract ended on {until.date()}"
    return ""


def _stale(row: Row, material: Material, labels: dict[str, list[str]]) -> tuple[str, datetime | None]:
    """Why the snapshot proves nothing any more, and until when it does."""
    cell = row.record.first(labels["taken"])
    evidence = material.evidence[row.evidence]
    taken = _date(cell) or material.readings(row.evidence).made_at or evidence.captured_at
    if taken is None:
        return "the CRM snapshot does not say when it was taken", None
    limit = material.hours("crm_snapshot_max_age_hours")
    if material.now - taken > limit:
        hours = limit.total_seconds() / 3600
        return f"the CRM snapshot of {instant(taken)} is older than {hours:g} hours", None
    return "", taken + limit


def _date(cell: Cell | None) -> datetime | None:
    if cell is None:
        return None
    try:
        parsed = dates.parse(cell.text)
    except (ValueError, OverflowError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _tier_of(row: Row, plan: Cell, tiers: list[Tier], labels: dict[str, list[str]]) -> Tier | None:
    wanted = plan.text.strip().casefold()
    exact = next((tier for tier in tiers if wanted in (tier.plan.casefold(), tier.name.casefold())), None)
    named = row.record.first(labels["tier"])
    return exact or (named_tier(named.text, tiers) if named else None)


def named_tier(text: str, tiers: list[Tier]) -> Tier | None:
    """The tier whose name or plan code stands in the text; the longest name wins.

    Where none does, the one that a word stands for which is in its name and in no other's: `Diamond` is Diamond 24x7.
    """
    folded = text.casefold()
    named = [tier for tier in tiers if tier.name.casefold() in folded or tier.plan.casefold() in folded]
    if not named:
        said = set(_WORD.findall(folded)) - _COMMON
        short = {tier.name: tier for tier in tiers if said & _own_words(tier, tiers)}
        named = list(short.values()) if len(short) == 1 else []
    return max(named, key=lambda tier: len(tier.name), default=None)


def _own_words(tier: Tier, tiers: list[Tier]) -> set[str]:
    """The words of a tier's name that no other tier has."""
    others = {word for one in tiers if one.name != tier.name for word in _WORD.findall(one.name.casefold())}
    return set(_WORD.findall(tier.name.casefold())) - others


def _unknown(name: str, statement: Statement, tiers: list[Tier], spec: FieldSpec, findings: Findings) -> None:
    """A tier that is asked for by a name which the plan mapping does not have is no tier, and is said."""
    words = set(statement.label.split())
    if not tiers or "request" not in statement.label or not words & _TIER_NAMES or not statement.raw.strip():
        return
    detail = f"{statement.raw} is requested ({statement.evidence}); the plan mapping has no tier of that name"
    findings.ask(name, f"{spec.title}: {detail}. Which tier is meant?", spec.owner, f"unknown:{statement.raw}")


def _tiers(material: Material) -> list[Tier]:
    labels = material.scenario.data["tables"]["plan_mapping"]
    tiers = []
    for n, row in enumerate(material.tables.get("plan_mapping", ())):
        plan, name = row.record.first(labels["plan"]), row.record.first(labels["tier"])
        if plan is None or name is None:
            continue
        order, bridge = row.record.first(labels["order"]), row.record.first(labels["bridge"])
        version = row.record.first(labels["version"])
        tiers.append(
            Tier(
                plan.text.strip(),
                name.text.strip(),
                int(order.text) if order is not None and order.text.strip().isdigit() else n,
                bridge is None or bridge.text.strip().casefold() in material.scenario.data["yes_words"],
                version.text.strip() if version else "",
                material.cite_place(row.evidence, name.locator, name.text.strip()),
            )
        )
    return tiers


def _cites(row: Row, material: Material, *columns: list[str]) -> list[Citation]:
    cells = [row.record.first(labels) for labels in columns]
    return [material.cite_place(row.evidence, cell.locator, cell.text.strip()) for cell in cells if cell]
