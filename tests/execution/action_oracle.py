"""A bystander at planned actions: what people said and what was on the table then. It knows no part of the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

VALIDITY = 30
GATES = {
    "action_approval": "change_approver",
    "second_approval": "second_approver",
    "security_approval": "security_approver",
}


@dataclass(frozen=True)
class Word:
    """What somebody said, as a bystander would note it: who, in which role, about what, when."""

    gate: str
    by: str
    said: str
    content: tuple[Any, ...]
    at: datetime
    had_role: bool
    about_current: bool


@dataclass
class Bystander:
    """The oracle. It judges an effect from its own notes and from the card's rules, written down once more."""

    words: list[Word] = field(default_factory=list)
    done: list[tuple[Any, ...]] = field(default_factory=list)

    def objection(self, content: tuple[Any, ...], at: datetime, opens: datetime, closes: datetime) -> str | None:
        """Why this effect may not happen now, or None."""
        if not opens <= at < closes:
            return "outside the window"
        if content[:2] in [one[:2] for one in self.done]:
            return "done before"
        fresh = [
            w
            for w in self.words
            if w.said == "approve"
            and w.content == content
            and w.had_role
            and w.about_current
            and w.by != "owner"
            and at - w.at < timedelta(minutes=VALIDITY)
        ]
        by_gate = {gate: {w.by for w in fresh if w.gate == gate} for gate in GATES}
        for gate, people in by_gate.items():
            if not people:
                return f"nobody approved {gate}"
        if not any(one != two for one in by_gate["action_approval"] for two in by_gate["second_approval"]):
            return "one person is both approvers"
        return None
