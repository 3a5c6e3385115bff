"""Clusters of raw signals that explain themselves: every merge is a record with its reason, and a person can split it.

Typed keys come first (session, export, operator with case), then one operator inside a time window, then a tenant with
an overlapping time, and text similarity last. The result is a function of the set of signals: the order in which they
came, and how often, changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from rapidfuzz import fuzz

from casefile.claims import Citation
from lineage.canonical import Json, digest

REASONS = ("session", "export", "operator and case", "operator in the window", "tenant and time", "similar text")
_SIMILAR = 92.0  # of 100, token set ratio: only wording, order and repetition differ


@dataclass(frozen=True, slots=True)
class RawSignal:
    """One signal of one feed. `feed` and `id` name it for good; times are UTC.

    `operator` is empty where nobody is named; with `alias` its identity is unproven, and it merges nothing.
    `proven` is False where the feed itself says that it is not final.
    """

    feed: str
    id: str
    kind: str
    at: datetime
    until: datetime | None = None
    operator: str = ""
    alias: bool = False
    tenant: str = ""
    session: str = ""
    exports: frozenset[str] = frozenset()
    cases: frozenset[str] = frozenset()
    text: str = ""
    proven: bool = True
    citations: tuple[Citation, ...] = field(default=(), compare=False)

    @property
    def ref(self) -> str:
        """Its name across feeds."""
        return f"{self.feed}:{self.id}"

    @property
    def ends(self) -> datetime:
        """When it was over."""
        return self.until or self.at


@dataclass(frozen=True, slots=True)
class Merge:
    """Why two signals are one cluster: the reason is one of `REASONS`, `shared` the value that they share."""

    reason: str
    left: str
    right: str
    shared: str


@dataclass(frozen=True, slots=True)
class Split:
    """A person took some signals out of a cluster: nothing joins them with others again."""

    signals: frozenset[str]
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """Signals that belong together, in order of time, and the merges that made them so."""

    signals: tuple[RawSignal, ...]
    merges: tuple[Merge, ...]

    @property
    def id(self) -> str:
        """A name that the content gives: the same signals, the same name."""
        return "SC-" + digest(list[Json](sorted(one.ref for one in self.signals))).removeprefix("sha256:")[:12]

    @property
    def operators(self) -> frozenset[str]:
        """The operators whose identity is proven."""
        return frozenset(one.operator for one in self.signals if one.operator and not one.alias)

    @property
    def tenants(self) -> frozenset[str]:
        """The tenants that its signals name."""
        return frozenset(one.tenant for one in self.signals if one.tenant)

    @property
    def exports(self) -> frozenset[str]:
        """The export ids that its signals name."""
        return frozenset().union(*(one.exports for one in self.signals))

    @property
    def cases(self) -> frozenset[str]:
        """The case ids that its signals name."""
        return frozenset().union(*(one.cases for one in self.signals))

    def of(self, *kinds: str) -> list[RawSignal]:
        """Its signals of some kinds."""
        return [one for one in self.signals if one.kind in kinds]


@dataclass(frozen=True, slots=True)
class Clustering:
    """What came out. `repeats` counts deliveries beyond the first; `unplaced` belong to more than one cluster.

    `typed` says which signals typed keys alone make one: a name of that part for each signal.
    """

    clusters: tuple[Cluster, ...]
    repeats: Mapping[str, int]
    unplaced: Mapping[str, tuple[str, ...]]
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """One hash over clusters, merges and counts."""
        content: list[Json] = [
            {
                "signals": list[Json](one.ref for one in cluster.signals),
                "merges": list[Json]([m.reason, m.left, m.right, m.shared] for m in cluster.merges),
            }
            for cluster in self.clusters
        ]
        return digest({"clusters": content, "unplaced": {k: list[Json](v) for k, v in self.unplaced.items()}})


def cluster(
    signals: Iterable[RawSignal],
    *,
    gap: timedelta,
    skew: timedelta,
    splits: Sequence[Split] = (),
    beside: Mapping[str, Sequence[RawSignal]] | None = None,
) -> Clustering:
    """Cluster the signals. `gap` is the longest pause between two signals of one operator that still belong together;
    `skew` widens a customer's times.

    `beside` are sessions of clusters that are not looked at, by the part that typed keys make of them: a report that
    they overlap as well belongs to more than one cluster.
    """
    unique, repeats = once(signals)
    edges = sorted(set(_typed(unique, gap, splits)), key=_order)
    ghosts = [one for part in (beside or {}).values() for one in part]
    parts = _Parts(one.ref for one in (*unique, *ghosts))
    for part in (beside or {}).values():
        for one in part[1:]:
            parts.join(part[0].ref, one.ref)
    taken = [edge for edge in edges if parts.join(edge.left, edge.right)]
    typed = {one.ref: parts.root(one.ref) for one in unique}
    loose, unplaced = _by_tenant_and_time(unique, [*unique, *ghosts], parts, skew, splits)
    taken += [edge for edge in loose if parts.join(edge.left, edge.right)]
    # Wording is the weakest reason: it joins reports that nothing else has placed, and never two clusters.
    placed = {parts.root(ref) for edge in taken for ref in (edge.left, edge.right)}
    loose_ones = [one for one in unique if parts.root(one.ref) not in placed and one.ref not in unplaced]
    alike = sorted(_similar(loose_ones, gap, splits), key=_order)
    taken += [edge for edge in alike if parts.join(edge.left, edge.right)]
    members: dict[str, list[RawSignal]] = defaultdict(list)
    for one in unique:
        members[parts.root(one.ref)].append(one)
    made: dict[str, list[Merge]] = defaultdict(list)
    for edge in taken:
        made[parts.root(edge.left)].append(edge)
    clusters = [Cluster(tuple(found), tuple(made[root])) for root, found in members.items()]
    return Clustering(
        tuple(sorted(clusters, key=lambda c: (c.signals[0].at, c.signals[0].ref))),
        repeats,
        dict(sorted(unplaced.items())),
        typed,
    )


def once(signals: Iterable[RawSignal]) -> tuple[list[RawSignal], dict[str, int]]:
    """Every signal once, in order of time, and how often each came again. The same name twice is the same signal;
    where its content differs, the earlier and then the smaller one stands, whichever came first."""
    found: dict[str, RawSignal] = {}
    count: dict[str, int] = defaultdict(int)
    for one in signals:
        count[one.ref] += 1
        before = found.get(one.ref)
        if before is None or (one != before and _content(one) < _content(before)):
            found[one.ref] = one
    ordered = sorted(found.values(), key=lambda one: (one.at, one.ref))
    return ordered, {ref: n - 1 for ref, n in sorted(count.items()) if n > 1}


def _content(one: RawSignal) -> tuple[datetime, str]:
    plain = replace(one, citations=(), exports=frozenset(), cases=frozenset())
    return one.at, repr((plain, sorted(one.exports), sorted(one.cases)))


def _order(edge: Merge) -> tuple[int, str, str, str]:
    return REASONS.index(edge.reason), edge.left, edge.right, edge.shared


def _side(one: RawSignal, splits: Sequence[Split]) -> tuple[bool, ...]:
    """On which side of each split a signal stands. Only signals of one side are ever compared."""
    return tuple(one.ref in split.signals for split in splits)


def _typed(signals: Sequence[RawSignal], gap: timedelta, splits: Sequence[Split]) -> Iterator[Merge]:
    groups: dict[tuple[str, str, tuple[bool, ...]], list[RawSignal]] = defaultdict(list)
    for one in signals:
        side = _side(one, splits)
        for reason, shared in typed_keys(one):
            groups[reason, shared, side].append(one)
    for (reason, shared, _), found in groups.items():
        # Beside the one that ended last and not beside the one before it: so a signal that comes between two others
        # later can only join clusters, and never part them.
        latest = found[0]
        for other in found[1:]:
            if reason == "session" or other.at - latest.ends <= gap:
                yield Merge(reason, latest.ref, other.ref, shared)
            latest = max(latest, other, key=lambda s: (s.ends, s.ref))


def typed_keys(one: RawSignal) -> Iterator[tuple[str, str]]:
    """The typed keys of a signal: the reason that each gives for a merge, and the value."""
    if one.session:
        yield "session", one.session
    for export in one.exports:
        yield "export", export
    if one.operator and not one.alias:
        yield "operator in the window", one.operator
        for case in one.cases:
            yield "operator and case", f"{one.operator} {case}"


def is_access(one: RawSignal) -> bool:
    """Whether it is access to a tenant, beside which a report may lie."""
    return bool(one.session and one.tenant)


def is_report(one: RawSignal) -> bool:
    """Whether only its tenant and time can place it."""
    return bool(one.tenant) and not one.operator and not one.session


def is_bare(one: RawSignal) -> bool:
    """Whether it is a report whose wording is all that is left to compare."""
    return is_report(one) and bool(one.text) and not (one.exports or one.cases)


def _by_tenant_and_time(
    signals: Sequence[RawSignal],
    around: Sequence[RawSignal],
    parts: _Parts,
    skew: timedelta,
    splits: Sequence[Split],
) -> tuple[list[Merge], dict[str, tuple[str, ...]]]:
    """Signals that name no operator, beside the access to the same tenant that they overlap: if it is one cluster."""
    access: dict[str, list[RawSignal]] = defaultdict(list)
    for one in around:
        if is_access(one):
            access[one.tenant].append(one)
    edges: list[Merge] = []
    unplaced: dict[str, tuple[str, ...]] = {}
    for one in signals:
        if not is_report(one):
            continue
        near = [s for s in access[one.tenant] if s.at - skew <= one.ends and one.at <= s.ends + skew]
        near = [s for s in near if _side(s, splits) == _side(one, splits)]
        found = [Merge("tenant and time", s.ref, one.ref, one.tenant) for s in near]
        roots = sorted({parts.root(edge.left) for edge in found})
        if len(roots) == 1:
            edges += found
        elif roots:
            unplaced[one.ref] = tuple(sorted(edge.left for edge in found))
    return sorted(edges, key=_order), unplaced


def _similar(signals: Sequence[RawSignal], gap: timedelta, splits: Sequence[Split]) -> Iterator[Merge]:
    """Reports without any typed key that say the same: of one tenant, of one kind, near in time."""
    groups: dict[tuple[str, str, tuple[bool, ...]], list[RawSignal]] = defaultdict(list)
    for one in signals:
        if is_bare(one):
            groups[one.tenant, one.kind, _side(one, splits)].append(one)
    for found in groups.values():
        for n, one in enumerate(found):
            for other in found[n + 1 :]:
                if other.at - one.ends > gap:
                    break
                score = fuzz.token_set_ratio(one.text, other.text, score_cutoff=_SIMILAR)
                if score:
                    yield Merge("similar text", one.ref, other.ref, f"{score:.0f} of 100")


class _Parts:
    """Disjoint sets. The smallest name of a set is its root, so that the order of joining leaves no trace."""

    def __init__(self, names: Iterable[str]) -> None:
        self._above = {name: name for name in names}

    def root(self, name: str) -> str:
        while self._above[name] != name:
            self._above[name] = self._above[self._above[name]]
            name = self._above[name]
        return name

    def join(self, left: str, right: str) -> bool:
        """Join two sets; False where they were one."""
        one, other = sorted((self.root(left), self.root(right)))
        self._above[other] = one
        return one != other
