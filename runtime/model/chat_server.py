"""A small chat-completions server on loopback that follows a script, for tests, benchmarks and demos.

It speaks real HTTP/1.1 with chunked server-sent events, so that cut connections, slow tokens and refusals
reach a client as they would from a real endpoint.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, assert_never

_LARGEST_BODY = 32 * 1024 * 1024
_HEAD_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """Text in pieces. Delays in seconds; `cut_after` closes the connection after so many pieces."""

    pieces: tuple[str, ...]
    first_delay: float = 0.0
    delay: float = 0.0
    finish: str | None = "stop"
    usage: tuple[int, int] | None = (11, 7)
    cut_after: int | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model asks for a tool."""

    name: str
    arguments: str = "{}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A status that is not 200."""

    status: int
    message: str = "refused by the script"
    code: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Raw:
    """A 200 with any body."""

    body: bytes
    content_type: str = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Hangup:
    """The connection closes without an answer, after `delay` seconds."""

    delay: float = 0.0


Step = Reply | ToolCall | Refusal | Raw | Hangup
Responder = Callable[[dict[str, Any]], Step]


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived; header names in lower case."""

    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def chunk(self, data: bytes) -> None:
        await self.send(b"%x\r\n%b\r\n" % (len(data), data))

    def gone(self) -> bool:
        return self.reader.at_eof() or self.writer.is_closing()


@dataclass(slots=True)
class ChatServer:
    """``async with ChatServer([Reply(("Hello",))]) as server: server.url``.

    `script` is a sequence of steps, or a function of the request's body. `formats` are the structured
    outputs it supports, `refuses` the members of a request that it answers with 400; neither uses up a step.
    `served` has the server's own seconds per answered request, `disconnects` counts clients that went away.
    """

    script: Iterable[Step] | Responder
    formats: frozenset[str] = frozenset({"json_schema", "json_object"})
    refuses: frozenset[str] = frozenset()
    seen: list[Seen] = field(default_factory=list)
    served: list[float] = field(default_factory=list)
    disconnects: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _respond: Responder | None = None

    @property
    def url(self) -> str:
        """The base address for a client."""
        if self._server is None:
            raise RuntimeError("the server does not run: use it as an async context manager")
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def __aenter__(self) -> ChatServer:
        self._respond = self.script if callable(self.script) else _in_order(self.script)
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_HEAD_LIMIT)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        connection = _Connection(reader, writer)
        try:
            while await self._serve(connection):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # Only `__aexit__` cancels, and asyncio 3.11 reports a handler that ends cancelled as an error.
            pass
        finally:
            writer.close()

    async def _serve(self, connection: _Connection) -> bool:
        """One request; False when the connection ends."""
        head = (await connection.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        length = int(headers.get("content-length") or 0)
        method, path, _ = head[0].split(" ", 2)
        if length > _LARGEST_BODY or (method, path) != ("POST", "/v1/chat/completions"):
            await _refuse(connection, Refusal(404, f"no {method} {path} here"))
            return False
        body = json.loads(await connection.reader.readexactly(length))
        start = time.perf_counter()
        self.seen.append(Seen(headers, body))
        keep = await self._act(connection, self._unsupported(body) or self._next(body))
        self.served.append(time.perf_counter() - start)
        return keep

    def _next(self, body: dict[str, Any]) -> Step:
        return self._respond(body) if self._respond else Refusal(500, "the server does not run")

    def _unsupported(self, body: dict[str, Any]) -> Refusal | None:
        for member in self.refuses & body.keys():
            return Refusal(400, f"Unsupported parameter: '{member}'", "unsupported_parameter")
        wanted = body.get("response_format", {}).get("type")
        if wanted is None or wanted in self.formats:
            return None
        return Refusal(400, f"response_format {wanted} is not supported", "unsupported_value")

    async def _act(self, connection: _Connection, step: Step) -> bool:
        match step:
            case Reply():
                return await self._reply(connection, step)
            case ToolCall():
                call = {"index": 0, "id": "call_1", "type": "function"}
                function = {"name": step.name, "arguments": step.arguments}
                await _begin(connection)
                await connection.chunk(_event(_choice({"tool_calls": [call | {"function": function}]})))
                await _finish(connection, "tool_calls", (11, 7))
                return True
            case Refusal():
                await _refuse(connection, step)
                return True
            case Raw():
                head = f"HTTP/1.1 200 OK\r\ncontent-type: {step.content_type}\r\n"
                head += f"content-length: {len(step.body)}\r\n\r\n"
                await connection.send(head.encode() + step.body)
                return True
            case Hangup():
                await asyncio.sleep(step.delay)
                return False
            case _:
                assert_never(step)

    async def _reply(self, connection: _Connection, reply: Reply) -> bool:
        await _begin(connection)
        for number, piece in enumerate(reply.pieces):
            await asyncio.sleep(reply.delay if number else reply.first_delay)
            if reply.cut_after == number:
                return False
            if connection.gone():
                self.disconnects += 1
                return False
            await connection.chunk(_event(_choice({"content": piece})))
        if reply.cut_after is not None:
            return False
        await _finish(connection, reply.finish, reply.usage)
        return True


def _in_order(script: Iterable[Step]) -> Responder:
    steps = iter(script)
    return lambda _body: next(steps, Refusal(500, "the script has no further step"))


async def _begin(connection: _Connection) -> None:
    await connection.send(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")


async def _finish(connection: _Connection, finish: str | None, usage: tuple[int, int] | None) -> None:
    events = _event(_choice({}, finish)) if finish else b""
    if usage is not None:
        total = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
        events += _event({"choices": [], "usage": total})
    events += b"data: [DONE]\n\n"
    await connection.send(b"%x\r\n%b\r\n0\r\n\r\n" % (len(events), events))


async def _refuse(connection: _Connection, refusal: Refusal) -> None:
    error = {"message": refusal.message, "type": "invalid_request_error", "code": refusal.code}
    body = json.dumps({"error": error}).encode()
    lines = [
        f"HTTP/1.1 {refusal.status} Refused",
        "content-type: application/json",
        f"content-length: {len(body)}",
    ]
    lines += [f"{name}: {value}" for name, value in refusal.headers]
    await connection.send("\r\n".join([*lines, "", ""]).encode() + body)


def _choice(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _event(content: dict[str, Any]) -> bytes:
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "scripted",
        **content,
    }
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"
