"""The tools that agents have by the program itself: adding one is one file and its line here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from runtime.connector_settings import Connectors
from tools.agent_tool import AgentTool
from tools.search_evidence import search_evidence


@lru_cache(maxsize=1)
def own_tools() -> Mapping[str, AgentTool]:
    """Name → tool."""
    return {tool.name: tool for tool in (search_evidence(),)}


def tools_of(connectors: Connectors, tenant: str) -> Mapping[str, AgentTool]:
    """Every tool that there is for a tenant: the program's own, and one for each resource of its systems."""
    from tools.connectors.http_tools import http_tools

    return {**own_tools(), **http_tools(connectors, tenant)}
