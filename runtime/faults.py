"""Named points at which a process may be made to die, to prove that nothing is lost and nothing repeated.

There is one mechanism, and in production it is off: a point is then one comparison. It is switched on in two ways, and
neither is a request's: by `CASEGATE_FAULT` in the environment in which a process starts (`name:3` kills at the third
pass of the point `name`, `*:7` at the seventh pass of any point), and by `arm` in a process that an eval or a test has
started for it. `casegate serve` does not start with the variable set.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from typing import Any

VARIABLE = "CASEGATE_FAULT"
ANY = "*"

POINTS: Mapping[str, str] = {
    "transaction.before": "a transaction is about to begin",
    "transaction.written": "its statements are done, and it is not committed",
    "transaction.after": "it is committed, and nobody was told",
    "checkpoint.before": "LangGraph is about to write a checkpoint",
    "checkpoint.after": "it is written",
    "writes.before": "LangGraph is about to write what a node gave",
    "writes.after": "it is written",
    "wake.before": "a run that has something to do is about to be woken",
    "wake.after": "it rests again",
    "execution.begin": "an action may be executed, and nothing was asked of its system",
    "execution.state_read": "the state before is read",
    "execution.planned": "the effect is planned, on record",
    "execution.sent": "it is on record as sent, and is about to be sent",
    "execution.answered": "the system answered, and nobody wrote it down",
    "execution.read_back": "the state after is read, and nobody wrote it down",
    "execution.recorded": "the result is on record",
    "receipt.before": "a run has ended and has no receipt",
    "receipt.written": "the receipt is written, and not committed",
    "delivery.claimed": "an entry is claimed, and is about to be sent",
    "delivery.sent": "the receiver has it, and nobody wrote it down",
    "delivery.recorded": "the delivery stands in the chain of its case, and is not committed",
    "delivery.buried": "a dead letter stands in the chain of its case, and is not committed",
    "calendar.read": "the calendars were read, and nobody wrote it down",
    "calendar.written": "a hold stands on the calendar server, and its answer has not come",
}
"""Every point, and what stands when a process dies there."""

Strike = Callable[[str], None]
_strike: Strike | None = None


def fault_point(name: str) -> None:
    """A place where the process may die; nothing else happens here."""
    if _strike is not None:
        _strike(name)


def arm(strike: Strike | None) -> None:
    """Have every point call `strike` with its name in this process from now on; None switches it off again."""
    global _strike
    _strike = strike


def armed() -> bool:
    """Whether points do anything in this process."""
    return _strike is not None


def killing(target: str) -> Strike:
    """Die with no clean-up at a pass of a point: `name:count`, or `*:count`. Raises ValueError for an unknown one."""
    name, _, count = target.partition(":")
    if name not in POINTS and name != ANY:
        raise ValueError(f"{VARIABLE}={target}: {', '.join(POINTS)} or {ANY} was expected")
    left = int(count) if count.isdigit() else 1

    def strike(passed: str) -> None:
        nonlocal left
        if name in (ANY, passed):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return strike


def around(saver: Any) -> Any:
    """The same checkpointer of LangGraph with points before and after its writes, where points do anything."""
    if _strike is not None:
        for method, point in (("aput", "checkpoint"), ("aput_writes", "writes")):
            setattr(saver, method, _pointed(getattr(saver, method), point))
    return saver


def _pointed(method: Callable[..., Any], point: str) -> Callable[..., Any]:
    async def pointed(*args: Any, **kwargs: Any) -> Any:
        fault_point(f"{point}.before")
        result = await method(*args, **kwargs)
        fault_point(f"{point}.after")
        return result

    return pointed


if os.environ.get(VARIABLE):
    arm(killing(os.environ[VARIABLE]))
