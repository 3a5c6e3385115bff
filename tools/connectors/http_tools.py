"""What agents and people may ask of declared systems: one tool for each resource, named `<connector>.<resource>`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from langchain_core.tools import StructuredTool

from runtime.connector_settings import Connectors, ConnectorSettings, Resource, load_connectors
from runtime.errors import InputError
from tools.agent_tool import AgentTool, ToolFaultError
from tools.connectors.fetched import Fetched
from tools.connectors.http_fetch import fetch

_SPARE_SECONDS = 1.0


def opened(file: Path | None) -> Connectors:
    """The connectors file, whose every resource can be an agent's tool. Raises InputError naming file and place."""
    connectors = load_connectors(file)
    for tenant in connectors.tenants:
        try:
            http_tools(connectors, tenant)
        except ToolFaultError as error:
            raise InputError(str(file), f"tenants.{tenant}", str(error)) from None
    return connectors


def http_tools(connectors: Connectors, tenant: str) -> dict[str, AgentTool]:
    """The tools of a tenant, by name. Raises ToolFaultError for a parameter that would be an address."""
    made = [
        _tool(connectors, tenant, name, settings, one)
        for name, settings in connectors.of(tenant).items()
        for one in settings.resources
    ]
    return {tool.name: tool for tool in made}


def _tool(connectors: Connectors, tenant: str, name: str, settings: ConnectorSettings, resource: str) -> AgentTool:
    declared = settings.resources[resource]

    async def ask(**ids: Any) -> Fetched:
        return await fetch(connectors, tenant, name, resource, ids)

    tool = StructuredTool(
        name=f"{name}.{resource}",
        description=f"{declared.title or resource} from {settings.title or name}. The answer becomes evidence.",
        args_schema=_schema(declared),
        coroutine=ask,
    )
    return AgentTool.of(tool, "read", outside=True, seconds=settings.seconds + _SPARE_SECONDS)


def _schema(resource: Resource) -> Mapping[str, Any]:
    """The ids as a closed JSON schema."""
    properties = {
        name: {"type": "string", "pattern": f"^(?:{one.pattern})$", "title": one.title or name}
        for name, one in resource.parameters.items()
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(resource.parameters),
        "additionalProperties": False,
    }
