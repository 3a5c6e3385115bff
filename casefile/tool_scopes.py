"""Which agent of a scenario may use which tool. What is not listed is refused: silence is not consent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import field_validator

from casefile.evidence import Frozen

ToolClass = Literal["read", "effect", "off"]
"""What a tool is: it reads, it has an effect, or nobody has looked at it yet (or it is switched off)."""
SHIPPED = 0
"""The version number of what comes with the program."""


class ToolScopes(Frozen):
    """One scenario's part of the matrix: agent → the tools that it may read with. `version` says which record it is.

    There is no other access than reading: an effect is for the release step, after a person's decision (R4).
    """

    version: int = SHIPPED
    grants: Mapping[str, Sequence[str]] = {}

    @field_validator("grants")
    @classmethod
    def _each_once(cls, grants: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
        return {agent: sorted(set(tools)) for agent, tools in sorted(grants.items()) if tools}

    def refusal(self, agent: str, tool: str, kind: ToolClass | None) -> str | None:
        """Why the agent may not use the tool now, or None. `kind` None: there is no tool of that name."""
        match kind:
            case None:
                return f"there is no tool {tool}"
            case "effect":
                return f"{tool} has an effect, and no agent has one"
            case "off":
                return f"{tool} is switched off until somebody has looked at it"
            case "read":
                pass
        if tool not in self.grants.get(agent, ()):
            return f"{tool} is not among the tools of {agent} in this scenario"
        return None


def narrower(new: Mapping[str, Sequence[str]], old: Mapping[str, Sequence[str]]) -> bool:
    """Whether `new` grants nothing that `old` does not."""
    return all(set(tools) <= set(old.get(agent, ())) for agent, tools in new.items())
