"""A connected MCP server as an admin put it in force: how it is reached, and what each of its tools was classed as.

What was looked at is a tool's fingerprint. A tool that is not exactly that any more is nobody's tool until somebody has
looked at it again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from casefile.evidence import Frozen
from casefile.tool_scopes import ToolClass
from lineage.canonical import digest_bytes

CONNECTOR = r"[a-z][a-z0-9_]{0,39}"
TOOL = r"[A-Za-z0-9_.-]{1,100}"


class Shape(Frozen):
    """A tool as its server tells it. All of it is a stranger's text."""

    name: str
    description: str = ""
    input_schema: Mapping[str, Any] = {}
    output_schema: Mapping[str, Any] | None = None

    @property
    def fingerprint(self) -> str:
        """SHA-256 over what is told, in one form: sorted, ASCII, without spaces."""
        told = self.model_dump(mode="json")
        return digest_bytes(json.dumps(told, sort_keys=True, separators=(",", ":"), allow_nan=False).encode())


class Classed(Frozen):
    """A tool that an admin looked at. `look` names the occasion: a change that was seen belongs to one."""

    kind: ToolClass
    look: str
    shape: Shape


class StdioReach(Frozen):
    """A command of the installation's file, by its name there."""

    transport: Literal["stdio"] = "stdio"
    command: str = Field(min_length=1, max_length=100)


class HttpReach(Frozen):
    """An address on a host of the installation's file."""

    transport: Literal["http"] = "http"
    url: str = Field(min_length=1, max_length=500)


Reach = Annotated[StdioReach | HttpReach, Field(discriminator="transport")]


class Connector(Frozen):
    """One version of a connector. Without `reach` there is none: it was removed, or never added."""

    reach: Reach | None = None
    system: str = Field(default="", max_length=100, pattern=r"^[a-z0-9_]*$")
    tools: Mapping[str, Classed] = {}

    def classed(self, tool: str) -> Classed | None:
        """What a tool was classed as, or None for one that nobody has looked at."""
        return self.tools.get(tool)

    def narrower(self, than: Connector) -> bool:
        """Whether it lets agents read nothing that `than` does not: off, removed, or the same tools of the same server.

        `effect` and `off` are the same to an agent. A tool that was looked at again is a new one.
        """
        if self.reach is None:
            return True
        if self.reach != than.reach or self.system != than.system:
            return False
        return all(one == than.tools.get(name) for name, one in self.tools.items() if one.kind == "read")


def tool_name(connector: str, tool: str) -> str:
    """The name that scopes speak of."""
    return f"{connector}/{tool}"
