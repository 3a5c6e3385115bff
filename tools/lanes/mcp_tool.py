"""The lane as one tool of an MCP server. Server and tool stand in the settings; a model has no part in it."""

from __future__ import annotations

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

from tools.lanes.port import LaneEntry, Later, Refused

_SHOWN = 200


class McpTool:
    """Calls the tool with `idempotency_key`, `lane` and `entry`; `read_back` is called with the key alone."""

    idempotent = True

    def __init__(self, url: str, tool: str, timeout: float, read_back: str | None = None) -> None:
        self._url, self._tool, self._timeout, self._read_back = url, tool, timeout, read_back

    async def deliver(self, entry: LaneEntry) -> str:
        """Call the tool. An error that the tool reports is its refusal; anything else is tried again."""
        arguments = {"idempotency_key": entry.key, "lane": entry.lane, "entry": entry.body.decode("utf-8")}
        failed, text = await self._call(self._tool, arguments)
        if failed:
            raise Refused(f"the tool {self._tool} refused: {text}")
        return text or f"{self._tool} done"

    async def has(self, entry: LaneEntry) -> bool | None:
        """Ask the tool that the settings name; it answers `true` for a key that it has."""
        if self._read_back is None:
            return None
        failed, text = await self._call(self._read_back, {"idempotency_key": entry.key})
        if failed:
            raise Later(f"the tool {self._read_back} failed: {text}")
        return text.strip().casefold() == "true"

    async def _call(self, tool: str, arguments: dict[str, str]) -> tuple[bool, str]:
        try:
            async with (
                httpx2.AsyncClient(timeout=self._timeout, trust_env=False) as http,
                Client(
                    streamable_http_client(self._url, http_client=http), read_timeout_seconds=self._timeout
                ) as client,
            ):
                result = await client.call_tool(tool, arguments)
        except* (MCPError, httpx2.HTTPError, OSError, TimeoutError) as group:
            first = _first(group)
            raise Later(f"{self._url}: {type(first).__name__}: {first}"[:_SHOWN]) from first
        text = " ".join(part.text for part in result.content if part.type == "text")
        return result.is_error, text[:_SHOWN]


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    one: BaseException = group
    while isinstance(one, BaseExceptionGroup):
        one = one.exceptions[0]
    return one
