"""The tools that agents have by the program itself: adding one is one file and its line here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from tools.agent_tool import AgentTool
from tools.search_evidence import search_evidence


@lru_cache(maxsize=1)
def own_tools() -> Mapping[str, AgentTool]:
    """Name → tool."""
    return {tool.name: tool for tool in (search_evidence(),)}
