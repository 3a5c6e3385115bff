"""Receipts: verify, disclose, the start of the command: `python -m benchmarks.receipts`.

Beside it, in the same run, the floor of verification: one check for each signature in the file, and one JSON parse.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import orjson

from benchmarks.report import Figure, show

# The receipt is the one that the tests take apart: 40 entries, two approvals, a release, a log proof.
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "receipts"))

from receipt_samples import ISSUER, TRUST, build, public

from lineage.encoding import from_base64url
from lineage.receipt.disclose import disclose
from lineage.receipt.verify import verify

ROUNDS, EACH, SIGNATURES, STARTS = 5, 100, 4, 15


def rate(work: Callable[[], object]) -> float:
    """Calls a second, the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(EACH):
            work()
        best = min(best, time.perf_counter() - began)
    return EACH / best


def start(command: list[str]) -> float:
    """Seconds of a whole process, the median."""
    times = []
    for _ in range(STARTS):
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    data = build().issue()
    assert verify(data, TRUST).intact
    value = orjson.loads(data)
    signed = f"{value['protected']}.{value['payload']}".encode()
    signature, key = from_base64url(value["signature"]), public("receipt", "receipt", ISSUER)

    def floor() -> None:
        orjson.loads(data)
        for _ in range(SIGNATURES):
            assert key.signed(signed, signature)

    bare, ours = rate(floor), rate(lambda: verify(data, TRUST))
    figures = [
        Figure("receipt verify, 40 entries, 1/s", ours, bare, "4 signatures and one parse, 1/s", floor=200),
        Figure("receipt disclose, 1/s", rate(lambda: disclose(data, ["approvals", "evidence"]))),
    ]
    with tempfile.TemporaryDirectory() as folder:
        file, trust = Path(folder) / "receipt.json", Path(folder) / "keys.json"
        file.write_bytes(data)
        trust.write_bytes(TRUST.write())
        command = [sys.executable, "-m", "server.cli", "receipt", "verify", str(file), "--trust", str(trust)]
        figures.append(Figure("casegate receipt verify, s", start(command), limit=0.5))
    show(figures)


if __name__ == "__main__":
    main()
