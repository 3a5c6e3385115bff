"""`make bench`: every figure, one process each so that none warms another's caches."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from evals.kept import program_version

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
    "growth",
    "signals",
)


def facts() -> str:
    """The machine and what was measured on it, as a Markdown table."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text(encoding="utf-8").splitlines() if cpu.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    told = {
        "processor": f"{model or platform.machine()}, {os.cpu_count()} cores",
        "memory": f"{memory:.0f} GiB",
        "load before": ", ".join(f"{one:.1f}" for one in os.getloadavg()),
        "system": platform.platform(),
        "Python, SQLite": f"{platform.python_version()}, {sqlite3.sqlite_version}",
        "version": program_version(),
        "date": datetime.now(UTC).date().isoformat(),
    }
    rows = [f"| {name} | {value} |" for name, value in told.items()]
    return "\n".join(["| machine | |", "| --- | --- |", *rows, ""])


def main() -> None:
    """Print the machine, then each part."""
    print(facts())
    for part in PARTS:
        print(f"## {part}\n", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{part}"], check=True)
        print(flush=True)


if __name__ == "__main__":
    main()
