"""Every named point of release, execution, delivery and receipt is one at which a test kills the worker."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("server", "graphs", "agents", "tools", "guardrails", "runtime", "casefile")
KILLING = ("test_*killed.py", "test_*kill.py", "test_receipt_of_run.py", "test_faults.py")


def _texts(folder: Path, name: str) -> str:
    return "\n".join(path.read_text() for path in folder.rglob(name))


def test_a_test_kills_at_every_named_point() -> None:
    named = set(re.findall(r"fault_point\(\"([a-z_.]+)\"\)", "".join(_texts(ROOT / room, "*.py") for room in ROOMS)))
    named = {point for point in named if point.partition(".")[0] in ("turn", "execution", "delivery", "receipt")}
    assert len(named) >= 13
    tests = "".join(_texts(ROOT / "tests", name) for name in KILLING)
    unkilled = []
    for point in sorted(named):
        room, _, last = point.partition(".")
        # The points of one room are listed by their last name, where the room stands in the test's own text.
        by_room = f"{room}.{{point}}" in tests and f'"{last}"' in tests
        if not (f'"{point}"' in tests or f"{point}:" in tests or by_room):
            unkilled.append(point)
    assert unkilled == []
