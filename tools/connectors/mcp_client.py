"""An MCP server as a connected system: its tools as it tells them, and a call of one that was looked at.

Each connection is its own process or its own HTTP session, bounded in time and bytes, in a task of its own: a server
that hangs, floods or dies ends its own call and nothing else.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar, assert_never

import httpx2
from mcp import Client, MCPError
from mcp.client._transport import TransportStreams
from mcp_types import CallToolRequest, CallToolRequestParams, CallToolResult, PaginatedRequestParams, Tool
from pydantic import ValidationError

from casefile.connectors import Shape
from tools.connectors.fetched import ConnectorError, Fetched
from tools.connectors.mcp_answers import parts_of
from tools.connectors.mcp_bounds import CLEAN_UP_SECONDS, Bounds, ToolChangedError, Wire, one_line
from tools.connectors.mcp_http import Address, reached
from tools.connectors.mcp_schemas import SchemaFaultError, mismatch, plain
from tools.connectors.mcp_stdio import Started, started

T = TypeVar("T")
# The SDK logs what it cannot parse, whole. What a stranger sends is not for logs: it may repeat a secret.
for _name in ("mcp.client", "mcp.shared", "client"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class McpServer:
    """A server that can be asked. `secrets` are the values in `reach`, so that none of them comes back."""

    connector: str
    system: str
    reach: Started | Address
    secrets: tuple[str, ...] = ()
    bounds: Bounds = field(default_factory=Bounds)

    async def tools(self) -> list[Shape]:
        """Every tool that the server tells of, by name. Raises ConnectorError."""
        return await self._connected(self._listed)

    async def call(self, shape: Shape, arguments: Mapping[str, Any]) -> list[Fetched]:
        """Call a tool that is still exactly `shape`, before the call and after it.

        Raises ToolChangedError where it is not, and ConnectorError for every other way in which there is no answer.
        """
        try:
            takes, gives = plain(shape.input_schema), plain(shape.output_schema or {})
        except SchemaFaultError as error:
            raise self._error(f"the schema of {shape.name} {error}") from error
        if (wrong := mismatch(takes, dict(arguments))) is not None:
            raise self._error(f"{shape.name} takes no such arguments: {wrong}")

        async def work(client: Client, wire: Wire) -> CallToolResult:
            self._same(shape, await self._listed(client, wire))
            # Not `client.call_tool`: that one checks by a validator that a stranger's pattern can keep busy for hours.
            request = CallToolRequest(params=CallToolRequestParams(name=shape.name, arguments=dict(arguments)))
            result = await client.session.send_request(request, CallToolResult)
            self._heed(wire, result.model_dump())
            self._same(shape, await self._listed(client, wire))
            return result

        result = await self._connected(work)
        wire = Wire(self.bounds, self.secrets)
        if result.is_error:
            said = " ".join(block.text for block in result.content if block.type == "text")
            raise self._error(f"{shape.name} failed: {wire.plain(said) or 'it does not say why'}")
        if shape.output_schema is not None:
            if result.structured_content is None:
                raise self._error(f"{shape.name} answered without the structure that its schema promises")
            # In a thread: the check has a bound, but it may take seconds.
            wrong = await asyncio.to_thread(mismatch, gives, result.structured_content)
            if wrong is not None:
                raise self._error(f"{shape.name} did not answer by its schema: {wrong}")
        return self._fetched(shape, arguments, result)

    def _heed(self, wire: Wire, value: object) -> None:
        wire.heed(value)
        if wire.fault:
            raise ConnectorError(wire.fault)

    def _fetched(self, shape: Shape, arguments: Mapping[str, Any], result: CallToolResult) -> list[Fetched]:
        try:
            parts = parts_of(result, self.bounds.parts)
        except ConnectorError as error:
            raise self._error(f"{shape.name}: {error}") from error
        wire = Wire(self.bounds, self.secrets)
        wire.heed([data for _, data in parts])
        if wire.fault:
            raise self._error(wire.fault)
        asked = json.dumps(dict(arguments), ensure_ascii=False, sort_keys=True)
        place = f"tool {shape.name} {asked}, as told by {shape.fingerprint}"
        at = datetime.now(UTC)
        return [
            Fetched(
                data,
                f"{self.connector}-{shape.name}{f'-{n}' if n > 1 else ''}.{ending}",
                self.connector,
                self.system,
                place if n == 1 else f"{place}, part {n}",
                at,
            )
            for n, (ending, data) in enumerate(parts, 1)
        ]

    def _same(self, shape: Shape, listed: list[Shape]) -> None:
        now = next((one for one in listed if one.name == shape.name), None)
        if now is None:
            raise ToolChangedError(f"{self.connector} has no tool {shape.name} any more", None)
        if now.fingerprint != shape.fingerprint:
            raise ToolChangedError(f"{shape.name} of {self.connector} changed since it was looked at", now)

    async def _listed(self, client: Client, wire: Wire) -> list[Shape]:
        found: dict[str, Shape] = {}
        cursor: str | None = None
        for _ in range(self.bounds.pages):
            page = await client.session.list_tools(params=PaginatedRequestParams(cursor=cursor))
            for tool in page.tools:
                one = self._shape(tool, wire)
                if found.setdefault(one.name, one) is not one:
                    wire.broken(f"lists the tool {wire.plain(one.name)[:60]} twice")
                if len(found) > self.bounds.tools:
                    wire.broken(f"lists more than {self.bounds.tools} tools")
                if wire.fault:
                    raise ConnectorError(wire.fault)
            cursor = page.next_cursor
            if not cursor:
                return sorted(found.values(), key=lambda one: one.name)
        wire.broken(f"lists its tools on more than {self.bounds.pages} pages")
        raise ConnectorError(wire.fault)

    def _shape(self, tool: Tool, wire: Wire) -> Shape:
        shape = Shape(
            name=tool.name,
            description=tool.description or "",
            input_schema=tool.input_schema,
            output_schema=tool.output_schema,
        )
        if len(shape.model_dump_json()) > self.bounds.schema_bytes:
            wire.broken(
                f"tells more than {self.bounds.schema_bytes:,} bytes about the tool {wire.plain(tool.name)[:60]}"
            )
        self._heed(wire, shape.model_dump())
        try:
            _ = shape.fingerprint
        except ValueError:
            wire.broken(f"tells a number that is none about the tool {wire.plain(tool.name)[:60]}")
        return shape

    async def _connected(self, work: Callable[[Client, Wire], Awaitable[T]]) -> T:
        """Connect, work, and leave, all within the time. Raises ConnectorError with one line."""
        wire = Wire(self.bounds, self.secrets)
        task = asyncio.create_task(self._inside(work, wire))
        try:
            done, _ = await asyncio.wait({task}, timeout=self.bounds.seconds)
            if not done:
                wire.broken(f"gave no answer within {self.bounds.seconds:g} s")
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=CLEAN_UP_SECONDS)
        error = task.exception() if task.done() and not task.cancelled() else asyncio.CancelledError()
        if error is None:
            return task.result()
        error = _first(error)
        if isinstance(error, ToolChangedError):
            raise error
        raise self._error(wire.fault or _words(error, wire))

    async def _inside(self, work: Callable[[Client, Wire], Awaitable[T]], wire: Wire) -> T:
        async with Client(self._transport(wire), cache=None, read_timeout_seconds=self.bounds.seconds) as client:
            return await work(client, wire)

    def _transport(self, wire: Wire) -> AbstractAsyncContextManager[TransportStreams]:
        match self.reach:
            case Started():
                return started(self.reach, wire)
            case Address():
                return reached(self.reach, wire)
            case _:
                assert_never(self.reach)

    def _error(self, reason: str) -> ConnectorError:
        return ConnectorError(f"{self.connector}: {one_line(reason)}")


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _words(error: BaseException, wire: Wire) -> str:
    """Why there is no answer, in words for a person."""
    match error:
        case ConnectorError():
            return str(error)
        case MCPError():
            return f"answered with an error: {wire.plain(error.message) or 'it does not say why'}"
        case FileNotFoundError() | PermissionError() | NotADirectoryError():
            return f"cannot be started: {error.strerror}"
        case ValidationError():
            return "answered in a form that the protocol does not have"
        case httpx2.TimeoutException() | TimeoutError():
            return f"gave no answer within {wire.bounds.seconds:g} s"
        case httpx2.HTTPError() | OSError():
            return f"cannot be reached: {type(error).__name__}"
        case _:
            return f"cannot be spoken to: {type(error).__name__}"
