"""How long `casegate` takes as a process, against a Python that does nothing: its help, and verifying a receipt."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.report import Figure, show
from graphs import catalogue
from graphs.playing import play_packet
from runtime.model.offline import Offline
from tools.packet_folder import load

ROUNDS = 15
PACKET = catalogue.SCENARIOS / "packet-dispatch" / "cases" / "approver-declines"


def _seconds(command: list[str]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _verified(casegate: str) -> float:
    """Of a receipt that a run wrote, with the keys that it published."""
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        asyncio.run(play_packet(load(PACKET), out, f"sqlite:///{out / 'store.db'}", Offline()))
        return _seconds([casegate, "receipt", "verify", str(out / "receipt.json"), "--trust", str(out / "keys.json")])


if __name__ == "__main__":
    casegate = str(Path(sys.executable).parent / "casegate")
    ours = _seconds([casegate, "--help"])
    bare = _seconds([sys.executable, "-c", "pass"])
    show(
        [
            Figure("casegate --help, s", ours, bare, "python -c pass, s", limit=0.4),
            Figure("casegate receipt verify, s", _verified(casegate), bare, "python -c pass, s", limit=0.5),
        ]
    )
