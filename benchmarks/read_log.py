"""Reading a 50 MB log: time against plain `data.decode().splitlines()`, and peak memory.

    python -m benchmarks.read_log

Prints the two figures with their targets (at most 1.5 times, at most 300 MB) and ends with 1 on a miss.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

MEGABYTES = 50
MAX_RATIO = 1.5
MAX_PEAK_MB = 300
ROUNDS = 5


def log(megabytes: int) -> bytes:
    line = b"2026-03-17T10:00:%02d.%03dZ hookd[12.4] INFO queue tick n=%d request=af09 state=done\n"
    block = b"".join(line % (number % 60, number % 1000, number) for number in range(10_000))
    return block * (megabytes * 1_000_000 // len(block))


def seconds(action: str, data: bytes) -> float:
    """Wall clock time of one round of `plain` or `read`."""
    from tools.readers import read

    began = time.perf_counter()
    if action == "plain":
        data.decode().splitlines()
    else:
        read(data, "service.log")
    return time.perf_counter() - began


def ratio() -> float:
    data = log(MEGABYTES)
    seconds("read", data[:1000])
    plain = min(seconds("plain", data) for _ in range(ROUNDS))
    ours = min(seconds("read", data) for _ in range(ROUNDS))
    print(f"{MEGABYTES} MB, {data.count(bytes([10]))} lines: plain {plain:.3f} s, read {ours:.3f} s")
    return ours / plain


def peak_mb() -> float:
    """Peak resident memory of a fresh process that reads the log once."""
    code = "from benchmarks.read_log import only_read; only_read()"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(done.stdout)


def only_read() -> None:
    from tools.readers import read

    reading = read(log(MEGABYTES), "service.log")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(peak if reading.lines else -1)


def main() -> int:
    times = ratio()
    peak = peak_mb()
    print(f"time {times:.2f} x plain (target {MAX_RATIO}), peak {peak:.0f} MB (target {MAX_PEAK_MB})")
    return int(times > MAX_RATIO or peak > MAX_PEAK_MB)


if __name__ == "__main__":
    sys.exit(main())
