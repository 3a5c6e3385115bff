"""The corroboration packet: fields, and sections in the order in which the card lists the contents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from agents.case_view import Assessment, CaseView
from agents.material import step
from agents.signal_analysis import Analysis
from agents.signal_packet_sections import AUTHOR, sections
from casefile.claims import Citation, FieldValue
from casefile.registers import ExceptionItem

_SURE = 97
_MOST = 8
__all__ = ["AUTHOR", "record"]


def record(view: CaseView, found: Analysis, done: Assessment) -> None:
    """Write the packet into the assessment."""
    _identity(view, found, done)
    _times(view, found, done)
    _cluster(view, found, done)
    for one in found.conflicts:
        done.findings.contradict(one.about, one.sides, one.rule, settled=one.settled, key=one.rule)
    _questions(view, found, done)
    done.findings.exceptions += _exceptions(found)
    done.sections = sections(view, found)


def _put(
    done: Assessment, name: str, title: str, value: str | list[str], cells: Iterable[Citation], raw: str = ""
) -> None:
    cited = list({(c.evidence, c.locator): c for c in cells}.values())[:_MOST]
    shown = value if isinstance(value, str) else ", ".join(value)
    changed = bool(raw) and raw != shown
    done.findings.fields[name] = FieldValue(
        title=title, value=value, raw=raw or shown, status="confirmed" if cited else "unverified",
        confidence=_SURE if cited else 0, citations=cited, origin="extracted" if cited else "defaulted",
        normalization=[step("utc", raw, shown)] if changed else [],
    )  # fmt: skip


def _computed(
    done: Assessment, name: str, title: str, value: str | list[str], note: str, cells: Sequence[Citation]
) -> None:
    done.findings.fields[name] = FieldValue(
        title=title, value=value, status="unverified", origin="defaulted", note=note, citations=list(cells)[:_MOST]
    )


def _identity(view: CaseView, found: Analysis, done: Assessment) -> None:
    spec = view.scenario.artifact
    _put(done, "packet_id", "Packet", spec.name, [])
    _put(done, "packet_revision", "Revision of the packet", spec.revision, [])
    names = [name for name, _ in found.lineage.packets]
    if names:
        cells = [cited for _, cited in found.lineage.packets if cited is not None]
        _put(done, "supersedes_packets", "Packets that it supersedes", names, cells)


def _times(view: CaseView, found: Analysis, done: Assessment) -> None:
    if found.window is not None:
        for name, title, at in (("start", "start", found.window.start), ("end", "end", found.window.end)):
            cited = found.window.citations[name]
            _put(done, f"evidence_window_{name}", f"Evidence window, {title}", stamp(at), [cited], cited.quote)
    for kind, (at, cited) in sorted(found.ingest.told.items()):
        title = f"{kind.capitalize()} ledger complete through"
        _put(done, f"{kind}_ingest_complete_through", title, stamp(at), [cited], cited.quote)
    for tenant, state in sorted(found.captured.snapshots.tenants.items()):
        if state.captured_at is not None:
            cells = [c for c in state.citations if stamp(state.captured_at)[:10] in c.quote]
            name = f"entitlement_captured_at_{tenant.replace('-', '_')}"
            raw = cells[0].quote if cells else ""
            _put(done, name, f"Entitlement snapshot of {tenant} captured at", stamp(state.captured_at), cells, raw)
    for kind, title in (("roles", "Support roles"), ("cases", "Restricted cases")):
        told = found.captured.captured.get(kind)
        if told is not None:
            at, quoted = told
            cells = [quoted] if quoted is not None else []
            name = {"roles": "support_role_roster", "cases": "restricted_case_roster"}[kind]
            _put(done, f"{name}_captured_at", f"{title} captured at", stamp(at), cells, quoted.quote if quoted else "")
    if found.reports.signals:
        report = min(found.reports.signals, key=lambda s: (s.at, s.ref))
        cells = list(report.citations)
        _put(
            done,
            "customer_reported_activity_from",
            "First time that the customer lists",
            stamp(report.at),
            cells[:1],
            cells[0].quote,
        )
        _put(
            done,
            "customer_reported_activity_until",
            "Last time that the customer lists",
            stamp(report.ends),
            cells[-1:],
            cells[-1].quote,
        )


def _cluster(view: CaseView, found: Analysis, done: Assessment) -> None:
    leading = found.leading
    if leading is None:
        _computed(done, "severity", "Severity framing", severity(found), "no unexplained access in the window", [])
        return
    one = leading.cluster
    cells = [c for signal in one.signals for c in signal.citations]
    sessions = sorted({s.session for s in one.of("console") if s.session})
    for name, title, values in (
        ("operator_identities", "Operator identities", sorted(one.operators)),
        ("implicated_tenants", "Tenants", sorted(one.tenants)),
        ("support_sessions", "Support sessions", sessions),
        ("export_ids", "Exports", sorted(one.exports)),
        ("case_ids", "Cases", sorted(one.cases)),
    ):
        quoted = {c.quote.strip(): c for c in reversed(cells)}
        mine = [quoted[value] for value in values if value in quoted]
        if values:  # confirmed only where every one of them stands in the evidence letter for letter
            _put(done, name, title, values, mine if len(mine) == len(values) else [])
    odd = [signal for signal, _ in leading.unexplained]
    exports = [signal.id for signal in odd if signal.kind == "export"]
    if exports:
        mine = [c for s in odd if s.kind == "export" for c in s.citations[:3]]
        _put(done, "unmatched_exports", "Exports that no active case explains", exports, mine)
    carried = [c for cell in leading.cells if cell.stand == "supports" for c in cell.citations[:2]]
    agreeing, further = list(leading.agreeing), list(leading.further)
    _computed(done, "agreeing_rank_1_sources", "Rank 1 sources that agree", agreeing, _bar(view, "credible"), carried)
    _computed(done, "further_signal_kinds", "Further kinds of signals", further, _bar(view, "credible"), carried)
    _computed(
        done, "credible_case", "One credible case", "yes" if leading.credible else "no", _bar(view, "credible"), carried
    )
    met = "met" if leading.critical else "not met"
    _computed(done, "critical_routing_threshold", "Critical routing threshold", met, _bar(view, "critical"), carried)
    _computed(done, "severity", "Severity framing", severity(found), "a framing for triage; no verdict", carried)
    inherited = [o.prior for o in found.overlaps if o.strength == "same" or o.prior.merged]
    if inherited:
        _put(
            done,
            "inherited_clusters",
            "Clusters inherited",
            [p.id for p in inherited],
            [p.citations[0] for p in inherited],
        )


def _bar(view: CaseView, which: str) -> str:
    names = {"credible": "independent_sources_for_credible_case", "critical": "critical_routing_threshold"}
    told = ", ".join(f"{key} {value}" for key, value in view.parameters[names[which]].items())
    return f"by the parameter {names[which]}: at least {told}"


def severity(found: Analysis) -> str:
    """The framing: how urgent the packet is, never what the activity was."""
    leading = found.leading
    if leading is None:
        return "watch"
    return "critical" if leading.critical else "elevated" if leading.credible else "watch"


def _questions(view: CaseView, found: Analysis, done: Assessment) -> None:
    owner = view.scenario.data["reviewers"][0]
    for alias in sorted({one.operator for one in found.aliases}):
        done.findings.ask(alias, f"Whose identity is {alias}? No roster of the window resolves it.", owner)
    for ref, near in found.clustering.unplaced.items():
        names = ", ".join(name.partition(":")[2] for name in near)
        done.findings.ask(ref, f"{ref.partition(':')[2]} overlaps {names}: to which of them does it belong?", owner)
    for one in found.asked:
        if one.act == "merge":
            text = f"{one.by} proposes to merge {', '.join(one.names)}: is there more than the same time of day?"
            done.findings.ask(f"merge {', '.join(one.names)}", text, owner)
    if len([one for one in found.cases if one.critical]) > 1:
        done.findings.ask(
            "cases", "More than one cluster is a critical case of its own: which one does v3 speak of?", owner
        )
    for item in found.reports.silent:
        done.findings.ask(item, f"{item}: which tenant and which times does the report speak of?", owner)
    for told, cited in found.lineage.uncertain:
        done.findings.ask(
            f"{cited.evidence} {cited.locator}", f"Open since an earlier packet: {told}", owner, "inherited"
        )
    for item, places in {**found.feeds.undated, **found.reports.unread}.items():
        text = f"{item}: the time at {places[0]} names no date or zone that can be read ({len(places)} in all)"
        done.findings.ask(f"times of {item}", text, owner)


def _exceptions(found: Analysis) -> Iterator[ExceptionItem]:
    def item(kind: str, about: str, reason: str, count: int | None = None) -> ExceptionItem:
        return ExceptionItem(key=f"{kind}:{about}", kind=kind, about=about, reason=reason, count=count, state="noted")

    for name, reason in sorted(found.excluded.items()):
        text = f"{name}: excluded, awaits explicit promotion by a reviewer ({reason})"
        yield item("excluded_source", name, text)
    for name, by in sorted(found.promoted.items()):
        yield item("promoted_source", name, f"{name}: excluded by the card, promoted as context by {by}")
    for (system, ref), count in sorted(found.feeds.repeated.items()):
        text = f"{ref} of {system} was delivered {count + 1} times; it counts once"
        yield item("duplicate", ref, text, count)
    for name, count in sorted(found.feeds.routine.items()):
        yield item("routine", name, f"{name}: {count} routine events are no severe signals", count)
    for name, count in sorted(found.feeds.unlisted.items()):
        yield item("unlisted_tenant", name, f"{name}: {count} rows of tenants that the case does not list", count)
    for alias, operator in sorted(found.feeds.resolved.items()):
        yield item("alias", alias, f"{alias} is {operator} by the role roster of the window")


def stamp(at: datetime) -> str:
    """A time as the packet states it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
