"""Calling a system of the customer: only one that the case declares, only by a path, never by a free address (R8).

What a call gives back is what happened: an answer, or no answer and why. Nothing is retried here, and no redirect is
followed: an answer that points elsewhere is an answer.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import httpx
import orjson

from tools.connectors.fetched import ConnectorError

ANSWER_SECONDS = 5.0
MAX_ANSWER = 1024 * 1024
_PATH = re.compile(r"/(?!/)[^\s\\#@]*")


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """What a call carries: the headers of its credential, how an answer that repeats it looks, what is trusted."""

    headers: Mapping[str, str] = field(default_factory=dict)
    credential: tuple[bytes, ...] = ()
    verify: ssl.SSLContext | bool = True


@dataclass(frozen=True, slots=True)
class System:
    """A declared system. `base_url` is how evidence names it, `address` is where it listens.

    `backend` answers in place of plain HTTP with JSON, for a system that speaks a protocol of its own. `access` is
    asked at each call, so that no system keeps a secret; a system that has it is one of the installation, not a stub of
    a packet. `connected` False: the case declares it, and here is none, so that nothing is ever sent. `seconds` is how
    long one call may take.
    """

    id: str
    name: str
    base_url: str
    address: str
    backend: Backend | None = None
    access: Callable[[], Access] | None = field(default=None, repr=False)
    connected: bool = True
    seconds: float = ANSWER_SECONDS


@dataclass(frozen=True, slots=True)
class Request:
    """One call: `body` is sent as JSON, `form` as a submitted form."""

    method: str
    path: str
    body: Any = None
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a system said. `status` 0 means that it said nothing in time; `text` is then the reason."""

    status: int
    body: Any = None
    text: str = ""

    @property
    def silent(self) -> bool:
        """Whether there was no answer: nobody knows what the call did."""
        return self.status == 0


class Backend(Protocol):
    """A system behind a protocol of its own: the same requests and answers, the same rules about silence."""

    async def call(self, request: Request) -> Answer:
        """Take one request. Whatever kept it from being answered is an answer with status 0."""


def find(systems: Mapping[str, System], name: str) -> System | None:
    """The declared system that a name means: its id or name, however words are joined."""
    wanted = _joined(name)
    return next((one for one in systems.values() if wanted in (_joined(one.id), _joined(one.name))), None)


def path_in(system: System, target: str) -> str | None:
    """The path of a target in a system, or None where it is none: another host, a way up, an address with a user."""
    target = target.strip()
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        if not (target + "/").startswith(system.base_url + "/"):
            return None
        target = target[len(system.base_url) :] or "/"
    steps = unquote(target.partition("?")[0]).split("/")
    return target if _PATH.fullmatch(target) and ".." not in steps else None


async def call(system: System, request: Request) -> Answer:
    """Send one request and wait for its answer, no longer than the system's time. No secret is in an answer."""
    if not system.connected:
        return Answer(0, text=f"no system of the id {system.id} is connected")
    if system.backend is not None:
        return await system.backend.call(request)
    try:
        access = system.access() if system.access is not None else Access()
        async with asyncio.timeout(system.seconds):
            status, data = await _exchange(system, request, access)
    except ConnectorError as error:
        return Answer(0, text=f"no answer: {error}")
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        return Answer(0, text=f"no answer: {type(error).__name__}")
    if any(form in data for form in access.credential):
        return Answer(status, text="the answer repeats the credential, and is not kept")
    text = data.decode("utf-8", "replace")
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError:
        body = None
    return Answer(status, body, text)


async def _exchange(system: System, request: Request, access: Access) -> tuple[int, bytes]:
    """Status and bytes of the answer. The credential's headers win over those that a plan names."""
    headers = httpx.Headers(dict(request.headers))
    headers.update(dict(access.headers))
    form = dict(request.form) if request.form is not None else None
    client = httpx.AsyncClient(
        base_url=system.address,
        timeout=None,  # noqa: S113  the whole call has one
        trust_env=False,
        follow_redirects=False,
        verify=access.verify,
    )
    async with (
        client,
        client.stream(request.method, request.path, json=request.body, data=form, headers=headers) as response,
    ):
        data = bytearray()
        async for chunk in response.aiter_bytes():
            data += chunk
            if len(data) > MAX_ANSWER:
                break
        return response.status_code, bytes(data[:MAX_ANSWER])


def _joined(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
