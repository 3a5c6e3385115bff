"""A bare baseline for checks that read many lines: what the machine takes, now, to do the least with them.

A limit in seconds says how fast the machine is. A limit in multiples of this says how fast the check is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence

_WORD = re.compile(r"\w+")
_ROUNDS = 3


def spent(work: Callable[[], object]) -> float:
    """Processor seconds of one call."""
    started = time.process_time()
    work()
    return time.process_time() - started


def bare(lines: Sequence[str]) -> float:
    """Processor seconds of finding the words of each line, the best of three rounds."""
    return min(spent(lambda: [_WORD.findall(line.casefold()) for line in lines]) for _ in range(_ROUNDS))
