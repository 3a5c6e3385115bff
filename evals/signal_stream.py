"""A stream of support-side signals with known truth, and what the clustering makes of it.

    python -m evals.signal_stream --signals 100000 --seed 7

Ten bursts of misuse stand among the daily work of support: sessions with active cases, matched exports, near misses,
redactions, customers' reports. Coincidences are planted: unexplained access to one tenant only, two operators in two
tenants in the same minutes, an entitled operator whose case is missing. A fifth of the signals comes twice, one in
twenty comes late, and one pause in two hundred between two jobs of an operator is shorter than the gap of the rule.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from time import perf_counter
from typing import Any

from agents.signal_cluster import Clustering, RawSignal, cluster
from agents.signal_matrix import Bar, CaseState, ChainState, Snapshots, TenantState, corroborate

GAP, SKEW = timedelta(minutes=45), timedelta(seconds=120)
BAR = Bar(sources=2, kinds=1, regulated=2, unmatched=1)
_START = datetime(2026, 1, 5, tzinfo=UTC)
_MISUSE, _COINCIDENCES = 10, 40


@dataclass(slots=True)
class Stream:
    """What was generated. `truth` maps a signal to its burst; `misuse` are the bursts that have to be routed."""

    signals: list[RawSignal] = field(default_factory=list)
    truth: dict[str, str] = field(default_factory=dict)
    misuse: set[str] = field(default_factory=set)
    coincidences: set[str] = field(default_factory=set)
    tenants: dict[str, TenantState] = field(default_factory=dict)
    cases: dict[str, CaseState] = field(default_factory=dict)
    chains: dict[str, ChainState] = field(default_factory=dict)

    @property
    def snapshots(self) -> Snapshots:
        """The snapshots of its time."""
        return Snapshots(self.tenants, self.cases, self.chains)

    def add(self, burst: str, one: RawSignal) -> None:
        """Add a signal of a burst."""
        self.signals.append(one)
        self.truth[one.ref] = burst


@dataclass(frozen=True, slots=True)
class Score:
    """What was measured. Precision and recall count pairs of signals that are in one cluster."""

    signals: int
    clusters: int
    routed: int
    misuse_found: int
    coincidences_routed: int
    precision: float
    recall: float
    seconds: float


@dataclass(slots=True)
class _Maker:
    random: Random
    stream: Stream
    number: int = 0

    def burst(self, operator: str, at: datetime, tenants: Sequence[str], *, explained: bool, full: bool) -> str:
        """One job of an operator: a session in each tenant, an export, and what other feeds saw of it."""
        self.number += 1
        name = f"B{self.number}"
        for n, tenant in enumerate(tenants):
            case = f"RC-{self.number}-{n}" if explained else ""
            if explained:
                state = CaseState(tenant, at - timedelta(days=1), None, False, frozenset({operator}))
                self.stream.cases[case] = state
            at = self._session(name, operator, at, tenant, case, full=full) + timedelta(minutes=3)
        return name

    def _session(self, burst: str, operator: str, at: datetime, tenant: str, case: str, *, full: bool) -> datetime:
        chance, stream = self.random, self.stream
        n = len(stream.signals)
        session, export = f"CS-{n}", f"DX-{n}"
        ends = at + timedelta(minutes=chance.randint(6, 25))
        cases = frozenset({case} if case else ())
        stream.chains[session] = ChainState(operator, continuous=True, trusted_device=True)
        exported = full or chance.random() < 0.5
        exports = frozenset({export}) if exported else frozenset()
        blank = RawSignal("", "", "", at, operator=operator, tenant=tenant)

        def put(feed: str, kind: str, name: str, when: datetime, **told: Any) -> None:
            stream.add(burst, replace(blank, feed=feed, kind=kind, id=name, at=when, **told))

        put("console", "console", session, at, until=ends, session=session, exports=exports, cases=cases)
        if exported:
            put("export", "export", export, at + (ends - at) / 3, exports=exports, cases=cases)
        if full or chance.random() < 0.4:
            put("dlp", "dlp", f"DLP-{n}", at + (ends - at) / 2, exports=exports)
        if full or chance.random() < 0.2:
            put("notes", "redaction", f"NR-{n}", at + (ends - at) * 2 / 3, cases=cases)
        if full or chance.random() < 0.05:
            text = f"entries {n} of our activity page"
            put("desk", "customer", f"TD-{n}", at, until=ends, operator="", text=text)
        return ends


def generate(signals: int, seed: int) -> Stream:
    """A stream of about that many different signals. The same seed, the same stream."""
    made = _Maker(Random(seed), Stream())  # noqa: S311  no secret rests on it
    chance, stream = made.random, made.stream
    operators = [f"op-{n}" for n in range(max(60, signals // 120))]
    names = [f"tn-{n}" for n in range(max(120, signals // 40))]
    stream.tenants = {name: TenantState(regulated=n % 3 > 0) for n, name in enumerate(names)}
    regulated = [name for name, state in stream.tenants.items() if state.regulated]
    free = dict.fromkeys(operators, _START)
    due = _Due(made, free, regulated)
    while len(stream.signals) < signals:
        operator = min(chance.sample(operators, 4), key=free.__getitem__)
        at = due.next_start(operator)
        tenants = chance.sample(names, 1 if chance.random() < 0.8 else 2)
        made.burst(operator, at, tenants, explained=True, full=False)
        free[operator] = max(one.ends for one in stream.signals[-6:])
        due.plant(len(stream.signals) / signals)
    due.plant(1.0)
    return stream


@dataclass(slots=True)
class _Due:
    """Bursts of misuse and coincidences, spread evenly over the stream, by operators who are free."""

    made: _Maker
    free: dict[str, datetime]
    regulated: list[str]
    misuse: int = 0
    coincidences: int = 0

    def next_start(self, operator: str) -> datetime:
        """When an operator starts the next job: hours later, rarely within the gap."""
        chance = self.made.random
        pause = chance.randint(5, 40) if chance.random() < 0.005 else chance.randint(50, 600)
        return self.free[operator] + timedelta(minutes=pause)

    def plant(self, share: float) -> None:
        """Plant what is due at this share of the stream."""
        while self.misuse < round(share * _MISUSE):
            self.misuse += 1
            tenants = self.made.random.sample(self.regulated, 2)
            self.made.stream.misuse.add(self._burst(tenants, full=True))
        while self.coincidences < round(share * _COINCIDENCES):
            self.coincidences += 1
            self.made.stream.coincidences |= self._coincidence(self.coincidences % 3)

    def _coincidence(self, kind: int) -> set[str]:
        one, other = self.made.random.sample(self.regulated, 2)
        if kind == 0:  # unexplained, but one tenant
            return {self._burst([one], full=True)}
        if kind == 1:  # two operators, two tenants, the same minutes
            return {self._burst([one], full=True), self._burst([other], full=True)}
        stream = self.made.stream  # everything looks alike, and every access has its case
        operator = self.made.random.choice(list(self.free))
        name = self.made.burst(operator, self._pause(operator), [one, other], explained=True, full=True)
        self.free[operator] = max(s.ends for s in stream.signals[-12:])
        return {name}

    def _burst(self, tenants: Sequence[str], *, full: bool) -> str:
        operator = self.made.random.choice(list(self.free))
        name = self.made.burst(operator, self._pause(operator), tenants, explained=False, full=full)
        self.free[operator] = max(s.ends for s in self.made.stream.signals[-12:])
        return name

    def _pause(self, operator: str) -> datetime:
        return self.free[operator] + timedelta(minutes=self.made.random.randint(50, 600))


def delivered(stream: Stream, seed: int, *, twice: float = 0.2, late: float = 0.05) -> list[RawSignal]:
    """The signals as they arrive: some twice, some late, the rest nearly in order of time."""
    chance = Random(seed)  # noqa: S311  no secret rests on it
    arrivals = [(one.at, n, one) for n, one in enumerate(stream.signals)]
    arrivals += [(one.at, -n, replace(one)) for _, n, one in arrivals if chance.random() < twice]
    moved = [
        (at + timedelta(hours=chance.randint(1, 72)) if chance.random() < late else at, n, one)
        for at, n, one in arrivals
    ]
    return [one for _, _, one in sorted(moved, key=lambda arrival: arrival[:2])]


def measure(stream: Stream, arrivals: Sequence[RawSignal]) -> Score:
    """Cluster, weigh every cluster, and compare with the truth."""
    started = perf_counter()
    found = cluster(arrivals, gap=GAP, skew=SKEW)
    return judge(stream, found, perf_counter() - started)


def judge(stream: Stream, found: Clustering, seconds: float) -> Score:
    """Weigh every cluster, and compare with the truth. `seconds` is what the clustering took."""
    started = perf_counter()
    weighed = [corroborate(one, stream.snapshots, BAR) for one in found.clusters]
    seconds += perf_counter() - started
    routed = [Counter(stream.truth[s.ref] for s, _ in one.unexplained) for one in weighed if one.critical]
    hit = {burst for one in routed for burst in one}
    precision, recall = pairs(stream, found)
    return Score(
        signals=len(stream.signals),
        clusters=len(found.clusters),
        routed=len(routed),
        misuse_found=len(hit & stream.misuse),
        coincidences_routed=sum(not set(one) & stream.misuse for one in routed),
        precision=precision,
        recall=recall,
        seconds=seconds,
    )


def passes(stream: Stream, score: Score) -> bool:
    """Whether the aims are met: all misuse, no coincidence, and clusters that are those of the truth."""
    good = score.misuse_found == len(stream.misuse) and not score.coincidences_routed
    return good and min(score.precision, score.recall) >= 0.99


def pairs(stream: Stream, found: Clustering) -> tuple[float, float]:
    """Precision and recall of pairs: of all that were put together, and of all that belong together."""
    both = Counter((stream.truth[s.ref], n) for n, one in enumerate(found.clusters) for s in one.signals)
    together = sum(n * (n - 1) // 2 for n in both.values())
    made = sum(len(one.signals) * (len(one.signals) - 1) // 2 for one in found.clusters)
    true = sum(n * (n - 1) // 2 for n in Counter(stream.truth.values()).values())
    return together / made if made else 1.0, together / true if true else 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was measured; 1 where the aims are missed."""
    parser = argparse.ArgumentParser(prog="python -m evals.signal_stream", description="Signals with known truth.")
    parser.add_argument("--signals", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args(arguments)
    stream = generate(given.signals, given.seed)
    score = measure(stream, delivered(stream, given.seed))
    shown = {name: getattr(score, name) for name in Score.__slots__}
    sys.stdout.write(json.dumps(shown, indent=1) + "\n")
    return 0 if passes(stream, score) else 1


if __name__ == "__main__":
    raise SystemExit(main())
