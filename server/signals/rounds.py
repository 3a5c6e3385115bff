"""One round of live clustering: the new signals, what they touch, and the rules of agents/signal_cluster.py over both.

What is loaded is closed: whole clusters, and every session that a loaded report lies beside. So the result is that of
clustering everything at once, whatever the order in which it came (tests/signals compares them).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.signal_cluster import (
    Cluster,
    Clustering,
    RawSignal,
    Split,
    cluster,
    is_access,
    is_bare,
    is_report,
    typed_keys,
)
from agents.signal_live import micros, restored
from lineage.canonical import Json
from runtime.signal_settings import StreamSettings
from runtime.store import signal_places as places
from runtime.store.database import Database
from runtime.store.signal_places import ClusterRow, Placed, Span, Standing, Written

AT_ONCE = 2_000
_LETTERS = {"session": "s", "export": "e", "operator in the window": "o", "operator and case": "c"}


@dataclass(slots=True)
class Rounds:
    """The clustering of one tenant's stream."""

    database: Database
    tenant: str
    settings: StreamSettings

    async def advance(self, again: Sequence[int] = ()) -> int:
        """Place what is new, and what stands in the clusters `again` anew. How many signals were new.

        Two processes that do this at once lose nothing: the round of one is written, and the other begins anew.
        """
        while True:
            seen, found = await self.database.looked(lambda c: self._look(c, again))
            if not found.new:
                return 0
            made = await asyncio.to_thread(found.result)
            if await self._written(seen, made):
                return sum(not one.number for one in found.new.values())

    async def _written(self, seen: Standing, made: Written) -> bool:
        return await self.database.together(lambda c: places.write(c, self.tenant, seen, made))

    async def _look(self, connection: AsyncConnection, again: Sequence[int]) -> tuple[Standing, Touched]:
        seen = await places.standing(connection, self.tenant)
        new = await places.fresh(connection, self.tenant, seen.placed, AT_ONCE)
        splits = [Split(members, by, reason) for members, by, reason in seen.splits]
        found = Touched(connection, self.tenant, self.settings, splits)
        found.placed = max((one.seq for one in new), default=seen.placed)
        if again:
            new += await places.members(connection, self.tenant, again)
            found.numbers |= set(again)
        await found.close(new)
        return seen, found


@dataclass(slots=True)
class Touched:
    """What a round looks at. `new` have no place, or lose it; `signals` is everything that is loaded."""

    connection: AsyncConnection
    tenant: str
    settings: StreamSettings
    splits: Sequence[Split]
    placed: int = 0
    new: dict[int, Placed] = field(default_factory=dict)
    held: dict[int, Placed] = field(default_factory=dict)
    signals: dict[int, RawSignal] = field(default_factory=dict)
    numbers: set[int] = field(default_factory=set)
    beside: dict[str, list[RawSignal]] = field(default_factory=dict)
    runs: dict[int, str] = field(default_factory=dict)

    async def close(self, new: Sequence[Placed]) -> None:
        """Load what the new signals touch, until nothing is left that could change."""
        self.new = {one.seq: one for one in new}
        if not new:
            return
        self._take(new)
        gap = self.settings.gap
        fresh = list(self.signals.values())
        spans = (span for one in fresh for span in _typed_spans(one, gap))
        frontier = [*fresh, *await self._load(await self._near(spans))]
        while frontier:
            reports = (span for one in frontier if is_access(one) for span in [self._around("r", one)])
            frontier = await self._load(await self._near(reports))
            if not frontier:
                frontier = await self._load(await self._beside() | await self._alike(fresh))
        self.runs = await places.runs_of(self.connection, self.tenant, self.numbers)

    def _take(self, given: Iterable[Placed]) -> list[RawSignal]:
        taken = []
        for one in given:
            if one.seq not in self.held:
                self.held[one.seq] = one
                self.signals[one.seq] = restored(one.parsed)
                taken.append(self.signals[one.seq])
        return taken

    async def _load(self, numbers: set[int]) -> list[RawSignal]:
        missing = numbers - self.numbers
        self.numbers |= missing
        return self._take(await places.members(self.connection, self.tenant, missing)) if missing else []

    async def _near(self, spans: Iterable[Span], *, bare: bool = False) -> set[int]:
        found = await places.near(self.connection, self.tenant, spans)
        return {number for number, _, state in found.values() if not bare or state == "bare"}

    def _around(self, letter: str, one: RawSignal) -> Span:
        skew = self.settings.skew
        return Span(f"{letter} {one.tenant}", micros(one.at - skew), micros(one.ends + skew))

    async def _beside(self) -> set[int]:
        """The sessions that reports lie beside; the clusters of those that a new report joins."""
        reports = {seq: one for seq, one in self.signals.items() if is_report(one)}
        near = await places.near(self.connection, self.tenant, [self._around("t", r) for r in reports.values()])
        ghosts = {seq: (number, part) for seq, (number, part, _) in near.items() if seq not in self.signals}
        lines = await places.parsed_of(self.connection, self.tenant, ghosts)
        told = {seq: restored(line) for seq, line in lines.items()}
        self.beside = {}
        for seq, (_, part) in sorted(ghosts.items()):
            self.beside.setdefault(str(part), []).append(told[seq])
        return set(self._joined([one for seq, one in reports.items() if seq in self.new], ghosts, told))

    def _joined(
        self, reports: Sequence[RawSignal], ghosts: dict[int, tuple[int, int]], told: dict[int, RawSignal]
    ) -> Iterator[int]:
        """The clusters that are not loaded, beside which alone a new report lies: it could join them."""
        by_tenant: dict[str, list[int]] = {}
        for seq in ghosts:
            by_tenant.setdefault(told[seq].tenant, []).append(seq)
        skew = self.settings.skew
        for one in reports:
            seqs = [s for s in by_tenant.get(one.tenant, ()) if _overlap(told[s], one, skew)]
            if len({ghosts[seq][1] for seq in seqs}) == 1 or (seqs and self.splits):
                yield from {ghosts[seq][0] for seq in seqs}

    async def _alike(self, fresh: Sequence[RawSignal]) -> set[int]:
        """The clusters of reports that only wording could join with a new one."""
        gap = self.settings.gap
        spans = [Span(_bare_key(one), micros(one.at - gap), micros(one.ends + gap)) for one in fresh if is_bare(one)]
        return await self._near(spans, bare=True)

    def result(self) -> Written:
        """The clusters of everything that is loaded, as rows."""
        refs = {one.ref: seq for seq, one in self.signals.items()}
        around = {one.ref for ghosts in self.beside.values() for one in ghosts}
        splits = [one for one in self.splits if not one.signals.isdisjoint(refs) or not one.signals.isdisjoint(around)]
        found = cluster(
            self.signals.values(), gap=self.settings.gap, skew=self.settings.skew, splits=splits, beside=self.beside
        )
        parts: dict[str, int] = {}
        for ref, root in found.typed.items():
            parts[root] = min(parts.get(root, refs[ref]), refs[ref])
        sizes: dict[int, int] = {}
        for placed in self.held.values():
            sizes[placed.number] = sizes.get(placed.number, 0) + 1
        made = Written(self.placed, [], [], [], {})
        made.keys = [key for seq, one in self.new.items() if not one.number for key in _keys(seq, self.signals[seq])]
        owner = dict[int, int]()
        for one in found.clusters:
            seqs = [refs[signal.ref] for signal in one.signals]
            owner |= dict.fromkeys(seqs, min(seqs))
        for one in found.clusters:
            seqs = [refs[signal.ref] for signal in one.signals]
            number = min(seqs)
            for seq, signal in zip(seqs, one.signals, strict=True):
                place = (seq, number, parts[found.typed[signal.ref]], _state(signal, one, found))
                held = self.held[seq]
                if (held.seq, held.number, held.part, held.state) != place:
                    made.places.append(place)
            if any(self.held[seq].number != number for seq in seqs) or sizes.get(number) != len(seqs):
                # A run goes on with the cluster that holds the first signal of the one that it was opened for.
                runs = [self.runs[n] for n in sorted(self.runs) if owner.get(n) == number]
                made.clusters.append(self._row(number, one, runs, found))
        made.gone = {n: owner[n] for n in self.numbers if n in owner and owner[n] != n}
        return made

    def _row(self, number: int, one: Cluster, runs: Sequence[str], found: Clustering) -> ClusterRow:
        kinds: dict[str, int] = {}
        for signal in one.signals:
            kinds[signal.kind] = kinds.get(signal.kind, 0) + 1
        bar = self.settings.opens_when
        tenants = one.tenants
        body: dict[str, Json] = {
            "id": one.id,
            "kinds": dict[str, Json](sorted(kinds.items())),
            "tenants": list[Json](sorted(tenants)),
            "operators": list[Json](sorted(one.operators)),
            "aliases": list[Json](sorted({s.operator for s in one.signals if s.alias})),
            "merges": [[m.reason, m.left, m.right, m.shared] for m in one.merges],
            "beside": len(found.unplaced.get(one.signals[0].ref, ())) if len(one.signals) == 1 else 0,
            "runs": list[Json](runs),
        }
        weight = min(len(kinds), 9) * 10_000_000 + min(len(tenants), 99) * 100_000 + min(len(one.signals), 99_999)
        return ClusterRow(
            number=number,
            first_at=micros(one.signals[0].at),
            last_at=micros(max(signal.ends for signal in one.signals)),
            size=len(one.signals),
            weight=weight,
            body=orjson.dumps(body).decode(),
            due=bool(runs) or (len(kinds) >= bar.kinds and len(tenants) >= bar.tenants),
            run=runs[0] if runs else None,
        )


def _state(signal: RawSignal, one: Cluster, found: Clustering) -> str:
    loose = all(merge.reason == "similar text" for merge in one.merges) and signal.ref not in found.unplaced
    return "bare" if is_bare(signal) and loose else ""


def _overlap(access: RawSignal, report: RawSignal, skew: timedelta) -> bool:
    return access.at - skew <= report.ends and report.at <= access.ends + skew


def _bare_key(one: RawSignal) -> str:
    return f"m {one.tenant} {one.kind}"


def _typed_spans(one: RawSignal, gap: timedelta) -> Iterator[Span]:
    for reason, shared in typed_keys(one):
        if reason == "session":
            yield Span(f"s {shared}")
        else:
            yield Span(f"{_LETTERS[reason]} {shared}", micros(one.at - gap), micros(one.ends + gap))


def _keys(seq: int, one: RawSignal) -> Iterator[tuple[str, int, int, int]]:
    """The keys under which a signal is found: that of its session whenever it was, the others near its time."""
    at, ends = micros(one.at), micros(one.ends)
    for reason, shared in typed_keys(one):
        name = f"{_LETTERS[reason]} {shared}"
        yield name if reason == "session" else places.under(name, at), at, seq, ends
    for letter, is_one in (("t", is_access(one)), ("r", is_report(one))):
        if is_one:
            yield places.under(f"{letter} {one.tenant}", at), at, seq, ends
    if is_bare(one):
        yield places.under(_bare_key(one), at), at, seq, ends
