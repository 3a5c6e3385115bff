"""Every named point at which a worker may die is one at which a test kills it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("server", "evals", "graphs", "agents", "tools", "guardrails", "runtime", "casefile")


def _texts(folder: Path) -> str:
    return "\n".join(path.read_text() for path in folder.rglob("*.py"))


def test_a_test_kills_at_every_named_point() -> None:
    code = "".join(_texts(ROOT / room) for room in ROOMS)
    named = set(re.findall(r"fault_point\(\"([a-z_.]+)\"\)", code))
    assert len(named) >= 15
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*killed.py"))
    tests += (ROOT / "tests" / "receipts" / "test_receipt_of_run.py").read_text()
    for point in sorted(named):
        room, _, name = point.partition(".")
        # The points of one room are listed by their last name, where the room stands in the test's own text.
        listed = (
            f'"{point}"' in tests or f"{point}:" in tests or (f"{room}.{{point}}" in tests and f'"{name}"' in tests)
        )
        assert listed, f"no test kills at {point}"
