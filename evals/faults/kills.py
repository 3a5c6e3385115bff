"""Kill a worker at a pass of a point, start another one, and see what stands: one trial for each pass."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evals.faults import invariants
from evals.faults.invariants import RECOVERY_SECONDS, Found
from evals.faults.reading import Seen, look, turns
from evals.faults.workflows import Bench, Undisturbed, Workflow, bench
from evals.faults.working import KILLED, Job, ended, finish, start
from evals.results import CaseResult, Score

EACH = 60
"""How many passes of a workflow the suite tries; the command tries all that are asked for."""
LEAST = 50
"""At how many different moments a workflow has to be killed, to say that it withstands it."""
_PAUSE = 0.02


@dataclass(frozen=True, slots=True)
class Trial:
    """One kill: what was found afterwards, and how long the next process took until it had gone on."""

    point: str
    found: Found
    seconds: float
    killed: bool = True

    @property
    def in_time(self) -> bool:
        """Whether the work went on soon enough."""
        return self.seconds <= RECOVERY_SECONDS


def spread(points: Sequence[str], most: int) -> list[str]:
    """At most so many of the passes, evenly over the run; of each point at least the first pass."""
    if len(points) <= most:
        return list(points)
    first = {one for one in points if one.endswith(":1")}
    rest = [one for one in points if one not in first]
    left = max(most - len(first), 1)
    chosen = first | {rest[n * len(rest) // left] for n in range(min(left, len(rest)))}
    return [one for one in points if one in chosen]


def trials(one: Workflow, backend: str, most: int, only: str = "") -> Iterator[Trial]:
    """The trials of a workflow on one kind of store. `most` 0: all passes; `only`: of points that begin so."""
    with bench(backend) as where:
        whole = where.undisturbed(one.packet)
        points = [point for point in whole.points if point.startswith(only)]
        for n, point in enumerate(spread(points, most) if most else points):
            yield trial(where, one.packet, whole, point, f"trial{n}")


def trial(where: Bench, packet: Path, whole: Undisturbed, point: str, name: str) -> Trial:
    """Kill at a point, start again, compare."""
    job = where.job(name, [packet])
    code = finish(replace(job, strike=point))
    if code != KILLED:
        where.drop(job)
        found = Found(turns=[f"expected to be killed at {point}; the process ended with {code}"])
        return Trial(point, found, 0.0, killed=False)
    before = look(job.url)
    sent = invariants.requests(job.journals(packet))
    code, seconds = recovered(job, before)
    after = look(job.url)
    found = judged(where, job, whole, before, after)
    if code:
        found.turns.append(f"expected the next process to finish the work; it ended with exit code {code}")
    journals = job.journals(packet)
    for run, seen in after.items():
        found.doubtful += len(_doubtful(seen))
        found.doubts += invariants.settled(seen, journals)
        found.doubts += invariants.doubts_marked(seen, before.get(run), sent, invariants.requests(journals))
    where.drop(job)
    return Trial(point, found, seconds)


def recovered(job: Job, before: Mapping[str, Seen]) -> tuple[int, float]:
    """Start the next process and let it finish: its exit code, and the seconds until it had done something new.

    That is the first turn which did not stand before, or the end of the process where there was nothing left to do.
    """
    stood = sum(len(one.turns) for one in before.values())
    began = time.perf_counter()
    process = start(job)
    while process.exitcode is None and turns(job.url) <= stood:
        process.join(_PAUSE)
    seconds = time.perf_counter() - began
    return ended(process), seconds


def judged(where: Bench, job: Job, whole: Undisturbed, before: dict[str, Seen], after: dict[str, Seen]) -> Found:
    """Everything that must hold, for a store with one run."""
    found = Found()
    found.turns += invariants.grown(before, after)
    for seen in after.values():
        found.turns += invariants.chained(seen)
        if _doubtful(seen) <= _doubtful(whole.seen):
            found.turns += invariants.as_undisturbed(seen, whole.seen)
    found.admissions += invariants.kept(job.acks, after)
    found.effects += invariants.taken_once(after, where.taken(job))
    packet, original = job.packets[0], whole.job.packets[0]
    found.effects += invariants.once(job.journals(packet), whole.job.journals(original))
    return found


def _doubtful(seen: Seen) -> set[str]:
    return {key for key, state in seen.effects.items() if state == "in_doubt"}


def moments(made: Sequence[Trial]) -> int:
    """At how many different moments the worker died: a point, and the how manieth pass of it."""
    return len({one.point for one in made if one.killed})


def result(name: str, made: Sequence[Trial]) -> CaseResult:
    """The trials as one case of the suite."""
    misses = [f"{one.point}: {line}" for one in made for line in one.found.lines]
    slow = [
        f"{one.point}: expected to go on within {RECOVERY_SECONDS} s; took {one.seconds:.1f}"
        for one in made
        if not one.in_time
    ]
    if moments(made) < LEAST:
        misses.append(f"expected kills at {LEAST} different moments or more; found {moments(made)}")
    return CaseResult(
        suite="faults",
        case=name,
        passed=int(not misses and not slow),
        misses=[*misses, *slow][:20],
        unsafe=misses[:20],
        metrics={
            "turns_kept": _score(made, [not one.found.turns for one in made]),
            "effects_once": _score(made, [not one.found.effects for one in made]),
            "admissions_kept": _score(made, [not one.found.admissions for one in made]),
            "doubts_marked": _score(made, [not one.found.doubts for one in made]),
            "recovered_in_time": _score(made, [one.in_time for one in made]),
        },
    )


def _score(made: Sequence[Trial], right: Sequence[bool]) -> Score:
    return sum(right), len(made)
