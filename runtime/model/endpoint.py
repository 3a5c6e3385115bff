"""One OpenAI-compatible chat-completions endpoint: calls, time-outs, retries, failures by name."""

from __future__ import annotations

import asyncio
import json
import math
import random
import re
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from runtime.model.dialect import Dialect
from runtime.model.errors import (
    ConnectionLostError,
    EndpointError,
    EndpointFailedError,
    KeyRefusedError,
    ModelConfigError,
    RateLimitedError,
    RequestRefusedError,
    TooSlowError,
)
from runtime.model.messages import Message
from runtime.model.port import Usage
from runtime.model.tokens import count

if TYPE_CHECKING:
    import httpx
    from openai import APIStatusError, AsyncOpenAI

Deltas = AsyncGenerator["Delta", None]
# Codes are shown to people, so only what looks like a name is taken for one.
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")
_DETAIL = 4_000
_END: Final = object()


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """Limits of a call. Times in seconds; `total` covers retries and pauses. `output_limit` in characters."""

    connect: float = 5.0
    read: float = 60.0
    total: float = 180.0
    retries: int = 3
    backoff: float = 0.5
    backoff_cap: float = 20.0
    output_limit: int = 200_000


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer; `finish` is set on the last one, `fault` where the answer is not text."""

    text: str = ""
    finish: str | None = None
    fault: str | None = None
    usage: Usage | None = None


@dataclass(slots=True)
class Call:
    """One request to send, and what sending it has used so far, failed attempts included."""

    write: Callable[[Dialect], list[Message]]
    max_tokens: int
    deadline: float
    schema_name: str = ""
    schema: dict[str, Any] | None = None
    used: Usage = Usage()  # noqa: RUF009  frozen


class Endpoint:
    """Knows address, model and key, and remembers which dialect was understood."""

    def __init__(
        self,
        url: str,
        model: str,
        key: str,
        options: ChatOptions,
        http_client: httpx.AsyncClient | None = None,
        rng: random.Random | None = None,
    ) -> None:
        _check(url, model)
        self.model = model
        self._options = options
        self._rng = rng or random.Random()  # noqa: S311  jitter, not a secret
        self._client = _client(url, key, options, http_client)
        self._host = urlsplit(url).hostname
        self._dialect = Dialect()

    def __repr__(self) -> str:
        return f"Endpoint(host={self._host}, model={self.model})"

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def deltas(self, call: Call) -> Deltas:
        """The answer as it is written. Retried only while nothing was passed on; raises EndpointError."""
        async with aclosing(self._retried(call, self._negotiated)) as deltas:
            async for delta in deltas:
                yield delta

    async def whole(self, call: Call) -> Delta:
        """The answer in one piece, cut off one character past its limit; raises EndpointError."""
        async with aclosing(self._retried(call, self._gathered)) as deltas:
            return await anext(deltas)

    async def _gathered(self, call: Call) -> Deltas:
        pieces: list[str] = []
        size = 0
        finish = fault = None
        async with aclosing(self._negotiated(call)) as deltas:
            async for delta in deltas:
                pieces.append(delta.text)
                size += len(delta.text)
                finish = delta.finish or finish
                fault = delta.fault or fault
                if size > self._options.output_limit:
                    break
        text = "".join(pieces)[: self._options.output_limit + 1]
        yield Delta(text, finish, fault)

    async def _retried(self, call: Call, once: Callable[[Call], Deltas]) -> Deltas:
        for attempt in range(self._options.retries + 1):
            begun = False
            try:
                async with aclosing(once(call)) as deltas:
                    async for delta in deltas:
                        begun = True
                        yield delta
                return
            except EndpointError as error:
                if begun or not error.retry or attempt == self._options.retries:
                    raise
                await self._pause(attempt, error, call.deadline)

    async def _pause(self, attempt: int, error: EndpointError, deadline: float) -> None:
        """Exponential back-off with full jitter, after what the endpoint asked for. No time: the error."""
        seconds = self._rng.uniform(0, min(self._options.backoff_cap, self._options.backoff * 2**attempt))
        seconds += error.after or 0.0
        if asyncio.get_running_loop().time() + seconds >= deadline:
            raise error
        await asyncio.sleep(seconds)

    async def _negotiated(self, call: Call) -> Deltas:
        dialect: Dialect | None = self._dialect
        while dialect is not None:
            try:
                async with aclosing(self._attempt(call, dialect)) as deltas:
                    async for delta in deltas:
                        # Only what worked is remembered: a refusal may have had another reason.
                        self._dialect = dialect
                        yield delta
                return
            except RequestRefusedError as error:
                dialect = dialect.simpler(error, structured=call.schema is not None)
                if dialect is None:
                    raise

    async def _attempt(self, call: Call, dialect: Dialect) -> Deltas:
        from openai import AsyncStream

        written = call.write(dialect)
        body = dialect.body(call.max_tokens, call.schema_name, call.schema)
        sent = {"model": self.model, "messages": written, **body}
        call.used += Usage(calls=1)
        with _named(self._options):
            async with asyncio.timeout_at(call.deadline):
                # Chunks as plain JSON: making the client's models of them took two thirds of a call.
                stream = await self._client.post(
                    "/chat/completions", cast_to=object, body=sent, stream=True, stream_cls=AsyncStream[object]
                )
        text: list[str] = []
        reported: Usage | None = None
        finished = False
        try:
            chunks = aiter(stream)
            while True:
                with _named(self._options):
                    async with asyncio.timeout_at(call.deadline):
                        chunk = await anext(chunks, _END)
                    if chunk is _END:
                        break
                    delta = _delta(chunk)
                reported = delta.usage or reported
                finished = finished or delta.finish is not None
                text.append(delta.text)
                if delta.text or delta.finish or delta.fault:
                    yield delta
            if not finished:
                raise ConnectionLostError("the stream ended before the answer did")
        finally:
            call.used += reported or self._estimate(written, text)
            # Closing reads from a connection that may be gone; what was learnt before stands.
            with suppress(OSError):
                await stream.close()

    def _estimate(self, written: list[Message], text: list[str]) -> Usage:
        return Usage(0, prompt_tokens(written, self.model), count("".join(text), self.model))


def prompt_tokens(written: list[Message], model: str) -> int:
    """Tokens of the messages, with a few for the frame around each."""
    return sum(count(message["content"], model) + 8 for message in written)


def _check(url: str, model: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise ModelConfigError("CASEGATE_MODEL_URL must be an http or https address, as https://host/v1")
    if parts.username or parts.password:
        raise ModelConfigError("CASEGATE_MODEL_URL must not hold a password: put the key into CASEGATE_MODEL_KEY")
    if not model:
        raise ModelConfigError("CASEGATE_MODEL must name the model to ask")


def _client(url: str, key: str, options: ChatOptions, http_client: httpx.AsyncClient | None) -> AsyncOpenAI:
    import httpx
    from openai import AsyncOpenAI

    timeout = httpx.Timeout(options.read, connect=options.connect)
    # No redirects: they would carry the key and the evidence to an address that nobody configured.
    client = http_client or httpx.AsyncClient(timeout=timeout, follow_redirects=False)
    return AsyncOpenAI(
        base_url=url,
        api_key=key or "none",  # local servers want none, the client insists on one
        max_retries=0,
        timeout=timeout,  # type: ignore[arg-type]  # typed by httpx2, which converts it
        http_client=client,  # type: ignore[arg-type]  # likewise
    )


@contextmanager
def _named(options: ChatOptions) -> Iterator[None]:
    """Every failure as an EndpointError, without its cause: that holds the request and its headers."""
    from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError

    try:
        yield
    except APITimeoutError:
        raise TooSlowError(f"no data for {options.read:g} s, or no connection in {options.connect:g} s") from None
    except TimeoutError:
        raise TooSlowError(f"no complete answer in {options.total:g} s") from None
    except APIConnectionError as error:
        raise ConnectionLostError(type(error.__cause__ or error).__name__) from None
    except APIStatusError as error:
        raise _refusal(error) from None
    except APIError:
        raise EndpointFailedError("an error inside the stream") from None
    except (ValueError, TypeError, AttributeError, LookupError):
        # JSONDecodeError and UnicodeDecodeError are ValueErrors; the others are members of a wrong kind.
        raise EndpointFailedError("the stream is not one of chat completions") from None


def _refusal(error: APIStatusError) -> EndpointError:
    status = error.status_code
    after = _retry_after(error.response.headers.get)
    if status in (401, 403):
        return KeyRefusedError(status)
    if status == 429:
        return RateLimitedError(after)
    if status in (408, 409) or status >= 500:
        return EndpointFailedError(str(status), after)
    code = str(error.code or error.type or "")
    detail = json.dumps(error.body, default=str)[:_DETAIL] if error.body is not None else error.message
    return RequestRefusedError(status, code if _CODE.fullmatch(code) else "", detail)


def _retry_after(header: Callable[[str], str | None]) -> float | None:
    """Seconds to wait: ``retry-after-ms``, or ``Retry-After``, a number or a date (RFC 9110 §10.2.3)."""
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        with suppress(ValueError):
            seconds = float(header(name) or "") * unit
            return max(seconds, 0.0) if not math.isnan(seconds) else None
    with suppress(ValueError, TypeError):
        until = parsedate_to_datetime(header("retry-after") or "")
        return max((until - datetime.now(until.tzinfo or UTC)).total_seconds(), 0.0)
    return None


def _delta(chunk: Any) -> Delta:
    """What a chunk adds. Raises AttributeError, TypeError, ValueError or LookupError for one of another shape."""
    told = chunk.get("usage")
    usage = None if told is None else Usage(0, int(told["prompt_tokens"]), int(told["completion_tokens"]))
    if not chunk.get("choices"):
        return Delta(usage=usage)
    choice = chunk["choices"][0]
    delta = choice.get("delta") or {}
    fault = None
    if delta.get("tool_calls"):
        fault = "the answer called a tool, and none was offered"
    elif delta.get("refusal"):
        fault = "the model refused"
    return Delta(str(delta.get("content") or ""), choice.get("finish_reason"), fault, usage)
