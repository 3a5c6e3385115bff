"""A server that is spoken to over streamable HTTP: one origin, bounded answers, no proxy, no compression."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import httpx2
from mcp.client._transport import TransportStreams
from mcp.client.streamable_http import streamable_http_client

from tools.connectors.mcp_bounds import Wire


@dataclass(frozen=True, slots=True)
class Address:
    """Where it is, and the token that it is sent."""

    url: str
    token: str = field(default="", repr=False)


@asynccontextmanager
async def reached(server: Address, wire: Wire) -> AsyncIterator[TransportStreams]:
    """A transport for the SDK's client, which follows a redirect only within the origin."""
    # A compressed answer could become a thousand times as large after it was counted.
    headers = {"Accept-Encoding": "identity"}
    if server.token:
        headers["Authorization"] = f"Bearer {server.token}"
    async with (
        httpx2.AsyncClient(
            transport=_Counted(wire), headers=headers, timeout=wire.bounds.seconds, trust_env=False
        ) as client,
        streamable_http_client(server.url, http_client=client, max_sse_event_size=wire.bounds.bytes) as streams,
    ):
        yield streams


class _Counted(httpx2.AsyncBaseTransport):
    """Sends, and counts what comes back over all requests of a connection."""

    def __init__(self, wire: Wire) -> None:
        self._wire, self._inner = wire, httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        try:
            response = await self._inner.handle_async_request(request)
        except httpx2.ConnectError:
            self._wire.broken("cannot be reached")
            raise
        if response.headers.get("content-encoding", "identity").casefold() != "identity":
            self._break("answered in a compressed form that was not asked for")
        if response.status_code in (401, 403):
            self._wire.broken(f"answered {response.status_code}: it does not take the token that it was given")
        response.stream = _Stream(cast("httpx2.AsyncByteStream", response.stream), self)
        return response

    def take(self, data: bytes) -> None:
        if not self._wire.take(data):
            self._break(self._wire.fault)

    def _break(self, reason: str) -> None:
        self._wire.broken(reason)
        raise httpx2.ReadError(reason)

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Stream(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, counted: _Counted) -> None:
        self._inner, self._counted = inner, counted

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for data in self._inner:
            self._counted.take(data)
            yield data

    async def aclose(self) -> None:
        await self._inner.aclose()
