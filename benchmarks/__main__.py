"""`make bench`: every figure, one process each so that none warms another's caches."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

PARTS = (
    "run_overhead",
    "search",
    "lineage_append",
    "lineage_verify",
    "receipts",
    "read_log",
    "start",
    "recheck",
    "model",
    "server",
    "signals",
)


def main() -> None:
    """Print the machine, then each part."""
    print(f"{platform.python_version()} on {platform.machine()}, {os.cpu_count()} cores\n")
    for part in PARTS:
        print(f"## {part}\n", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{part}"], check=True)
        print(flush=True)


if __name__ == "__main__":
    main()
