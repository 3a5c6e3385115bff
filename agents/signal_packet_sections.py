"""The sections of the corroboration packet. What is recorded and what is inferred stand apart; nothing is a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from agents.case_view import CaseView
from agents.signal_analysis import Analysis
from agents.signal_cluster import RawSignal
from agents.signal_matrix import PROPOSITIONS, RANK_1, Corroboration
from casefile.claims import Citation, Claim, Section, Status

AGENT = "packet-assembly"
AUTHOR = f"agent:{AGENT}"
_MOST = 6
NAMES = {
    "console": "support-console audit ledger",
    "export": "diagnostic-export ledger",
    "snapshots": "entitlement and case-roster snapshots",
    "chain": "identity-provider session chain",
    "dlp": "DLP near misses",
    "redaction": "note redactions",
    "customer": "customer's report",
}


def sections(view: CaseView, found: Analysis) -> list[Section]:
    """Every section that the card lists, in its order."""
    parts: Sequence[tuple[str, str, Iterable[Claim]]] = (
        ("packet", "Packet and revision", _packet(view, found)),
        ("window", "Frozen evidence window", _window(found)),
        ("signals", "Linked signals", _signals(found)),
        ("precedence", "Source precedence and how it was applied", _precedence(view, found)),
        ("rationale", "Corroboration: shared cause, and coincidence as the alternative", _rationale(found)),
        ("lineage", "Duplicate and watch-state lineage", _lineage(found)),
        ("snapshots", "Roster, entitlement and restricted-case snapshots", _snapshots(found)),
        ("severity", "Severity framing and routing threshold", _severity(view, found)),
        ("uncertainty", "Open uncertainty and visible blockers", _uncertainty(found)),
        ("routing", "Routing record and triage decision log", _routing(view, found)),
    )
    return [Section(id=name, title=title, claims=list(claims)) for name, title, claims in parts]


def _claim(name: str, text: str, cells: Iterable[Citation] = (), status: Status | None = None) -> Claim:
    cited = list({(c.evidence, c.locator): c for c in cells}.values())[:_MOST]
    return Claim(
        id=name, text=text, status=status or ("confirmed" if cited else "unverified"), author=AUTHOR, citations=cited
    )


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _packet(view: CaseView, found: Analysis) -> Iterator[Claim]:
    spec = view.scenario.artifact
    yield _claim("packet", f"{spec.name}, revision {spec.revision}. It replaces {' and '.join(spec.supersedes)}.")
    for n, (name, cited) in enumerate(found.lineage.packets, 1):
        yield _claim(f"prior-{n}", f"An earlier packet names itself {name}.", [cited] if cited else [])


def _window(found: Analysis) -> Iterator[Claim]:
    if found.window is None:
        yield _claim("window", "No frozen evidence window was found.", status="missing")
        return
    one = found.window
    state = "frozen" if one.frozen else "not frozen by anybody"
    yield _claim(
        "window", f"From {_at(one.start)} to {_at(one.end)}, {state} (cited from {one.item}).", one.citations.values()
    )
    for item, cells in sorted({**found.feeds.outside, **found.reports.outside}.items()):
        yield _claim(f"outside-{item}", f"{item}: {len(cells)} events outside the window; excluded.", cells)


def _signals(found: Analysis) -> Iterator[Claim]:
    """The signals of the leading cluster and of unresolved identities; explained work of others is counted."""
    leading = found.leading
    chosen = list(leading.cluster.signals) if leading is not None else []
    chosen += [one for one in found.aliases if one not in chosen]
    for n, one in enumerate(sorted(chosen, key=lambda s: (s.at, s.ref)), 1):
        yield _claim(f"s{n}", _told(one), one.citations)
    rest = [one for cluster in found.clustering.clusters for one in cluster.signals if one not in chosen]
    if rest:
        cells = [c for one in rest for c in one.citations[:1]]
        yield _claim("rest", f"{len(rest)} further signals in the window belong to other clusters.", cells)


def _told(one: RawSignal) -> str:
    tier = 1 if one.kind in ("console", "export") else 2
    until = f" to {_at(one.until)}" if one.until is not None and one.until != one.at else ""
    who = f", {one.operator}" if one.operator else ""
    who += " (identity unproven)" if one.alias else ""
    keys = [*sorted(one.exports - {one.id}), *sorted(one.cases)]
    more = f", names {', '.join(keys)}" if keys else ""
    late = "; the feed says that it is not final" if not one.proven else ""
    return f"{one.id} · {NAMES[one.kind]}, tier {tier} · {_at(one.at)}{until}{who} · {one.tenant}{more}{late}."


def _precedence(view: CaseView, found: Analysis) -> Iterator[Claim]:
    for rank, text in ((1, "facts rest on"), (2, "context only, never over rank 1")):
        names = "; ".join(source.name for source in view.scenario.sources if source.rank == rank)
        yield _claim(f"rank-{rank}", f"Rank {rank}, {text}: {names}.")
    names = "; ".join(source.name for source in view.scenario.sources if source.rank == "excluded")
    yield _claim("rank-excluded", f"Excluded without explicit promotion: {names}.")
    for n, one in enumerate(found.conflicts, 1):
        sides = " against ".join(str(side.value) for side in one.sides)
        status: Status = "confirmed" if one.settled else "conflicting"
        yield _claim(f"k{n}", f"{one.about}: {sides}. {one.rule}.", [c for s in one.sides for c in s.citations], status)
    for n, (item, reason) in enumerate(sorted(found.excluded.items()), 1):
        yield _claim(f"excluded-{n}", f"{item} is excluded: {reason}.", status="held")
    for n, (item, by) in enumerate(sorted(found.promoted.items()), 1):
        yield _claim(f"promoted-{n}", f"{item} is context only, promoted by {by}; no count rests on it.", status="held")


def shown_clusters(found: Analysis) -> list[Corroboration]:
    """The clusters whose corroboration the packet shows: the leading one, and those that are credible."""
    return [one for one in found.weighed if one is found.leading or one.credible]


def _rationale(found: Analysis) -> Iterator[Claim]:
    leading = found.leading
    if leading is None:
        yield _claim("none", "No access in the window is left unexplained by active cases: nothing to corroborate.")
    for n, one in enumerate(shown_clusters(found), 1):
        yield from _matrix(n, one)
    for n, alone in enumerate([c for c in found.clustering.clusters if any(s.alias for s in c.signals)], 1):
        names = ", ".join(s.id for s in alone.signals)
        yield _claim(
            f"alias-{n}", f"{names}: its identity is unproven, so it merges with nothing by operator.", status="held"
        )


def _matrix(n: int, one: Corroboration) -> Iterator[Claim]:
    who = ", ".join(sorted(one.cluster.operators)) or "no proven operator"
    yield _claim(f"c{n}", f"{one.cluster.id}: {len(one.cluster.signals)} signals around {who}.")
    for m, cell in enumerate(one.cells, 1):
        tier = 1 if cell.source in RANK_1 else 2
        source = f"{NAMES[cell.source]} (rank {tier}) {_stand(cell.stand)}"
        text = f"{PROPOSITIONS[cell.proposition].capitalize()}: {source}: {cell.why}."
        yield _claim(f"c{n}-m{m}", text, cell.citations, "unverified" if cell.stand == "unproven" else None)
    for m, text in enumerate(one.coincidence, 1):
        yield _claim(f"c{n}-chance-{m}", f"Coincidence: {text}.")
    if not one.coincidence:
        yield _claim(f"c{n}-chance", "Coincidence: nothing in the record speaks for it; it is not disproved either.")


def _stand(stand: str) -> str:
    return {"supports": "carries it", "contradicts": "speaks against it", "unproven": "proves nothing yet"}[stand]


def _lineage(found: Analysis) -> Iterator[Claim]:
    leading = found.leading
    for n, merge in enumerate(leading.cluster.merges if leading is not None else (), 1):
        left, right = merge.left.partition(":")[2], merge.right.partition(":")[2]
        yield _claim(f"m{n}", f"{left} and {right} are one cluster: {merge.reason} ({merge.shared}).")
    worth = {
        "same": "enough by the rule: one with it",
        "weak": "weak: a reviewer decides",
        "none": "nothing that merges",
    }
    known = {one.prior.id: one for one in found.overlaps}
    for n, prior in enumerate(found.lineage.clusters, 1):
        what = "existing critical case" if prior.critical else "prior cluster"
        merged = {True: "merged", False: "not merged", None: "merge state not said"}[prior.merged]
        why = f" ({prior.why_not})" if prior.why_not else ""
        grown = f", with the clusters {', '.join(prior.grown_from)}" if prior.grown_from else ""
        text = f"{prior.id}, {what} of {prior.packet}{grown}: {merged} there{why}."
        one = known.get(prior.id)
        if one is not None:
            text += f" Shared now: {'; '.join(one.shared) or 'nothing'}; {worth[one.strength]}."
        yield _claim(f"p{n}", text, prior.citations)
    for n, (told, cited) in enumerate(found.lineage.deltas, 1):
        yield _claim(f"d{n}", f"Delta on record: {told}.", [cited])
    for n, asked in enumerate([a for a in found.asked if a.act == "split"], 1):
        yield _claim(f"split-{n}", f"{asked.by} split {', '.join(asked.names)} from the rest.", status="held")


def _snapshots(found: Analysis) -> Iterator[Claim]:
    for tenant, state in sorted(found.captured.snapshots.tenants.items()):
        marks = [*(["regulated"] if state.regulated else []), *(["sovereign"] if state.sovereign else [])]
        at = _at(state.captured_at) if state.captured_at else "an unknown time"
        stale = "; too old for the window: authorisation claims stay unproven" if state.stale else ""
        text = f"{tenant} ({', '.join(marks) or 'not regulated'}): entitlements captured at {at}{stale}."
        yield _claim(f"e-{tenant}", text, state.citations, "unverified" if state.stale else None)
    for kind, title in (("roles", "Support roles"), ("cases", "Restricted cases")):
        told = found.captured.captured.get(kind)
        if told is not None:
            yield _claim(kind, f"{title}: captured at {_at(told[0])}.", [told[1]] if told[1] else [])
    leading = found.leading
    for name in sorted(leading.cluster.cases if leading is not None else ()):
        case = found.captured.snapshots.cases.get(name)
        if case is not None:
            ended = f", closed at {_at(case.closed_at)}" if case.closed_at else ""
            yield _claim(f"case-{name}", f"{name} of {case.tenant}{ended}.", case.citations)


def _severity(view: CaseView, found: Analysis) -> Iterator[Claim]:
    leading = found.leading
    if leading is None:
        yield _claim("severity", "Watch: no credible single case.")
        return
    cells = [c for signal, _ in leading.unexplained for c in signal.citations[:2]]
    credible = "one credible case" if leading.credible else "no credible single case yet"
    sources = ", ".join(NAMES[name] for name in leading.agreeing) or "none"
    kinds = ", ".join(NAMES[name] for name in leading.further) or "none"
    yield _claim(
        "credible", f"Rank 1 sources that agree: {sources}. Further kinds: {kinds}. Result: {credible}.", cells
    )
    met = "met" if leading.critical else "not met"
    regulated = ", ".join(leading.regulated) or "none"
    odd = "; ".join(f"{one.id} ({why})" for one, why in leading.unexplained)
    yield _claim("threshold", f"Routing threshold {met}: regulated tenants {regulated}; unexplained: {odd}.", cells)
    yield _claim("framing", "This frames urgency for review. Whether anything was malicious is not decided here.")


def _uncertainty(found: Analysis) -> Iterator[Claim]:
    for tenant, state in sorted(found.captured.snapshots.tenants.items()):
        if state.stale:
            yield _claim(
                f"u-{tenant}",
                f"Who was authorised for {tenant} in the window is unproven: stale snapshot.",
                state.citations,
            )
    for alias in sorted({one.operator for one in found.aliases}):
        cells = [c for one in found.aliases if one.operator == alias for c in one.citations[:1]]
        yield _claim(f"u-{alias}", f"The alias {alias} is not resolved; whose sessions these are is unproven.", cells)
    for one in found.feeds.delayed:
        yield _claim(
            f"u-{one.id}", f"{one.id}: the replay has not arrived; the alert carries nothing yet.", one.citations
        )
    for n, (item, name, cells) in enumerate(found.unsealed, 1):
        yield _claim(f"u-recording-{n}", f"{item}: {name}: no checksum, so the recording is no evidence.", cells)
    for n, (told, cited) in enumerate(found.lineage.uncertain, 1):
        yield _claim(f"u-prior-{n}", f"Open since an earlier packet: {told}.", [cited])


def _routing(view: CaseView, found: Analysis) -> Iterator[Claim]:
    yield _claim(
        "lane", f"Lane: {view.scenario.lane.id}, restricted. The hard stop is there: nothing follows from here."
    )
    checks = len(found.leading.cells) if found.leading is not None else 0
    log = (
        f"{len(found.clustering.clusters)} clusters of {sum(len(c.signals) for c in found.clustering.clusters)} signals"
    )
    yield _claim("log", f"Triage: {log} weighed, {checks} checks on the leading one; policy {view.policy_version}.")
    yield _claim(
        "confirmation",
        "Routing needs the confirmation of the support trust reviewer for exactly this content.",
        status="held",
    )
