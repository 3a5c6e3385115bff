"""Which packets stand for the workflows, and the bench on which they are played undisturbed and disturbed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from evals import expectations
from evals.expectations import Expectations
from evals.faults.reading import Seen, look
from evals.faults.receiver import Receiver, receiving
from evals.faults.stores import Cluster, SqliteStores, stores
from evals.faults.working import Job, finish
from graphs import catalogue
from runtime.errors import InputError


@dataclass(frozen=True, slots=True)
class Workflow:
    """A scenario and a case of it.

    Named by the scenario alone it is the case to which the most happens: something leaves, and the timeline is the
    longest. Any other is `scenario/case`.
    """

    name: str
    packet: Path


def workflows() -> list[Workflow]:
    """One for each scenario that has cases, by name; of those that act on systems also the case with the most effects
    and those in which an effect stays in doubt."""
    found = []
    for one in catalogue.all_scenarios():
        cases = [file.parent for file in sorted((catalogue.SCENARIOS / one.short / "cases").glob("*/packet.yaml"))]
        if cases:
            found.append(main := Workflow(one.short, max(cases, key=_happens)))
            beside = {max(cases, key=_effects), *filter(_in_doubt, cases)} - {main.packet}
            found += [_named(one.short, case) for case in beside if _effects(case)]
    return sorted(found, key=lambda one: one.name)


def workflow(name: str) -> Workflow:
    """The workflow of that name, or the case `scenario/case`. Raises InputError."""
    found = {one.name: one for one in workflows()}
    scenario, _, case = name.partition("/")
    if name not in found and case and (catalogue.SCENARIOS / scenario / "cases" / case / "packet.yaml").is_file():
        return _named(scenario, catalogue.SCENARIOS / scenario / "cases" / case)
    if name not in found:
        raise InputError("evals.faults", name, f"a case, or one of {', '.join(found)}, was expected")
    return found[name]


def _named(scenario: str, case: Path) -> Workflow:
    return Workflow(f"{scenario}/{case.name}", case)


def _happens(packet: Path) -> tuple[bool, int, bool]:
    given = yaml.safe_load((packet / "packet.yaml").read_text(encoding="utf-8"))
    return something_leaves(packet), len(given.get("timeline") or []), bool(given.get("systems"))


def _effects(packet: Path) -> int:
    return sum(one.count or 0 for one in _expected(packet).effects or [])


def _in_doubt(packet: Path) -> bool:
    return any("in_doubt" in one.about and one.count != 0 for one in _expected(packet).effects or [])


def _expected(packet: Path) -> Expectations:
    file = packet / "expect.yaml"
    return expectations.load(file) if file.is_file() else Expectations()


def something_leaves(packet: Path) -> bool:
    """Whether a release or an effect is expected of a case. Where nothing leaves, half of the points are not passed."""
    expect = _expected(packet)
    return any(one.count for one in expect.releases or []) or any(one.count != 0 for one in expect.effects or [])


def copied(packet: Path, folder: Path, case: str) -> Path:
    """The same packet as another case, in a folder of its own."""
    target = Path(shutil.copytree(packet, folder / case))
    file = target / "packet.yaml"
    given = yaml.safe_load(file.read_text(encoding="utf-8"))
    given["case"] = case
    file.write_text(yaml.safe_dump(given, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return target


@dataclass(slots=True)
class Bench:
    """Stores of one kind, a receiver with its own log, and a folder for what processes leave."""

    stores: SqliteStores | Cluster
    receiver: Receiver
    folder: Path

    def job(self, name: str, packets: list[Path]) -> Job:
        """A job on a store of its own."""
        folder = self.folder / name
        folder.mkdir()
        return Job(packets, folder, self.stores.fresh(name), self.receiver.lanes(name, folder))

    def drop(self, job: Job) -> None:
        """Give back what a job has used."""
        self.stores.drop(job.folder.name)
        shutil.rmtree(job.folder)

    def taken(self, job: Job) -> list[str]:
        """What the receiver took, by its own log."""
        with self.receiver.lock:
            return list(self.receiver.taken[job.folder.name])

    def undisturbed(self, packet: Path, name: str = "undisturbed") -> Undisturbed:
        """A run that nobody disturbs, and the points that it passes in order. Raises InputError where it fails."""
        job = self.job(name, [packet])
        trace = job.folder / "trace"
        code = finish(replace(job, trace=trace))
        if code:
            raise InputError(str(packet), "", f"the undisturbed run ended with exit code {code}")
        (seen,) = look(job.url).values()
        return Undisturbed(seen, trace.read_text(encoding="utf-8").split("\n"), job)


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What the disturbed runs are compared with."""

    seen: Seen
    passed: list[str]
    job: Job

    @property
    def points(self) -> list[str]:
        """Every pass of every point, as `name:count`, in the order of the run."""
        counts: dict[str, int] = {}
        found = []
        for name in self.passed:
            counts[name] = counts.get(name, 0) + 1
            found.append(f"{name}:{counts[name]}")
        return found


@contextmanager
def bench(backend: str) -> Iterator[Bench]:
    """A bench, cleared at the end."""
    with TemporaryDirectory(prefix="casegate-bench-") as scratch, stores(backend) as made, receiving() as receiver:
        yield Bench(made, receiver, Path(scratch))
