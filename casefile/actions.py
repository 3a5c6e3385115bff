"""Planned actions: one call to one declared system, what it must find before, and what must be true after.

An action says by what read its state is known. Its result is what that read shows, never what the call answered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from casefile.evidence import Frozen
from lineage.canonical import MAX_INTEGER, Json, digest

# What a call may answer, in words, that leaves its result unknown whatever its status code says.
UNCLEAR = re.compile(
    r"unknown|unclear|ambiguous|indeterminate|undetermined|inconsistent|partial(?:ly)?\b.*|mixed|incomplete"
    r"|\d+\s*(?:of|/)\s*\d+\b.*",
    re.IGNORECASE,
)
_RESULT_KEYS = ("status", "state", "result", "outcome")
TRANSIENT = frozenset({0, 408, 425, 429, 500, 502, 503, 504})


class PlannedAction(Frozen):
    """An action as planned. `content` is what people approve, all of it; `request` and the reads are what is executed.

    * `before` and `expect` map a member of the state (dotted for inner ones) to its value. `present` and `absent` ask
      for a member with or without a value; a key that ends in `_contains` asks for an element of a list
    * `idempotent`: doing it twice is doing it once; only such an action may be sent again
    * `idempotency_header`: the header by which the system recognises a repetition
    * `key`: the idempotency key, where the action names its own (the UID of a calendar entry)
    """

    id: str
    kind: str
    title: str
    system: str
    object: str
    method: str
    path: str
    body: Any = None
    form: dict[str, str] | None = None
    read_method: str = "GET"
    read_path: str
    before: dict[str, Any] = {}
    expect: dict[str, Any] = Field(min_length=1)
    idempotent: bool = False
    idempotency_header: str = "Idempotency-Key"
    key: str = ""
    content: dict[str, Any]

    def core(self) -> str:
        """The hash of what is executed: two plans with the same core ask for the same effect."""
        told = self.model_dump(mode="json", include={"id", "system", "object", "method", "path", "body", "form"})
        return digest(plain(told))


class Limits(Frozen):
    """How long and how often. Waits are on the run's clock: `looks` are the seconds before each look at the result.

    `retryable` are the answers (0: none came) after which an idempotent action may be sent again.
    """

    retry_limit: int
    wait_seconds: float
    retryable: list[int] = sorted(TRANSIENT)

    def looks(self) -> list[float]:
        """The waits between looks: at once, then doubling until the time is over, with a last look at its end."""
        waits, total, step = [0.0], 0.0, 1.0
        while total < self.wait_seconds:
            step = min(step, self.wait_seconds - total)
            waits.append(step)
            total += step
            step *= 2
        return waits


class Due(Frozen):
    """The next action of a plan, and what binds its approvals.

    `binding` is what the gates bind, with the action's content in it; `proposers` may approve nothing of it, nor
    may its `witnesses`. Outside
    `opens`–`closes` it runs only where every one of `emergency` (people or roles) approved it. Without gates it runs
    only under the standing approval `under` (`name@version`), whose bounds the pattern has proved that it meets.
    `revision_gates` are those of `gates` that bind the revision which proposes the action, not the action alone.
    """

    action: PlannedAction
    binding: dict[str, Any]
    gates: list[str]
    revision_gates: list[str] = []
    proposers: list[str] = []
    witnesses: list[str] = []
    opens: datetime | None = None
    closes: datetime | None = None
    windowed: bool = True
    emergency: list[str] = []
    limits: Limits
    policy: str
    checks: list[str] = []
    under: str = ""

    def subject(self) -> str:
        """The hash of what its approvals bind."""
        return digest(plain(self.binding))

    def in_window(self, at: datetime) -> bool:
        """Whether the action may run at that time without an emergency path."""
        if not self.windowed:
            return True
        return self.opens is not None and self.closes is not None and self.opens <= at < self.closes


def plain(value: Any) -> Json:
    """A value of a document as canonical JSON has it: numbers with a fraction become texts."""
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > MAX_INTEGER:
        return str(value)
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def member(state: Any, name: str) -> Any:
    """A member of a state, by a dotted path; None where there is none."""
    for step in name.split("."):
        if not isinstance(state, Mapping) or step not in state:
            return None
        state = state[step]
    return state


def fits(expected: Mapping[str, Any], state: Any) -> bool:
    """Whether a state is as expected, member by member."""
    return bool(expected) and all(_is(name, value, state) for name, value in expected.items())


def differing(expected: Mapping[str, Any], state: Any) -> dict[str, Json]:
    """The members that are not as expected, with what stands there."""
    return {name: plain(member(state, _name(name))) for name, value in expected.items() if not _is(name, value, state)}


def seen(action: PlannedAction, state: Any) -> dict[str, Json]:
    """Of a state, only the members that the action speaks of: the least that proves it."""
    names = dict.fromkeys(_name(name) for name in (*action.before, *action.expect))
    return {name: plain(member(state, name)) for name in names}


def _name(name: str) -> str:
    return name.removesuffix("_contains")


def _is(name: str, expected: Any, state: Any) -> bool:
    found = member(state, name)
    if name.endswith("_contains") and found is None:
        values = member(state, _name(name))
        return isinstance(values, list) and str(expected) in [str(one) for one in values]
    if expected in ("present", "absent") and found != expected:
        return bool((found not in (None, "", [])) == (expected == "present"))
    if isinstance(expected, Mapping):
        return isinstance(found, Mapping) and all(_is(key, value, found) for key, value in expected.items())
    if expected is None:
        return found is None
    if isinstance(expected, bool) or isinstance(found, bool):
        return bool(found is expected) or str(found).casefold() == str(expected).casefold()
    return found is not None and (plain(found) == plain(expected) or str(found) == str(expected))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a call came to: `again` asks for a further attempt, the rest are states of the effect."""

    state: Literal["done", "failed", "in_doubt", "again"]
    reason: str


def unclear(body: Any) -> str | None:
    """The words by which an answer says that it does not know its own result, or None."""
    members = body if isinstance(body, Mapping) else {}
    for name in _RESULT_KEYS:
        value = members.get(name)
        if isinstance(value, Mapping):
            value = next((value[key] for key in _RESULT_KEYS if key in value), None)
        if isinstance(value, str) and UNCLEAR.fullmatch(value.strip()):
            return f"{name} {value!r}"
    return None


@dataclass(frozen=True, slots=True)
class Result:
    """What is known after an attempt: the status and body that the call answered (0: nothing), and the state read.

    `state` None means that the state could not be read; `interrupted` that this process died before it saw the answer.
    """

    status: int
    body: Any
    state: Any
    attempts: int
    interrupted: bool = False


def judge(action: PlannedAction, limits: Limits, result: Result) -> Verdict:
    """What an attempt came to. The state decides; an answer that is unclear about itself is never overruled by it.

    A further attempt needs all of: an idempotent action, attempts left, a state that is still the one before, and an
    answer that is a transient failure. Anything else that is not confirmed is in doubt, or failed where the system
    refused and its state shows it.
    """
    words = unclear(result.body)
    if words is not None:
        return Verdict("in_doubt", f"the system answered {result.status} with {words}")
    if result.state is None:
        return Verdict("in_doubt", f"{_said(result)}, and its state could not be read")
    if fits(action.expect, result.state):
        return Verdict("done", f"{_said(result)}; its state was read back as expected")
    unchanged = fits(action.before, result.state)
    if not unchanged:
        names = ", ".join(f"{k} {v!r}" for k, v in seen(action, result.state).items())
        return Verdict(
            "in_doubt", f"{_said(result)}; its state is neither the one before nor the one expected: {names}"
        )
    if result.status in TRANSIENT:
        if action.idempotent and result.status in limits.retryable and result.attempts <= limits.retry_limit:
            return Verdict("again", f"{_said(result)}; its state is unchanged")
        spent = f"after {result.attempts} attempt(s)" if action.idempotent else "the action is not idempotent"
        final: Literal["failed", "in_doubt"] = "in_doubt" if result.status in (0, 500, 504) else "failed"
        return Verdict(final, f"{_said(result)}; its state is unchanged; not sent again: {spent}")
    if 400 <= result.status < 500 or result.status == 501:
        return Verdict("failed", f"{_said(result)}; its state is unchanged")
    return Verdict("in_doubt", f"{_said(result)}, but its state did not change in {limits.wait_seconds:g} seconds")


def _said(result: Result) -> str:
    if result.interrupted:
        return "the answer was lost with the process that waited for it"
    return f"the system answered {result.status}" if result.status else "the system gave no answer in time"
