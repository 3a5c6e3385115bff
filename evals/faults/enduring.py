"""Many runs on one store while something keeps going wrong: random kills, restarts of the database, a full disk, clocks
that jump, two workers that want the same run. At the end every run is judged like a run that was killed once.
"""

from __future__ import annotations

import math
import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from evals.faults import invariants
from evals.faults.invariants import Found
from evals.faults.reading import Seen, look
from evals.faults.stores import Cluster
from evals.faults.workflows import Bench, Undisturbed, Workflow, bench, copied
from evals.faults.working import Job, ended, start
from runtime.errors import InputError

HOUR = 3600.0
JUMPS = (HOUR, -HOUR, 24 * HOUR, -24 * HOUR, 366 * 24 * HOUR, -366 * 24 * HOUR)
_MOST_STARTS = 40
"""How many starts a packet may need on average before the runner says that nothing goes on."""


@dataclass(slots=True)
class Load:
    """The packets at work, what each should come to, and how long an undisturbed one takes."""

    where: Bench
    job: Job
    whole: Mapping[str, Undisturbed]
    passes: int
    seconds: float
    chance: random.Random
    players: int = 1


@dataclass(slots=True)
class Endured:
    """What came of it. `turns` stand in the store; `disturbed` counts what was done to the workers or the database."""

    found: Found = field(default_factory=Found)
    turns: int = 0
    runs: int = 0
    effects: int = 0
    disturbed: int = 0
    starts: int = 0

    @property
    def holds(self) -> bool:
        """Whether every promise was kept."""
        return not self.found.lines


Disturbance = Callable[[Load, int], tuple[int, bool]]
"""One life of a worker, the n-th: its exit code, and whether it was disturbed."""


def killed(load: Load, _n: int) -> tuple[int, bool]:
    """Dies at a random pass of a random point, or at a random moment."""
    if load.chance.random() < 0.5:
        strike = f"*:{load.chance.randrange(1, 2 * load.passes)}"
        code = ended(start(replace(load.job, strike=strike)))
        return code, code != 0
    process = start(load.job)
    process.join(load.chance.uniform(0.05, 2 * load.seconds))
    if process.exitcode is None:
        process.kill()
        ended(process)
        return -signal.SIGKILL, True
    return ended(process), False


def database_restarted(load: Load, _n: int) -> tuple[int, bool]:
    """The database crashes at a random moment, and comes back. The worker may end of it, and is started again."""
    cluster = load.where.stores
    if not isinstance(cluster, Cluster):
        raise InputError("evals.faults", "database", "only PostgreSQL can be restarted; SQLite is part of the worker")
    process = start(load.job)
    process.join(load.chance.uniform(0.05, 2 * load.seconds))
    if process.exitcode is not None:
        return ended(process), False
    cluster.stop()
    cluster.start()
    return ended(process), True


def disk_full(load: Load, n: int) -> tuple[int, bool]:
    """No file can grow beyond what it has and a little more; every third worker finds room again."""
    if n % 3 == 2:
        return killed(load, n)
    size = max((path.stat().st_size for path in _files(load.job)), default=0)
    limited = replace(load.job, file_limit=size + load.chance.randrange(1, 64) * 4096)
    code = ended(start(limited))
    return code, code != 0


def clock_jumped(load: Load, n: int) -> tuple[int, bool]:
    """Its clock is off by an hour, a day, a year, forwards or backwards; and it dies. Every third is right."""
    if n % 3 == 2:
        return ended(start(load.job)), False
    jumped = replace(load, job=replace(load.job, clock=JUMPS[load.chance.randrange(len(JUMPS))]))
    code, _ = killed(jumped, n)
    # Also one that came to its end did so at another time, and leaves the rest to the next.
    return code or -signal.SIGKILL, True


def two_workers(load: Load, _n: int) -> tuple[int, bool]:
    """Two at once on the same runs; one stands still in the middle while its lease lapses for the other."""
    patient = replace(load.job, patience=60.0)
    first = start(patient)
    time.sleep(load.chance.uniform(0.05, load.seconds))
    # To the second the lease of the first ended long ago: it takes the run while the first one lives.
    second = start(replace(patient, clock=HOUR))
    if first.exitcode is None and first.pid is not None:
        os.kill(first.pid, signal.SIGSTOP)
        second.join(load.chance.uniform(0.1, 2 * load.seconds))
        os.kill(first.pid, signal.SIGCONT)
    codes = ended(first), ended(second)
    return next((code for code in codes if code), 0), True


DISTURBANCES: Mapping[str, Disturbance] = {
    "random": killed,
    "database": database_restarted,
    "disk": disk_full,
    "clocks": clock_jumped,
    "leases": two_workers,
}


def endure(
    flows: Sequence[Workflow],
    backend: str,
    kind: str,
    turns: int,
    *,
    at_once: int = 4,
    progress: Callable[[Endured], None] = lambda _so_far: None,
) -> Endured:
    """Play until at least so many turns stand, `at_once` packets in each store, disturbed all the way."""
    total = Endured()
    chance = random.Random(f"{kind} {backend}")  # noqa: S311  the same disturbances each time
    with bench(backend) as where:
        whole, seconds = _undisturbed(where, flows)
        for n, packets in enumerate(_batches(where, flows, whole, turns, at_once)):
            job = where.job(f"load{n}", packets)
            passes = sum(len(one.passed) for one in whole.values()) // len(whole)
            load = Load(where, job, whole, passes, seconds, chance, 2 if kind == "leases" else 1)
            _batch(load, DISTURBANCES[kind], total)
            where.drop(job)
            progress(total)
    return total


def _undisturbed(where: Bench, flows: Sequence[Workflow]) -> tuple[dict[str, Undisturbed], float]:
    whole, began = {}, time.perf_counter()
    for one in flows:
        packet = copied(one.packet, where.folder, f"{one.name}-0")
        whole[one.name] = where.undisturbed(packet, f"whole-{one.name}")
    return whole, (time.perf_counter() - began) / len(flows)


def _batches(
    where: Bench, flows: Sequence[Workflow], whole: Mapping[str, Undisturbed], turns: int, at_once: int
) -> Iterator[list[Path]]:
    each = sum(len(one.seen.turns) for one in whole.values()) / len(whole)
    count = math.ceil(turns / each)
    for begin in range(0, count, at_once):
        numbers = range(begin, min(begin + at_once, count))
        yield [
            copied(flows[n % len(flows)].packet, where.folder, f"{flows[n % len(flows)].name}-{n + 1}") for n in numbers
        ]


def _batch(load: Load, disturb: Disturbance, total: Endured) -> None:
    """The lives of workers until the packets of one store are done, and what stands then."""
    for n in range(_MOST_STARTS * len(load.job.packets)):
        before = look(load.job.url)
        code, disturbed = disturb(load, n)
        total.starts += 1
        total.disturbed += disturbed
        total.found.turns += invariants.grown(before, look(load.job.url))
        if code == 0:
            break
    else:
        total.found.turns.append("expected the work to be done at last; it never was")
    if ended(start(load.job)):
        total.found.turns.append("expected a worker that nobody disturbs to finish; it did not")
    _judge(load, look(load.job.url), total)


def _judge(load: Load, after: dict[str, Seen], total: Endured) -> None:
    found = total.found
    total.turns += sum(len(one.turns) for one in after.values())
    total.runs += len(after)
    found.admissions += invariants.kept(load.job.acks, after)
    found.effects += invariants.taken_once(after, load.where.taken(load.job))
    for seen in after.values():
        found.turns += invariants.chained(seen)
        doubtful = [key for key, state in seen.effects.items() if state == "in_doubt"]
        found.doubtful += len(doubtful)
        total.effects += len(seen.effects)
        if not doubtful:
            undisturbed = load.whole[_flow(seen.case)].seen
            found.turns += invariants.as_undisturbed(seen, undisturbed, players=load.players)
        open_ = [key for key, state in seen.effects.items() if state in ("sent", "planned")]
        if open_:
            found.doubts.append(f"{seen.case}: expected every effect settled or marked in doubt; still {open_}")
    for packet in load.job.packets:
        whole = load.whole[_flow(packet.name)].job
        found.effects += invariants.once(load.job.journals(packet), whole.journals(whole.packets[0]))


def _flow(case: str) -> str:
    return case.rpartition("-")[0]


def _files(job: Job) -> list[Path]:
    if not job.url.startswith("sqlite"):
        return [path for path in job.folder.rglob("*") if path.is_file()]
    store = Path(job.url.removeprefix("sqlite:///"))
    return [path for path in store.parent.glob(f"{store.name}*") if path.is_file()]
