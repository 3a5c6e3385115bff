"""Running one case: the packet as `casegate run` would, into a folder, offline; then its expectations and metrics."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from casefile.evidence import Reading
from evals import lists
from evals.attack import suites as attacks
from evals.cases import AttackCase, Case, GoldenCase, ListCase, PacketCase
from evals.expectations import Expectations, Miss, load, misses
from evals.golden import makers as golden
from evals.metrics import measure, refusal_precision, safety_of, wrong_releases
from evals.results import CaseResult, Score
from graphs.playing import Connected, play_packet
from runtime.errors import InputError
from runtime.model.offline import Offline
from runtime.model.port import ModelPort, Prompt
from runtime.store.database import migrate
from tools import packet_folder

SECONDS = 300
"""How long one run of a case may take; one that takes longer is a miss."""


@dataclass(frozen=True, slots=True)
class Played:
    """One run of a packet: its outcome, the folder of its files, and what was read of its evidence."""

    outcome: Mapping[str, Any]
    out: Path
    readings: Mapping[str, Reading]
    seconds: float


def run_case(case: Case, repeats: int = 1, keep: Path | None = None) -> list[CaseResult]:
    """Run a case. A packet gives one result, a list one for each entry. `keep` is where result files stay."""
    if isinstance(case, ListCase):
        return lists.judge(case.suite, case.name)
    if isinstance(case, AttackCase):
        return [attacks.SUITES[case.suite].judge(case.name)]
    with tempfile.TemporaryDirectory(prefix="casegate-eval-") as scratch:
        if isinstance(case, GoldenCase):
            case = PacketCase(case.suite, case.name, golden.write(case.name, Path(scratch) / "golden"))
        target = keep / case.suite / case.name if keep else Path(scratch) / "0"
        return [_repeated(case, [target, *(Path(scratch) / str(n) for n in range(1, repeats))])]


def play(
    path: Path,
    out: Path,
    url: str = "",
    port: ModelPort | None = None,
    prompts: Mapping[str, Prompt] | None = None,
    connected: Connected | None = None,
) -> Played:
    """Run a packet in a store of its own, offline or with a model. Raises InputError for one that cannot be used."""
    model = port or Offline()
    with tempfile.TemporaryDirectory(prefix="casegate-store-") as scratch:
        readings: dict[str, Reading] = {}
        folder = packet_folder.load(path)
        if not url:
            (Path(scratch) / "casegate.db").write_bytes(_empty_store())
        store = url or f"sqlite:///{scratch}/casegate.db"
        start = time.perf_counter()
        playing = play_packet(folder, out, store, model, readings=readings, prompts=prompts, connected=connected)
        outcome = asyncio.run(asyncio.wait_for(playing, SECONDS))
        return Played(outcome, out, readings, time.perf_counter() - start)


@cache
def _empty_store() -> bytes:
    """A store at its head with nothing in it: making one takes a sixth of the time of a case."""
    with tempfile.TemporaryDirectory(prefix="casegate-empty-") as scratch:
        file = Path(scratch) / "casegate.db"
        migrate(f"sqlite:///{file}")
        return file.read_bytes()


def judge(expect: Expectations, played: Played, *, with_model: bool = False) -> tuple[list[Miss], list[str]]:
    """What a result misses, and what of that concerns safety."""
    found = misses(expect, played.outcome, played.out, with_model=with_model)
    unsafe = [str(one) for one in misses(safety_of(expect), played.outcome, played.out, with_model=with_model)]
    wrong = [one for one in wrong_releases(expect, played.outcome) if one not in unsafe]
    return found, [*unsafe, *wrong]


def _repeated(case: PacketCase, targets: list[Path]) -> CaseResult:
    try:
        expect = load(case.path / "expect.yaml")
        runs = [play(case.path, target) for target in targets]
    except InputError as error:
        return _lost(case, len(targets), f"expected a packet that can be used; found {error}")
    except TimeoutError:
        return _lost(case, len(targets), f"expected a result within {SECONDS} s; found none")
    judged = [judge(expect, one) for one in runs]
    failed = [one for one in judged if one[0] or one[1]]
    found, unsafe = failed[0] if failed else ([], [])
    told = [str(one) for one in found]
    hashes = {(one.outcome["artifact"] or {}).get("sha256", "") for one in runs}
    first = runs[0]
    return CaseResult(
        suite=case.suite,
        case=case.name,
        runs=len(runs),
        passed=len(runs) - len(failed),
        outcome=str(first.outcome["outcome"] or first.outcome["status"]),
        artifact=(first.outcome["artifact"] or {}).get("sha256", ""),
        same=len(hashes) == 1,
        misses=[*told, *(one for one in unsafe if one not in told)],
        unsafe=unsafe,
        metrics=_measured(case, expect, first),
        calls=first.outcome["model"]["calls"],
        tokens=first.outcome["model"]["tokens"],
        seconds=sum(one.seconds for one in runs) / len(runs),
    )


def _measured(case: PacketCase, expect: Expectations, played: Played) -> dict[str, Score]:
    """The metrics of a case. Only a golden case tells every refusal that is right: there, the others are wrong."""
    found = measure(expect, played.outcome, played.out, played.readings)
    precise = refusal_precision(expect, played.outcome)
    return {**found, "refusal_precision": precise} if case.suite == golden.SUITE and precise[1] else found


def _lost(case: PacketCase, runs: int, miss: str) -> CaseResult:
    return CaseResult(suite=case.suite, case=case.name, runs=runs, passed=0, outcome="none", misses=[miss])
