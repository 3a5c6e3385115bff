"""Which cases an eval runs: a scenario's own, packets from anywhere, golden ones, lists of a guardrail, attacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evals import lists
from evals.attack import suites as attacks
from evals.golden import makers as golden
from graphs import catalogue
from runtime.errors import InputError


@dataclass(frozen=True, slots=True)
class PacketCase:
    """A packet folder with its `expect.yaml`."""

    suite: str
    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class ListCase:
    """A list of a guardrail: many requests that are judged in one go."""

    suite: str
    name: str


@dataclass(frozen=True, slots=True)
class AttackCase:
    """A part of a suite that attacks a promise; it makes its own packets, and runs only where it is named."""

    suite: str
    name: str


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """A packet with a known truth that is made for the run, and only for it."""

    suite: str
    name: str


Case = PacketCase | ListCase | AttackCase | GoldenCase


def find(names: Sequence[str]) -> list[Case]:
    """The cases of these suites, scenarios and folders; without names, of every scenario and list.

    Raises InputError for a name that is none of these, and for a folder in which no packet has an `expect.yaml`.
    """
    if not names:
        scenarios = [case for one in catalogue.all_scenarios() for case in of_scenario(one.short)]
        return [*scenarios, *(case for suite in lists.SUITES for case in _of_list(suite))]
    found: dict[tuple[str, str], Case] = {}
    for name in names:
        for case in _named(name):
            found.setdefault((case.suite, case.name), case)
    return list(found.values())


def of_scenario(short: str) -> list[PacketCase]:
    """The cases that stand beside a scenario."""
    return _below(catalogue.SCENARIOS / short / "cases", short)


def _named(name: str) -> list[Case]:
    if name in lists.SUITES:
        return [*_of_list(name)]
    if name in attacks.SUITES:
        return [AttackCase(name, part) for part in attacks.SUITES[name].names()]
    if name.partition("/")[0] == golden.SUITE and name.removeprefix(f"{golden.SUITE}/") in (
        golden.SUITE,
        *golden.MAKERS,
    ):
        return [GoldenCase(golden.SUITE, one) for one in golden.names(name.removeprefix(f"{golden.SUITE}/"))]
    scenario = next((one for one in catalogue.all_scenarios() if name in (one.short, one.slug)), None)
    if scenario is not None:
        return [*of_scenario(scenario.short)]
    folder = Path(name)
    if not folder.is_dir():
        suites = ", ".join([*lists.SUITES, *attacks.SUITES, golden.SUITE])
        raise InputError("casegate eval", name, f"a scenario, a suite ({suites}) or a folder of packets was expected")
    taken = {*lists.SUITES, *attacks.SUITES, golden.SUITE, *(one.short for one in catalogue.all_scenarios())}
    called = folder.resolve().name
    found = _below(folder, f"{called}-packets" if called in taken else called)
    if not found:
        raise InputError(name, "", "a packet.yaml with an expect.yaml beside it was expected, here or below")
    return [*found]


def _below(folder: Path, suite: str) -> list[PacketCase]:
    paths = sorted(path.parent for path in folder.rglob("packet.yaml") if (path.parent / "expect.yaml").is_file())
    return [PacketCase(suite, _name(path, folder), path) for path in paths]


def _name(path: Path, folder: Path) -> str:
    return "/".join(path.relative_to(folder).parts) or path.resolve().name


def _of_list(suite: str) -> list[ListCase]:
    return [ListCase(suite, name) for name in lists.SUITES[suite]]
