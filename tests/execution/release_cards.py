"""What four cards want before anything leaves, written down once more by hand: the oracle knows no scenario file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

SECURITY, TRUST = "product_security_governance_owner", "support_trust_governance_owner"


@dataclass(frozen=True)
class Need:
    """An approval that is due: whose (each a different person), of what, for how long; who asked for it may not."""

    gate: str
    signers: Sequence[str]
    binds: str = "content"
    minutes: int | None = None
    requester_may: bool = True


Wanted = Callable[[frozenset[str]], list[Need] | None]
"""What must be signed while these things are so; None while nothing may leave at all."""


@dataclass(frozen=True)
class Card:
    """A scenario as the oracle reads its card. `happens` is what may come and go, and how the engine hears of it: as
    a hold of that kind, a blocker, or a signal; `subjects` are what gates bind beside the content."""

    people: Mapping[str, Sequence[str]]
    happens: Mapping[str, str]
    wanted: Wanted
    always: Sequence[str] = ()
    subjects: Sequence[str] = ()
    bound_holds: bool = False


def _intake(now: frozenset[str]) -> list[Need] | None:
    """Staged by itself where the mapping is approved; an exception or a loss needs the duty manager's word."""
    if now & {"tenant_mixing", "entitlement", "unsanitized", "schema_blocked"}:
        return None
    found = []
    if "schema_unapproved" in now:
        found.append(Need("schema_or_mapping_change", ["schema_workflow_owner"], "configuration"))
    if now & {"environment", "contacts"}:
        found.append(Need("exception_release", ["duty_manager"]))
    if "lossy" in now:
        found.append(Need("lossy_or_low_confidence_publication", ["duty_manager"]))
    return found if found or "standing" in now else None


def _dispatch(now: frozenset[str]) -> list[Need] | None:
    """One signature on the manifest, which lasts an hour, never the requester's; a policy change needs both owners."""
    stops = {"duplicate", "scope", "routing", "superseded_at_gate", "precondition", "freshness", "audience"}
    if now & (stops | {"minimisation", "lane_incomplete"}):
        return None
    manifest = Need("dispatch_manifest_signature", ["support_trust_approver"], minutes=60, requester_may=False)
    change = Need("policy_change", [TRUST, SECURITY], "configuration", requester_may=False)
    return [change, manifest] if "policy_changed" in now else [manifest]


def _handoff(now: frozenset[str]) -> list[Need] | None:
    """The lead approves the handoff as it stands; what was approved for the customer is no leave for the handoff."""
    if now & {"unauthorized_access", "handoff_incomplete", "detail_not_minimised"}:
        return None
    return [Need("internal_handoff_approval", ["support_lead"])]


def _brief(now: frozenset[str]) -> list[Need] | None:
    """Scope first, disputed clauses by legal, then each reviewer whom the brief concerns, each another person."""
    if now & {"scope_left", "source_revoked", "citation_failed", "nothing_verified"}:
        return None
    found = [Need("scope_confirmation", ["enterprise_support_duty_manager"], "scope")]
    if "rank1_disputed" in now:
        found.append(Need("clause_interpretation", ["legal_reviewer"], "clauses"))
    signers = ["support_leadership_reviewer"]
    signers += ["legal_reviewer"] if "legal_needed" in now else []
    signers += ["account_team_reviewer"] if "account_team_needed" in now else []
    return [*found, Need("brief_review_before_use", signers)]


CARDS: Mapping[str, Card] = {
    "outage-intake": Card(
        people={
            "asks": ["support_intake_specialist", "duty_manager"],
            "duty": ["duty_manager"],
            "owner": ["schema_workflow_owner"],
            "both": ["schema_workflow_owner", "duty_manager"],
            "other": ["support_leadership"],
        },
        happens={
            "tenant_mixing": "hold",
            "entitlement": "hold",
            "unsanitized": "hold",
            "environment": "hold",
            "contacts": "hold",
            "schema_unapproved": "signal",
            "schema_blocked": "configuration",
            "standing": "configuration",
            "lossy": "field",
        },
        wanted=_intake,
        subjects=["configuration"],
    ),
    "packet-dispatch": Card(
        people={
            "asks": ["support_trust_approver", TRUST],
            "ann": ["support_trust_approver"],
            "ben": ["support_trust_approver", SECURITY],
            "cem": [TRUST, SECURITY],
            "dov": [TRUST],
            "other": ["support_lead"],
        },
        happens={
            "duplicate": "hold",
            "scope": "hold",
            "routing": "hold",
            "freshness": "hold",
            "audience": "hold",
            "minimisation": "hold",
            "other_kind": "hold",
            "precondition": "blocker",
            "policy_changed": "signal",
            "superseded_at_gate": "signal",
            "lane_incomplete": "signal",
        },
        wanted=_dispatch,
        always=["packet_present"],
        subjects=["configuration"],
        bound_holds=True,
    ),
    "contractor-access": Card(
        people={
            "asks": ["support_analyst"],
            "ann": ["support_lead"],
            "ben": ["support_lead"],
            "other": ["workflow_owner"],
        },
        happens={
            "missing_window": "hold",
            "conflict": "hold",
            "unauthorized_access": "hold",
            "handoff_incomplete": "signal",
            "detail_not_minimised": "signal",
            "update_not_separated": "signal",
            "clarification_needed": "signal",
        },
        wanted=_handoff,
        always=["draft_ready"],
    ),
    "obligations": Card(
        people={
            "asks": ["account_manager"],
            "duty": ["enterprise_support_duty_manager", "support_leadership_reviewer"],
            "lead": ["support_leadership_reviewer", "account_team_reviewer"],
            "law": ["legal_reviewer", "support_leadership_reviewer"],
            "team": ["account_team_reviewer"],
            "law2": ["legal_reviewer"],
        },
        happens={
            "scope_left": "signal",
            "source_revoked": "signal",
            "citation_failed": "signal",
            "nothing_verified": "signal",
            "rank1_disputed": "signal",
            "legal_needed": "signal",
            "account_team_needed": "signal",
        },
        wanted=_brief,
        always=["scope_confirmed"],
        subjects=["scope", "clauses"],
    ),
}
