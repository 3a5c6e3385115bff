"""A server that is started for one connection and spoken to over its standard input and output.

The SDK's own transport gathers a line without a bound, hands the command this process's HOME and USER, and writes what
it cannot parse into the log. This one does none of it: lines and their sum are bounded, the environment is what the
settings say, and the whole process group is gone when the connection is.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client._transport import TransportStreams
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter

from tools.connectors.mcp_bounds import Wire

PATH = "/usr/local/bin:/usr/bin:/bin"
KILL_SECONDS = 1.0
GRACE_SECONDS = 0.5
"""How long a server has to end by itself once its input is closed."""


@dataclass(frozen=True, slots=True)
class Started:
    """A command as a list, and all that it is given."""

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]


@asynccontextmanager
async def started(server: Started, wire: Wire) -> AsyncIterator[TransportStreams]:
    """A transport for the SDK's client. Raises OSError where the command cannot be started."""
    process = await asyncio.create_subprocess_exec(
        *server.command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # what a server complains of may hold what it was given
        cwd=server.folder,
        env={"PATH": PATH, "LANG": "C.UTF-8", **server.environment},
        start_new_session=True,
        limit=wire.bounds.bytes,
    )
    into, received = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    sent, out = anyio.create_memory_object_stream[SessionMessage](0)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_read, process, into, wire)
            tasks.start_soon(_write, process, out, wire)
            try:
                yield received, sent
            finally:
                tasks.cancel_scope.cancel()
    finally:
        await _end(process)
        for stream in (into, received, sent, out):
            stream.close()


async def _read(
    process: asyncio.subprocess.Process, into: MemoryObjectSendStream[SessionMessage | Exception], wire: Wire
) -> None:
    stdout = cast("asyncio.StreamReader", process.stdout)
    async with into:
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            while line := await _line(stdout, wire):
                try:
                    message = jsonrpc_message_adapter.validate_json(line, by_name=False)
                except ValueError:
                    wire.broken("sent a line that is no message")
                    return
                await into.send(SessionMessage(message))
    if not wire.fault:
        wire.broken("ended before it had answered")


async def _line(stdout: asyncio.StreamReader, wire: Wire) -> bytes:
    """The next line; nothing at the end, and where it is too long to be one."""
    try:
        line = await stdout.readline()
    except ValueError:  # longer than the limit of the stream, which is ours
        wire.broken(f"sent more than {wire.bounds.bytes:,} bytes")
        return b""
    if not wire.take(line) or not line.endswith(b"\n"):
        return b""  # too much, or cut off by its end
    return line


async def _write(
    process: asyncio.subprocess.Process, out: MemoryObjectReceiveStream[SessionMessage], wire: Wire
) -> None:
    stdin = cast("asyncio.StreamWriter", process.stdin)
    async with out:
        async for one in out:
            text = one.message.model_dump_json(by_alias=True, exclude_unset=True)
            try:
                stdin.write(text.encode() + b"\n")
                await stdin.drain()
            except OSError:
                wire.broken("ended before it had answered")
                return


async def _end(process: asyncio.subprocess.Process) -> None:
    """Close its input, give it a moment, then end the group: what it started itself goes with it."""
    try:
        cast("asyncio.StreamWriter", process.stdin).close()
        await _ended(process, GRACE_SECONDS)
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    await _ended(process, KILL_SECONDS)
    # A pipe that was not read to its end keeps the transport open, and nothing public closes it.
    transport: asyncio.SubprocessTransport = vars(process)["_transport"]
    transport.close()
    with anyio.CancelScope(shield=True):
        await asyncio.sleep(0)


async def _ended(process: asyncio.subprocess.Process, seconds: float) -> None:
    """Wait until it has ended. Not by `wait`, which waits for its pipes to be read, too."""
    with anyio.move_on_after(seconds, shield=True):
        while process.returncode is None:
            await asyncio.sleep(0.01)
