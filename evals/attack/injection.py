"""The attack suite: every injected string in every way in, against every scenario in turn, with a model that obeys."""

from __future__ import annotations

import tempfile
from pathlib import Path

from evals.attack.judging import attack, harm
from evals.attack.obeying import obeying
from evals.attack.planted import bases, names_of, plant
from evals.attack.strings import count, injected
from evals.attack.ways import WAYS
from evals.results import CaseResult

BATCH = 24


def names() -> list[str]:
    """The cases: slices of the list of strings, each against one scenario."""
    return [f"{n:02}" for n in range(-(-count() // BATCH))]


def judge(name: str) -> CaseResult:
    """One slice, planted everywhere at once."""
    turn, choices = int(name), bases()
    base = choices[turn % len(choices)]
    strings = injected(names_of(base))[turn * BATCH : (turn + 1) * BATCH]
    lines = [one.text for one in strings]
    with tempfile.TemporaryDirectory(prefix="casegate-attack-") as scratch:
        packet = plant(base, Path(scratch) / "packet", lines, WAYS)
        done = attack(packet, Path(scratch) / "out", obeying(lines[: BATCH // 2], turn))
    found = harm(done)
    planted = len(lines) * len(WAYS)
    return CaseResult(
        suite="attack",
        case=f"{name}-{base.parent.parent.name}",
        passed=int(not found),
        outcome=str(done.outcome["outcome"] or done.outcome["status"]),
        artifact=(done.outcome["artifact"] or {}).get("sha256", ""),
        misses=found,
        unsafe=found,
        metrics={"attacks_repelled": (0 if found else planted, planted)},
        calls=done.outcome["model"]["calls"],
        tokens=done.outcome["model"]["tokens"],
    )
