"""Corroboration: which independent sources carry which proposition about one cluster, and what chance would explain.

Two alerts of one feed are one source. A stale snapshot, an alias and a replay that is not final carry nothing, for or
against: they leave a cell unproven. How much is enough is a parameter of the scenario (`Bar`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from agents.signal_cluster import Cluster, RawSignal
from casefile.claims import Citation

CONSOLE, EXPORT, DLP, REDACTION, CUSTOMER = "console", "export", "dlp", "redaction", "customer"
SNAPSHOTS, CHAIN = "snapshots", "chain"
RANK_1 = (CONSOLE, EXPORT, SNAPSHOTS, CHAIN)
RANK_2 = (DLP, REDACTION, CUSTOMER)
PROPOSITIONS: Mapping[str, str] = {
    "reach": "one operator identity reached the tenants",
    "beyond": "the access went beyond what active cases and entitlements allow",
    "taken": "restricted material was staged, copied or masked",
    "seen": "the customer saw activity in the same interval",
}
Stand = Literal["supports", "contradicts", "unproven"]


@dataclass(frozen=True, slots=True)
class TenantState:
    """A tenant as the entitlement snapshot has it. `stale` says that it is too old to prove anything."""

    regulated: bool | None
    sovereign: bool = False
    operators: frozenset[str] = frozenset()
    captured_at: datetime | None = None
    stale: bool = False
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseState:
    """A case as the restricted roster has it."""

    tenant: str
    opened_at: datetime | None
    closed_at: datetime | None
    closed: bool
    engineers: frozenset[str] = frozenset()
    citations: tuple[Citation, ...] = ()

    def active_at(self, at: datetime) -> bool:
        """Whether it was active then."""
        if self.opened_at is not None and at < self.opened_at:
            return False
        return at < self.closed_at if self.closed_at is not None else not self.closed


@dataclass(frozen=True, slots=True)
class ChainState:
    """An identity-provider chain behind a console session."""

    subject: str
    continuous: bool
    trusted_device: bool
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshots:
    """What was captured for the window, by id."""

    tenants: Mapping[str, TenantState] = field(default_factory=dict)
    cases: Mapping[str, CaseState] = field(default_factory=dict)
    chains: Mapping[str, ChainState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one source says of one proposition."""

    proposition: str
    source: str
    stand: Stand
    why: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """How much is enough: the scenario's parameters as numbers."""

    sources: int
    kinds: int
    regulated: int
    unmatched: int


@dataclass(frozen=True, slots=True)
class Corroboration:
    """A cluster, weighed. `unexplained` are its sessions and exports that no active case explains, with the reason."""

    cluster: Cluster
    cells: tuple[Cell, ...]
    unexplained: tuple[tuple[RawSignal, str], ...]
    agreeing: tuple[str, ...]
    further: tuple[str, ...]
    regulated: tuple[str, ...]
    coincidence: tuple[str, ...]
    credible: bool
    critical: bool
    sparse: bool

    @property
    def points(self) -> tuple[int, int, int, int]:
        """How strongly it stands, for the order of clusters."""
        return int(self.critical), int(self.credible), len(self.agreeing) + len(self.further), len(self.regulated)


def corroborate(found: Cluster, snapshots: Snapshots, bar: Bar) -> Corroboration:
    """Weigh one cluster."""
    unexplained = tuple(
        (one, why)
        for one in found.of(CONSOLE, EXPORT)
        if not one.alias and one.operator and (why := not_explained(one, snapshots))
    )
    cells = tuple(_cells(found, snapshots, unexplained))
    beyond = {cell.source for cell in cells if cell.proposition == "beyond" and cell.stand == "supports"}
    tied = any(cell.source == CHAIN and cell.stand == "supports" for cell in cells)
    agreeing = tuple(s for s in RANK_1 if s in beyond or (s == CHAIN and tied and beyond))
    further = tuple(kind for kind in RANK_2 if any(c.source == kind and c.stand == "supports" for c in cells))
    # An export that is not needed as a ledger that agrees is a kind of signal of its own.
    kinds = len(further) + (EXPORT in agreeing and len(agreeing) - 1 >= bar.sources)
    touched = {one.tenant for one, _ in unexplained}
    regulated = tuple(sorted(t for t in touched if (s := snapshots.tenants.get(t)) is not None and s.regulated))
    credible = len(agreeing) >= bar.sources and kinds >= bar.kinds and bool(unexplained)
    wide = len(regulated) >= bar.regulated
    return Corroboration(
        cluster=found,
        cells=cells,
        unexplained=unexplained,
        agreeing=agreeing,
        further=further,
        regulated=regulated,
        coincidence=tuple(_coincidence(found, snapshots, unexplained)),
        credible=credible,
        critical=credible and wide and len(unexplained) >= bar.unmatched,
        sparse=not credible and wide and bool(unexplained),
    )


def not_explained(one: RawSignal, snapshots: Snapshots) -> str:
    """Why no active case explains a session or an export; nothing where one does."""
    if not one.cases:
        return "it names no case"
    reasons = []
    for name in sorted(one.cases):
        case = snapshots.cases.get(name)
        if case is None:
            reasons.append(f"{name} is not on the roster of the window")
        elif case.tenant and one.tenant and case.tenant != one.tenant:
            reasons.append(f"{name} is a case of another tenant")
        elif not case.active_at(one.at):
            reasons.append(f"{name} was not active then")
        elif case.engineers and one.operator not in case.engineers:
            reasons.append(f"{one.operator} is not among the engineers of {name}")
        else:
            return ""
    return "; ".join(reasons)


def _cells(found: Cluster, snapshots: Snapshots, unexplained: Sequence[tuple[RawSignal, str]]) -> Iterator[Cell]:
    sessions = [one for one in found.of(CONSOLE) if not one.alias]
    if sessions:
        tenants = sorted({one.tenant for one in sessions})
        why = f"{len(sessions)} sessions in {len(tenants)} tenants"
        yield Cell("reach", CONSOLE, "supports", why, _quotes(sessions))
    yield from _chain(sessions, snapshots)
    for kind, noun in ((CONSOLE, "sessions"), (EXPORT, "exports")):
        mine = [one for one in found.of(kind) if not one.alias]
        odd = [(one, why) for one, why in unexplained if one.kind == kind]
        if odd:
            why = "; ".join(f"{one.id}: {reason}" for one, reason in odd)
            yield Cell("beyond", kind, "supports", why, _quotes(one for one, _ in odd))
        elif mine:
            yield Cell(
                "beyond", kind, "contradicts", f"every one of {len(mine)} {noun} has an active case", _quotes(mine)
            )
    yield from _entitled(unexplained, snapshots)
    staged = found.of(EXPORT)
    if staged:
        why = f"{len(staged)} exports: {', '.join(one.id for one in staged)}"
        yield Cell("taken", EXPORT, "supports", why, _quotes(staged))
    for kind, proposition in ((DLP, "taken"), (REDACTION, "taken"), (CUSTOMER, "seen")):
        mine = found.of(kind)
        final = [one for one in mine if one.proven]
        if final:
            yield Cell(proposition, kind, "supports", ", ".join(one.id for one in final), _quotes(final))
        elif mine:
            yield Cell(proposition, kind, "unproven", f"{', '.join(o.id for o in mine)}: not final", _quotes(mine))


def _chain(sessions: Sequence[RawSignal], snapshots: Snapshots) -> Iterator[Cell]:
    told = [(one, snapshots.chains[one.session]) for one in sessions if one.session in snapshots.chains]
    if not told:
        return
    cited = tuple(c for _, chain in told for c in chain.citations[:2])
    odd = [one.session for one, chain in told if chain.subject != one.operator]
    weak = [one.session for one, chain in told if not (chain.continuous and chain.trusted_device)]
    if odd:
        yield Cell("reach", CHAIN, "contradicts", f"another subject stands behind {', '.join(odd)}", cited)
    elif weak:
        yield Cell(
            "reach", CHAIN, "unproven", f"the chain of {', '.join(weak)} is broken or its device unproven", cited
        )
    else:
        yield Cell("reach", CHAIN, "supports", f"one continuous chain behind {len(told)} sessions", cited)


def _entitled(unexplained: Sequence[tuple[RawSignal, str]], snapshots: Snapshots) -> Iterator[Cell]:
    """Entitlements and case roster, one row of the card: each tenant by the snapshot that is fresh for it."""
    against, unproven, allowed = [], [], []
    cited: list[Citation] = []
    for one, why in unexplained:
        state = snapshots.tenants.get(one.tenant)
        cases = [snapshots.cases[name] for name in sorted(one.cases) if name in snapshots.cases]
        if state is None or state.stale:
            unproven.append(one.tenant)
        elif one.operator in state.operators:
            allowed.append(one.tenant)
        else:
            against.append(f"{one.operator} is not entitled for {one.tenant}")
            cited += state.citations[:2]
        if cases:
            against.append(f"{one.id}: {why}")
            cited += [c for case in cases for c in case.citations[:2]]
    if against:
        yield Cell("beyond", SNAPSHOTS, "supports", "; ".join(dict.fromkeys(against)), tuple(dict.fromkeys(cited)))
    elif unproven:
        names = ", ".join(sorted(set(unproven)))
        yield Cell("beyond", SNAPSHOTS, "unproven", f"no fresh snapshot proves who was authorised for {names}")
    elif allowed:
        names = ", ".join(sorted(set(allowed)))
        yield Cell("beyond", SNAPSHOTS, "contradicts", f"the operator was entitled for {names}")


def _coincidence(found: Cluster, snapshots: Snapshots, unexplained: Sequence[tuple[RawSignal, str]]) -> Iterator[str]:
    """What would have to be true if this were coincidence."""
    if not unexplained:
        yield "every session and export of the cluster has an active case: coincidence is the simpler reading"
    for tenant in sorted({one.tenant for one, _ in unexplained}):
        state = snapshots.tenants.get(tenant)
        if state is None or state.stale:
            yield f"the operator may have been authorised for {tenant} after the snapshot: nothing fresh says otherwise"
        elif any(one.operator in state.operators for one, _ in unexplained if one.tenant == tenant):
            yield f"the operator was entitled for {tenant}: a case may only be missing from the record"
    loose = [m for m in found.merges if m.reason in ("tenant and time", "similar text")]
    for merge in loose:
        yield f"{merge.right.partition(':')[2]} shares only {merge.reason} with the rest"
    kinds = {one.kind for one, _ in unexplained}
    if len(kinds) == 1 and unexplained:
        yield f"only one kind of record ({kinds.pop()}) is unexplained"


def _quotes(signals: Iterable[RawSignal]) -> tuple[Citation, ...]:
    return tuple(c for one in signals for c in one.citations[:3])
