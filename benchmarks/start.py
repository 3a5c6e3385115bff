"""How long `casegate --help` takes, as a whole process, against a Python that does nothing."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.report import Figure, show

ROUNDS = 15


def _seconds(command: list[str]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


if __name__ == "__main__":
    ours = _seconds([str(Path(sys.executable).parent / "casegate"), "--help"])
    bare = _seconds([sys.executable, "-c", "pass"])
    show([Figure("casegate --help, s", ours, bare, "python -c pass, s", limit=0.4)])
