"""Pattern: severe signals of several feeds become one packet revision; a reviewer confirms its routing.

Five agents share the pass, each a step of its own with entries under its name: who was allowed what, what the ledgers
say, what earlier packets hand down; then corroboration weighs all three, and the packet is assembled.
"""

from __future__ import annotations

from typing import Any

from agents import signal_access, signal_audit, signal_lineage, signal_packet_sections
from agents.case_view import Assessment, CaseView
from agents.signal_analysis import Analysis, analyse, lags, open_conflicts
from agents.signal_exhibits import exhibits
from agents.signal_packet import record
from agents.signal_people import kept
from graphs import skeleton
from graphs.agent_step import AgentStep
from graphs.governed_pass import Pattern
from lineage.canonical import Json


def build() -> Any:
    """The graph, uncompiled. Chat is weighed: a reviewer may promote a source or split a cluster in it."""
    return skeleton.build(PATTERN)


def assess(view: CaseView) -> Assessment:
    """Corroborate everything under the present clock and evidence."""
    found, done = analyse(view), Assessment()
    record(view, found, done)
    done.exhibits = exhibits(found, done.sections)
    _preconditions(found, done)
    _uncertain(view, found, done)
    _verdict(found, done)
    done.keep, done.refused = kept(found.asked), found.refused
    weak: list[Json] = [
        {"cluster": one.prior.id, "shared": list[Json](one.shared)} for one in found.overlaps if one.strength == "weak"
    ]
    done.subjects["merge"] = {"clusters": weak}
    return done


PATTERN = Pattern(
    assess=assess,
    weighs_chat=True,
    before={
        signal_access.STEP: AgentStep(signal_access.AGENT, "access_checked", signal_access.check_access),
        signal_audit.STEP: AgentStep(signal_audit.AGENT, "audit_retrieved", signal_audit.retrieve_audit),
        signal_lineage.STEP: AgentStep(signal_lineage.AGENT, "lineage_traced", signal_lineage.trace_lineage),
    },
    agents={"reconcile": "corroboration", "compose": signal_packet_sections.AGENT},
)


def _preconditions(found: Analysis, done: Assessment) -> None:
    unmet: list[tuple[str, str, str]] = []
    old = found.lineage
    if not old.second or not old.first:
        gone = " and ".join(name for name, there in (("v1", old.first), ("v2", old.second)) if not there)
        unmet.append(("lineage_missing", "lineage", f"nothing of {gone} was found"))
    elif not old.clusters:
        unmet.append(("lineage_missing", "lineage", "the earlier packets name no duplicate clusters"))
    if found.window is None or not found.window.frozen:
        detail = "no bounds were found" if found.window is None else "nobody froze the bounds that the ledgers print"
        unmet.append(("window_not_frozen", "evidence window", detail))
    titles = {"roles": "support-role roster", "entitlements": "entitlement snapshot", "cases": "restricted-case roster"}
    for kind, title in titles.items():
        if kind in found.captured.missing:
            unmet.append(("snapshot_missing", title, f"no {title} could be read"))
        elif kind in found.captured.other_day:
            unmet.append(("snapshot_of_another_day", title, f"the {title} was captured long before the window"))
    unmet += _ingest(found, done)
    leading = found.leading
    for tenant in sorted(leading.cluster.tenants if leading is not None else ()):
        if "entitlements" not in found.captured.missing and tenant not in found.captured.snapshots.tenants:
            unmet.append(("snapshot_missing", tenant, f"the entitlement snapshot has no row of {tenant}"))
    for name, about, detail in unmet:
        done.findings.signal(name, about, detail)
    if unmet:
        done.findings.signal("preconditions_unmet", "preconditions", f"{len(unmet)} unmet")


def _ingest(found: Analysis, done: Assessment) -> list[tuple[str, str, str]]:
    unmet: list[tuple[str, str, str]] = []
    for kind in ("console", "export"):
        told = found.ingest.told.get(kind)
        if kind in found.silent:
            unmet.append(("ingest_incomplete", kind, f"no {kind} ledger could be read"))
        elif told is None and _exported_later(found, kind):
            text = f"Had the {kind} ledger finished its ingest for the window? It only says that it was exported later."
            done.findings.ask(f"ingest of {kind}", text, "support_trust_reviewer")
        elif told is None:
            detail = f"nothing says until when the {kind} ledger is complete" + _expected(found, kind)
            unmet.append(("ingest_incomplete", kind, detail))
        elif found.window is not None and told[0] < found.window.end:
            detail = f"the {kind} ledger is complete through {told[0]:%Y-%m-%dT%H:%M:%SZ} only, before the window ends"
            unmet.append(("ingest_incomplete", kind, detail + _expected(found, kind)))
    return unmet


def _expected(found: Analysis, kind: str) -> str:
    due = found.ingest.expected.get(kind)
    return f"; its next word is expected at {due:%Y-%m-%dT%H:%M:%SZ}" if due is not None else ""


def _uncertain(view: CaseView, found: Analysis, done: Assessment) -> None:
    findings = done.findings
    for tenant, state in sorted(found.captured.snapshots.tenants.items()):
        if not state.stale:
            continue
        name = "sovereign_entitlement_stale" if state.sovereign else "entitlement_stale"
        at = f"{state.captured_at:%Y-%m-%dT%H:%M:%SZ}" if state.captured_at else "an unknown time"
        detail = f"the entitlement snapshot of {tenant} is stale: captured at {at}"
        findings.signal(name, tenant, detail, state.citations[:3])
    for alias in sorted({one.operator for one in found.aliases}):
        mine = [one for one in found.aliases if one.operator == alias]
        detail = f"{alias} stands behind {', '.join(one.id for one in mine)}; no roster of the window says whose it is"
        findings.signal("alias_unresolved", alias, detail, [c for one in mine for c in one.citations[:1]])
    for one in found.feeds.delayed:
        findings.signal(
            "dlp_replay_delayed", one.id, f"{one.id}: the replay evidence has not arrived", one.citations[:3]
        )
    for item, name, cells in found.unsealed:
        findings.signal("checksum_missing", item, f"{name}: no checksum of the recording", cells)
    for item, cells in sorted({**found.feeds.outside, **found.reports.outside}.items()):
        detail = f"{item}: {len(cells)} events of the case's tenants lie outside the frozen window"
        findings.signal("outside_window", item, detail, cells[:3])
    if "chain" in found.captured.missing or lags(found):
        told = "the identity-provider chain lags: it says nothing of the sessions in question"
        findings.signal("source_lagging", "identity_provider", told)


def _verdict(found: Analysis, done: Assessment) -> None:
    """Which of the card's rests the case is at, before any gate."""
    findings, leading = done.findings, found.leading
    for one in open_conflicts(found):
        findings.signal("conflicting", one.about, one.rule)
    critical = [one for one in found.weighed if one.critical]
    if len(critical) > 1:
        findings.signal("conflicting", "clusters", f"{len(critical)} clusters are critical cases of their own")
    if leading is None or (not leading.credible and not leading.sparse):
        findings.signal("watch", "corroboration", "independent evidence does not support one credible case")
        return
    if leading.sparse:
        findings.signal("sparse", leading.cluster.id, "few signals, many regulated tenants: a person labels it")
        return
    if not leading.critical:
        findings.signal("elevated", leading.cluster.id, "credible, below the routing threshold")
        return
    findings.signal("critical", leading.cluster.id, "credible, and the routing threshold is met")
    # Clusters of packets before the latest are history: the latest says how they stand.
    latest = found.lineage.latest
    for shared in found.overlaps:
        if shared.strength == "same" and shared.prior.critical:
            findings.signal("covered", shared.prior.id, f"the critical case shares {'; '.join(shared.shared)}")
        elif shared.strength == "weak" and (
            shared.prior.critical or (shared.prior.packet == latest and not shared.prior.merged)
        ):
            name = "weak_with_case" if shared.prior.critical else "weak_with_cluster"
            findings.signal(name, shared.prior.id, f"shares only {'; '.join(shared.shared)}")
            findings.signal("weak_overlap", shared.prior.id, f"shares only {'; '.join(shared.shared)}")


def _exported_later(found: Analysis, kind: str) -> bool:
    """Whether a ledger says that it was exported after the window had ended."""
    made = found.ingest.made.get(kind)
    return found.window is not None and made is not None and made >= found.window.end
