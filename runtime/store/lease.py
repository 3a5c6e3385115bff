"""Who works on a run. The owner names its process, so that a killed one on this machine holds nobody up."""

from __future__ import annotations

import os
import socket

LEASE_SECONDS = 60
CLOCKS_APART_SECONDS = 600
"""How far the clocks of two machines may differ. What is held for longer than this was held by a clock that jumped."""


def _started(pid: int) -> str:
    """When the process was started, in the kernel's ticks: a pid alone may have been given to another since."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def owner() -> str:
    """This process. Asked each time: a forked child is not its parent, whatever it inherited."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def dead(other: str) -> bool:
    """Whether the owner is a process of this machine that no longer runs. Unknown machines count as living."""
    host, _, rest = other.partition(":")
    pid, _, started = rest.partition(":")
    return host == socket.gethostname() and pid.isdigit() and _started(int(pid)) != started
