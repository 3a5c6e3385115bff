"""Asking the API: GET and nothing else, with the token of the one who asks. Every right is decided over there."""

from __future__ import annotations

import asyncio
import re
from typing import NoReturn, TypeAlias, TypeVar
from urllib.parse import quote, urlsplit

import httpx
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, SecretStr, ValidationError

from runtime.errors import InputError
from runtime.loopback import is_loopback
from server.problems import Refused, Unknown

T = TypeVar("T", bound=BaseModel)
Parameter: TypeAlias = str | int | bool | list[str]
SECONDS = 30.0
MOST_BYTES = 16 * 1024 * 1024
_LONGEST_PROBLEM = 500
# As a header can carry it. What does not fit is refused here: the HTTP library would repeat it in its error.
_TOKEN = re.compile(r"[\x21-\x7e]{1,500}")


def is_token(text: str) -> bool:
    """Whether a text can be sent as a bearer token."""
    return _TOKEN.fullmatch(text) is not None


class Api:
    """The API of one server. It keeps no connection and no cookie: what one caller leaves behind serves no other."""

    def __init__(
        self, url: str, transport: httpx.AsyncBaseTransport | None = None, *, seconds: float = SECONDS
    ) -> None:
        self._url, self._transport, self._seconds = _base(url), transport, seconds

    async def get(self, token: SecretStr, shape: type[T], path: tuple[str, ...], **query: Parameter | None) -> T:
        """The answer at `/api/…`. Raises ToolError with the API's own words where it refuses."""
        address = f"{self._url}/api/{'/'.join(_segment(part) for part in path)}"
        given = {name: value for name, value in query.items() if value is not None}
        status, body = await self._answer(address, given, token)
        if status >= 400:
            raise ToolError(_problem(status, body))
        if status != 200:
            _strange(self._url)
        try:
            return shape.model_validate_json(body)
        except ValidationError:
            _strange(self._url)

    async def _answer(self, address: str, query: dict[str, Parameter], token: SecretStr) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {token.get_secret_value()}", "Accept": "application/json"}
        try:
            async with (
                asyncio.timeout(self._seconds),
                # No proxy of the environment: it would be handed the token.
                httpx.AsyncClient(transport=self._transport, trust_env=False, timeout=self._seconds) as client,
                client.stream("GET", address, params=query, headers=headers) as response,
            ):
                body = bytearray()
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > MOST_BYTES:
                        raise ToolError("the answer is too large to be passed on: ask for a smaller part of it")
                return response.status_code, bytes(body)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise ToolError(
                f"the Casegate server at {self._url} did not answer in {self._seconds:g} seconds"
            ) from error
        except httpx.HTTPError as error:
            raise ToolError(f"the Casegate server at {self._url} cannot be reached: is it running?") from error


def _base(url: str) -> str:
    expected = "the address of a Casegate server was expected, such as http://127.0.0.1:8000"
    try:
        parts = urlsplit(url)
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL) as error:
        raise InputError("--url", "", expected) from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise InputError("--url", "", expected)
    if parts.username is not None or parts.password is not None:
        raise InputError("--url", "", "no name and no password belong into the address")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise InputError("--url", "", "https was expected: over http the token could be read on the way")
    return url.rstrip("/")


def _segment(part: str) -> str:
    """One step of a path. What would lead to another one names nothing that there is."""
    if not part or part in (".", "..") or re.search(r"[/\\\x00-\x1f\x7f]", part):
        raise ToolError(_words(Unknown()))
    return quote(part, safe="")


def _problem(status: int, body: bytes) -> str:
    """The problem in the API's words, on one line."""
    try:
        said = _Said.model_validate_json(body)
    except ValidationError:
        return f"the server answered {status}"
    return " ".join(f"{said.title}: {said.detail}".rstrip(": ").split())[:_LONGEST_PROBLEM]


class _Said(BaseModel):
    """The members of a problem that are words for people."""

    title: str
    detail: str = ""


def _words(refused: Refused) -> str:
    return f"{refused.title}: {refused.detail}"


def _strange(url: str) -> NoReturn:
    raise ToolError(f"{url} does not answer as this version of Casegate expects: check --url, and both versions")
