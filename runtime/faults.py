"""Named points at which a test may kill the process, to prove that nothing is lost and nothing repeated.

`CASEGATE_FAULT=name:3` kills at the third pass of the point `name`; `*:7` at the seventh pass of any point. Without
the variable a point is one dictionary look-up.
"""

from __future__ import annotations

import os
import signal

_target, _, _count = os.environ.get("CASEGATE_FAULT", "").partition(":")
_left = int(_count) if _count.isdigit() else 1


def fault_point(name: str) -> None:
    """Die here, with no clean-up, where the environment asks for it."""
    if not _target:
        return
    global _left
    if _target in ("*", name):
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
