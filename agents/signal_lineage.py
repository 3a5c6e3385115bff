"""The duplicate lineage agent: clusters of earlier packets, critical cases, and what an overlap is worth.

A prior cluster is inherited as it stood, merged or not. Whether it is one with the cluster of today is decided by what
both share: enough for the rule (a parameter), or weak, which a person decides, or nothing that counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from agents import signal_access
from agents.case_view import CaseView, Part
from agents.records import Cell
from agents.signal_access import Access
from agents.signal_cluster import Cluster
from agents.signal_rows import TENANT, Row, rows
from agents.signal_snapshots import Captured
from casefile.claims import Citation
from casefile.evidence import Evidence
from lineage.canonical import Json
from tools.readers import line_spans

AGENT: Final = "duplicate-lineage"
STEP: Final = "trace_lineage"
KEYS = ("operator", "export id", "case id", "session", "tenant pair", "tenant")
# Where critical cases stand: under such a key, sheet or title. Clusters of critical signals are none.
_CRITICAL = re.compile(r"^(?!.*critical (?:\w+ )?(?:clusters?|signals?)).*critical|existing[ _-]?case", re.IGNORECASE)
Strength = Literal["same", "weak", "none"]
_ID = re.compile(r"\b[A-Z][A-Z0-9]{0,7}-[A-Z0-9-]*\d[\w-]*\b")
_NO = re.compile(r"^(?:no|false|unmerged|not|separate|open|watch)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PriorCluster:
    """A cluster of an earlier packet, or a critical case that exists. `merged` None: the packet does not say."""

    id: str
    packet: str
    critical: bool
    operators: frozenset[str]
    tenants: frozenset[str]
    exports: frozenset[str]
    cases: frozenset[str]
    signals: frozenset[str]
    merged: bool | None
    why_not: str
    citations: tuple[Citation, ...] = field(default=(), compare=False)
    grown_from: tuple[str, ...] = ()
    """The clusters that it says it holds: their boundaries stay visible after a merge."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What a cluster of today shares with a prior one, by key, and how much that is worth."""

    prior: PriorCluster
    strength: Strength
    shared: tuple[str, ...]


@dataclass(slots=True)
class Lineage:
    """What earlier packets hand down. `packets` are their names in order; `first` and `second` say which are known."""

    packets: list[tuple[str, Citation | None]] = field(default_factory=list)
    latest: str = ""
    first: bool = False
    second: bool = False
    clusters: list[PriorCluster] = field(default_factory=list)
    uncertain: list[tuple[str, Citation]] = field(default_factory=list)
    deltas: list[tuple[str, Citation]] = field(default_factory=list)


def trace_lineage(view: CaseView) -> Part:
    """Read what earlier packets hand down: their clusters, merged or not, and the critical cases that exist."""
    found = lineage(view, view.part(signal_access.STEP, Access).captured)
    told: dict[str, Json] = {
        "packets": list[Json](sorted(item.id for item in view.prior)),
        "clusters": list[Json](sorted(one.id for one in found.clusters if not one.critical)),
        "critical_cases": list[Json](sorted(one.id for one in found.clusters if one.critical)),
        "uncertain": len(found.uncertain),
    }
    handed = [*view.prior, *view.of(*view.scenario.data.get("earlier", ()))]
    return Part(found, told, [item.id for item in handed])


def lineage(view: CaseView, captured: Captured) -> Lineage:
    """Read every earlier packet."""
    found = Lineage()
    words: Mapping[str, list[str]] = view.scenario.data["words"]
    for item in view.prior:
        found.latest = item.id
        text = " ".join(
            [item.id, item.file, *(s.text for s in view.readings(item.id).spans), *view.readings(item.id).lines]
        )
        found.first |= re.search(r"(?<![A-Za-z0-9])v(?:ersion )?1(?!\d)", text, re.IGNORECASE) is not None
        found.second |= re.search(r"(?<![A-Za-z0-9])v(?:ersion )?2(?!\d)", text, re.IGNORECASE) is not None
        before = len(found.clusters)
        for row in rows(view, item):
            _row(view, item, row, captured, found, words)
        if len(found.clusters) == before:
            found.clusters += _of_lines(view, item, captured)
    for item in view.of(*view.scenario.data.get("earlier", ())):
        for row in rows(view, item):
            _row(view, item, row, captured, found, words)
    unique: dict[str, PriorCluster] = {}
    for one in found.clusters:  # a later packet says how a cluster stands now
        unique[one.id] = one
    found.clusters = list(unique.values())
    return found


def _row(
    view: CaseView, item: Evidence, row: Row, captured: Captured, found: Lineage, words: Mapping[str, list[str]]
) -> None:
    packet = row.first(words["packet"])
    if packet is not None and packet.text.strip() not in [name for name, _ in found.packets]:
        found.packets.append((packet.text.strip(), view.cite(item, packet)))
    for label, cells in row.own.items():
        if "uncertain" in label or "blocker" in label or label == "open questions":
            found.uncertain += [(c.text.strip(), view.cite(item, c)) for c in cells if len(c.text.strip()) > 3]
        elif label.startswith("delta") or "delta" in label.split():
            found.deltas += [(c.text.strip(), view.cite(item, c)) for c in cells if c.text.strip()]
    about = re.search(r"cluster|critical[ _-]?case|existing[ _-]?case", row.path, re.IGNORECASE) is not None
    if about or row.first([*words["cluster"], *words["critical_case"]]):
        one = _cluster(view, item, row, captured, words)
        if one is not None:
            found.clusters.append(one)


def _cluster(
    view: CaseView, item: Evidence, row: Row, captured: Captured, words: Mapping[str, list[str]]
) -> PriorCluster | None:
    critical = _CRITICAL.search(row.path) is not None
    # A column may say so too. Of a row that is a cluster it tells where that was merged into.
    told = row.text_of(words["critical_case"])
    critical |= re.search(r"\d", told) is not None and row.first(words["cluster"]) is None
    # A critical case is named by its own id, also where it tells the cluster that it grew from.
    own = [*words["critical_case"], *words["row_id"], *words["case"], *words["cluster"]]
    cell = row.first(own if critical else [*words["cluster"], *words["row_id"]])
    if cell is None or " " in cell.text.strip():
        return None
    state = row.text_of([*words["state"], *words["merged"]])
    if critical and re.search(r"clos|resolved|dismiss", state, re.IGNORECASE):
        return None
    merged = row.first([*words["merged"], *([] if critical else words["state"])])
    signals = frozenset(v for v, _ in row.all(words["signals"]))
    operators = {captured.aliases.get(v, v) for v, _ in row.all([*words["operators"], *words["operator"]])}
    cells = [cell, row.first(words["operator"]), merged, row.first(words["why_not"])]
    ids, grown = _ids(row.text), row.all(words["grown_from"])
    return PriorCluster(
        id=cell.text.strip(),
        packet=item.id,
        critical=critical,
        operators=frozenset(operators),
        tenants=frozenset(TENANT.findall(row.text)) & view.packet.tenant_ids(),
        exports=frozenset(v for v, _ in row.all([*words["exports"], *words["export"]])) | ids,
        cases=frozenset(v for v, _ in row.all([*words["cases"], *words["case"]])) | ids,
        signals=signals | ids,
        merged=None if merged is None else _NO.match(merged.text.strip()) is None,
        why_not=row.text_of(words["why_not"]),
        citations=tuple(view.cite(item, c) for c in [*cells, *(c for _, c in grown)] if c is not None),
        grown_from=tuple(dict.fromkeys(value for value, _ in grown)),
    )


def _ids(text: str) -> frozenset[str]:
    return frozenset(_ID.findall(text))


def _of_lines(view: CaseView, item: Evidence, captured: Captured) -> Iterator[PriorCluster]:
    """Clusters that a written packet names, a line each."""
    reading = view.readings(item.id)
    for span in [*reading.spans, *line_spans(reading)]:
        told = _ID.findall(span.text)
        if not told or not re.search(r"cluster|critical case", span.text, re.IGNORECASE):
            continue
        names = [n for n in [*captured.operators, *captured.aliases] if re.search(rf"\b{re.escape(n)}\b", span.text)]
        apart = re.search(r"\bunmerged\b|\bnot merged\b|\bkept apart\b", span.text, re.IGNORECASE)
        merged = None if not apart and "merged" not in span.text.casefold() else apart is None
        yield PriorCluster(
            id=told[0],
            packet=item.id,
            critical=re.search(r"critical case", span.text, re.IGNORECASE) is not None,
            operators=frozenset(captured.aliases.get(name, name) for name in names),
            tenants=frozenset(TENANT.findall(span.text)) & view.packet.tenant_ids(),
            exports=frozenset(told[1:]),
            cases=frozenset(told[1:]),
            signals=frozenset(told[1:]),
            merged=merged,
            why_not="",
            citations=(view.cite(item, _cell(span.text, span.locator)),),
        )


def _cell(text: str, locator: str) -> Cell:
    return Cell(text.strip(), locator)


def overlap(found: Cluster, prior: PriorCluster, rule: str) -> Overlap:
    """What both share. Aliases whose owner is not known are no operator, and one tenant is no pair."""
    shared: dict[str, frozenset[str]] = {
        "operator": found.operators & prior.operators,
        "export id": found.exports & prior.exports,
        "case id": found.cases & prior.cases,
        "session": frozenset(one.session for one in found.signals if one.session) & prior.signals,
        "tenant pair": found.tenants & prior.tenants if len(found.tenants & prior.tenants) > 1 else frozenset(),
        "tenant": found.tenants & prior.tenants,
    }
    same = frozenset(one.id for one in found.signals) & prior.signals
    told = [f"{key} {', '.join(sorted(values))}" for key, values in shared.items() if values]
    told += [f"signal {', '.join(sorted(same))}"] if same else []
    counting = {key for key in ("operator", "export id", "case id", "tenant pair") if shared[key]}
    if same or enough(rule, {key for key, values in shared.items() if values}):
        return Overlap(prior, "same", tuple(told))
    return Overlap(prior, "weak" if counting else "none", tuple(told))


def enough(rule: str, shared: set[str]) -> bool:
    """Whether what is shared meets the rule: `same operator and same export id or case id`, `and` before `or`."""
    groups = re.split(r"\band\b", rule, flags=re.IGNORECASE)
    return all(any(key in shared for key in _named(group)) for group in groups)


def _named(group: str) -> Sequence[str]:
    parts = re.split(r"\bor\b|,", group, flags=re.IGNORECASE)
    plain = [re.sub(r"\b(?:the|same)\b", "", part, flags=re.IGNORECASE).strip().casefold() for part in parts]
    return [{"export": "export id", "case": "case id", "session id": "session"}.get(name, name) for name in plain]
