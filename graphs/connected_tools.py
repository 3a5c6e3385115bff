"""Tools of MCP servers that a tenant's admins connected, as tools of agents. Looked up at each call, never kept.

Only what was classed as reading, and is still what was looked at then, can be called. A server that tells a tool
otherwise loses it at that call: the tool is off, on record, until somebody has looked at it again.
"""

from __future__ import annotations

from typing import Any, Final

from langchain_core.tools import StructuredTool

from casefile.connectors import Classed, Shape, tool_name
from casefile.tool_scopes import ToolClass
from graphs.context import RunContext
from lineage.entry import Actor
from runtime.clock import instant
from runtime.installation import wall_time
from runtime.store import connector_rows
from runtime.store.connector_rows import Change, Standing
from tools.agent_tool import AgentTool, ToolFaultError
from tools.connectors.fetched import Fetched
from tools.connectors.mcp_bounds import CLEAN_UP_SECONDS, ToolChangedError
from tools.connectors.mcp_opening import opened
from tools.connectors.mcp_schemas import SchemaFaultError, plain

BY: Final = Actor("system", "casegate")
# Names that the library's own call has: an argument of that name would take its place.
_TAKEN: Final = frozenset({"self", "config", "run_manager", "callbacks"})


async def connected_tool(context: RunContext, name: str) -> AgentTool | None:
    """The tool `connector/tool` of the run's tenant as it stands now, or None where nobody classed one."""
    connector, _, tool = name.partition("/")
    if not tool:
        return None
    standing = await connector_rows.standing(context.store.database, context.store.tenant, connector)
    classed = standing.connector.classed(tool)
    if standing.connector.reach is None or classed is None:
        return None
    kind = "off" if standing.change(tool) is not None else classed.kind
    return (
        made(connector, classed.shape, kind, _Call(context, standing, classed)) if kind == "read" else _shut(name, kind)
    )


def made(connector: str, shape: Shape, kind: ToolClass, call: Any = None) -> AgentTool:
    """A tool of this shape. Raises ToolFaultError for one that cannot be an agent's, with the reason."""
    try:
        schema = plain(shape.input_schema)
    except SchemaFaultError as error:
        raise ToolFaultError(f"{shape.name}: the schema of its arguments {error}") from error
    if schema.get("type") != "object":
        raise ToolFaultError(f"{shape.name}: its arguments are no object")
    if taken := _TAKEN & set(schema.get("properties", {})):
        raise ToolFaultError(f"{shape.name}: an argument cannot be called {sorted(taken)[0]}")
    try:
        plain(shape.output_schema or {})
    except SchemaFaultError as error:
        raise ToolFaultError(f"{shape.name}: the schema of its answer {error}") from error
    tool = StructuredTool(
        name=tool_name(connector, shape.name),
        description=shape.description,
        args_schema=schema,
        coroutine=call or _nothing,
    )
    return AgentTool.of(tool, kind, outside=True, seconds=2 * CLEAN_UP_SECONDS + 20)


def _shut(name: str, kind: ToolClass) -> AgentTool:
    """A tool that nobody can call."""
    return AgentTool(StructuredTool(name=name, description="", args_schema={}, coroutine=_nothing), kind, outside=True)


async def _nothing(**_arguments: Any) -> None:
    raise AssertionError("a tool that is shut was called")


class _Call:
    """A call of one tool for one run."""

    def __init__(self, context: RunContext, standing: Standing, classed: Classed) -> None:
        self._context, self._standing, self._classed = context, standing, classed

    async def __call__(self, **arguments: Any) -> list[Fetched]:
        store, name = self._context.store, self._standing.name
        server = opened(self._context.mcp, store.tenant, name, self._standing.connector)
        try:
            return await server.call(self._classed.shape, arguments)
        except ToolChangedError as error:
            one = Change(self._classed.shape.name, self._classed.look, instant(wall_time()), error.now)
            await connector_rows.changed(store.database, store.tenant, name, one, self._classed, BY)
            raise
