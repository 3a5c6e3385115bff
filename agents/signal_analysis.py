"""The corroboration agent: clusters, what each is worth, and what earlier packets say of it.

It looks at what three agents found before it: who was allowed what (`signal_access`), what the ledgers and feeds say
(`signal_audit`), and what earlier packets hand down (`signal_lineage`).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from agents import signal_access, signal_audit, signal_lineage
from agents.case_view import CaseView
from agents.signal_access import Access
from agents.signal_audit import Audit
from agents.signal_cluster import Clustering, RawSignal, cluster
from agents.signal_feeds import Feeds
from agents.signal_lineage import Lineage, Overlap, overlap
from agents.signal_matrix import CHAIN, Bar, Corroboration, corroborate, not_explained
from agents.signal_people import Asked, asked, splits
from agents.signal_reports import Reports, own_words
from agents.signal_snapshots import Captured
from agents.signal_window import Ingest, Window
from casefile.claims import Citation
from casefile.registers import Side


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sources that say different things. `settled` names the rule; empty where only a person can settle it."""

    about: str
    sides: tuple[Side, ...]
    rule: str
    settled: bool


@dataclass(slots=True)
class Analysis:
    """What was found. `weighed` has the strongest cluster first; `excluded` maps items to the reason."""

    captured: Captured
    lineage: Lineage
    ingest: Ingest
    window: Window | None = None
    feeds: Feeds = field(default_factory=Feeds)
    reports: Reports = field(default_factory=Reports)
    clustering: Clustering = field(default_factory=lambda: Clustering((), {}, {}))
    weighed: list[Corroboration] = field(default_factory=list)
    overlaps: list[Overlap] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    excluded: dict[str, str] = field(default_factory=dict)
    promoted: dict[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    unsealed: list[tuple[str, str, list[Citation]]] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    @property
    def leading(self) -> Corroboration | None:
        """The strongest cluster in which something is unexplained."""
        return next((one for one in self.weighed if one.unexplained), None)

    @property
    def cases(self) -> list[Corroboration]:
        """The clusters that are credible cases of their own."""
        return [one for one in self.weighed if one.credible]

    @property
    def aliases(self) -> list[RawSignal]:
        """The sessions and exports under an identity that no roster resolves."""
        return [one for one in self.feeds.signals if one.alias]


def analyse(view: CaseView) -> Analysis:
    """Everything that the packet rests on. A pure function of the case file."""
    access, audit = view.part(signal_access.STEP, Access), view.part(signal_audit.STEP, Audit)
    within = access.window
    found = Analysis(access.captured, view.part(signal_lineage.STEP, Lineage), audit.ingest, within)
    found.silent, found.unsealed = audit.silent, audit.unsealed
    if within is not None:
        found.feeds, found.reports = audit.feeds, audit.reports
    signals = [*found.feeds.signals, *found.reports.signals]
    found.asked, found.refused = asked(view, [*_names(view, found), *(one.id for one in signals)])
    _exclude(view, found, {cited.evidence for one in signals for cited in one.citations})
    if within is None:
        return found
    found.clustering = cluster(
        signals,
        gap=within.end - within.start,
        skew=timedelta(seconds=int(view.parameters["clock_skew_tolerance"])),
        splits=splits(found.asked, [one.ref for one in signals]),
    )
    weighed = [corroborate(one, access.captured.snapshots, bar(view)) for one in found.clustering.clusters]
    found.weighed = sorted(weighed, key=lambda one: ([-n for n in one.points], one.cluster.id))
    leading = found.leading
    if leading is not None:
        rule = str(view.parameters["duplicate_overlap_for_auto_merge"])
        found.overlaps = [overlap(leading.cluster, prior, rule) for prior in found.lineage.clusters]
    found.conflicts = list(_conflicts(found))
    return found


def bar(view: CaseView) -> Bar:
    """The thresholds in force."""
    credible, critical = (
        view.parameters["independent_sources_for_credible_case"],
        view.parameters["critical_routing_threshold"],
    )
    return Bar(int(credible["sources"]), int(credible["kinds"]), int(critical["tenants"]), int(critical["unmatched"]))


def _names(view: CaseView, found: Analysis) -> list[str]:
    return [*(item.id for item in view.usable), *(one.id for one in found.lineage.clusters)]


def _exclude(view: CaseView, found: Analysis, inside: Container[str]) -> None:
    """What the card excludes: informal material, and what was made after the window. A reviewer may promote it.

    `inside` are the items with signals in the window: a feed of it was not made of what came after, however late it
    was exported.
    """
    words: dict[str, str] = view.scenario.data["excluded"]
    for item in view.usable:
        text = " ".join(span.text for span in own_words(view, item))[:20_000]
        made = view.readings(item.id).made_at or item.captured_at
        reason = ""
        if view.rank(item) == "excluded":
            source = view.source(item)
            reason = source.name if source is not None else "excluded"
        elif view.rank(item) is None:
            reason = "no row of the card gives it a rank"
        elif (
            item.id not in inside
            and item.system in view.scenario.data["informal_systems"]
            and re.search(words["after"], text, re.IGNORECASE)
        ):
            after = found.window is not None and (made is None or made > found.window.end)
            reason = "made after the window: changes of access and remediation prove nothing" if after else ""
        promoter = next((a.by for a in found.asked if a.act == "promote" and item.id in a.names), "")
        if reason and promoter:
            found.promoted[item.id] = promoter
        elif reason:
            found.excluded[item.id] = reason


def _conflicts(found: Analysis) -> Iterator[Conflict]:
    snapshots = found.captured.snapshots
    for one in found.feeds.signals:
        told = found.feeds.said_matched.get(one.id) if one.kind == "export" else None
        if told is not None:
            matched, cited = told
            why = not_explained(one, snapshots)
            cases = [snapshots.cases[name] for name in sorted(one.cases) if name in snapshots.cases]
            roster = Side(
                value=why or "an active case of the operator", citations=[c for s in cases for c in s.citations[:3]]
            )
            ledger = Side(value=f"{one.id}: {cited.quote}", citations=[cited])
            if matched and why and one.cases:
                rule = "the roster captured for the window says which cases were active in it"
                yield Conflict(f"case match of {one.id}", (roster, ledger), rule, settled=True)
            elif not matched and not why:
                rule = "same rank: export ledger and case roster disagree; a person labels it"
                yield Conflict(f"case match of {one.id}", (ledger, roster), rule, settled=False)
    yield from _of_identity(found)
    exports = [one for one in found.feeds.signals if one.kind == "export"]
    for item, cited in found.reports.denials:
        said = Side(value=f"{item}: no export", citations=[cited])
        staged = [one for one in exports if one.operator and not_explained(one, snapshots)] or exports
        if staged:
            value = "staged: " + ", ".join(one.id for one in staged[:8])
            ledger = Side(value=value, citations=[c for one in staged[:4] for c in one.citations[:2]])
            yield Conflict(
                "exports", (ledger, said), "rank: export ledger (1) over a customer's report (2)", settled=True
            )


def _of_identity(found: Analysis) -> Iterator[Conflict]:
    chains = found.captured.snapshots.chains
    sessions = [one for one in found.feeds.signals if one.kind == "console"]
    by_export = {one.id: one for one in found.feeds.signals if one.kind == "export"}
    for one in sessions:
        chain = chains.get(one.session)
        if chain is not None and chain.subject != one.operator:
            sides = (
                Side(value=one.operator, citations=list(one.citations[:2])),
                Side(value=chain.subject, citations=list(chain.citations)),
            )
            yield Conflict(
                f"identity behind {one.id}", sides, "same rank: console and identity chain disagree", settled=False
            )
        for name in sorted(one.exports):
            export = by_export.get(name)
            if export is not None and export.operator != one.operator:
                sides = (
                    Side(value=one.operator, citations=list(one.citations[:2])),
                    Side(value=export.operator, citations=list(export.citations[:2])),
                )
                yield Conflict(
                    f"operator of {name}", sides, "same rank: console and export ledger disagree", settled=False
                )


def open_conflicts(found: Analysis) -> Sequence[Conflict]:
    """The conflicts that only a person can label."""
    return [one for one in found.conflicts if not one.settled]


def lags(found: Analysis) -> bool:
    """Whether the identity provider says nothing of a session that the leading cluster rests on."""
    leading = found.leading
    sessions = [one for one in leading.cluster.of("console") if not one.alias] if leading is not None else []
    cells = leading.cells if leading is not None else ()
    return bool(sessions) and not any(cell.source == CHAIN for cell in cells)
