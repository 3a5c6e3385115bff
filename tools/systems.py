"""Calling a system of the customer: only one that the case declares, only by a path, never by a free address (R8).

What a call gives back is what happened: an answer, or no answer and why. Nothing is retried here, and no redirect is
followed: an answer that points elsewhere is an answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
import orjson

ANSWER_SECONDS = 5.0
MAX_ANSWER = 1024 * 1024
_PATH = re.compile(r"/(?!/)[^\s\\#@]*")


@dataclass(frozen=True, slots=True)
class System:
    """A declared system. `base_url` is how evidence names it, `address` is where it listens.

    `backend` answers in place of plain HTTP with JSON, for a system that speaks a protocol of its own.
    """

    id: str
    name: str
    base_url: str
    address: str
    backend: Backend | None = None


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
    """The declared system that a name means: its id, or the name in its script, however words are joined."""
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
    steps = target.partition("?")[0].split("/")
    return target if _PATH.fullmatch(target) and ".." not in steps and "%2e%2e" not in target.lower() else None


async def call(system: System, request: Request, seconds: float = ANSWER_SECONDS) -> Answer:
    """Send one request and wait for its answer for so many seconds at most."""
    if system.backend is not None:
        return await system.backend.call(request)
    client = httpx.AsyncClient(base_url=system.address, timeout=seconds, trust_env=False, follow_redirects=False)
    async with client:
        try:
            response = await client.request(
                request.method,
                request.path,
                json=request.body,
                data=dict(request.form) if request.form is not None else None,
                headers=dict(request.headers),
            )
        except httpx.HTTPError as error:
            return Answer(0, text=f"no answer: {type(error).__name__}")
    text = response.text[:MAX_ANSWER]
    try:
        body = orjson.loads(text)
    except orjson.JSONDecodeError:
        body = None
    return Answer(response.status_code, body, text)


def _joined(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
