"""Asking a system over HTTP: one question, within its time, bytes, pages and retries. No secret is in what it raises.

Only the declared origin is ever asked: a redirect or a link that leads elsewhere ends the question, before anything is
sent there. An answer that is cut, too large, of another type, or that repeats the credential is no answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
from pydantic import SecretStr
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from runtime.connector_settings import Connectors, ConnectorSettings
from runtime.errors import InputError
from tools.connectors.fetched import ConnectorError, Fetched
from tools.connectors.http_credential import forms_of, headers_of, trust_of
from tools.connectors.http_pages import Page, as_of, joined, next_page
from tools.connectors.http_question import Question, question, same_origin

MOST_REDIRECTS = 3
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_WORDS = {
    401: "it does not take the credential",
    403: "the credential may not read this",
    404: "there is no such thing",
    410: "it is gone",
    429: "it asks for fewer questions",
}


class _LaterError(ConnectorError):
    """It may answer when it is asked again, after `seconds` where it says so."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


async def fetch(connectors: Connectors, tenant: str, name: str, resource: str, ids: Mapping[str, object]) -> Fetched:
    """The answer to one question to a declared system. Raises ConnectorError, and IdError for a bad id."""
    settings = connectors.of(tenant).get(name)
    declared = settings.resources.get(resource) if settings is not None else None
    if settings is None or declared is None:
        raise ConnectorError(f"there is no {name}.{resource}")
    asked = question(name, settings, declared, ids)
    try:
        secret = connectors.secret(tenant, name)
        async with _client(settings, secret, connectors) as client, asyncio.timeout(settings.seconds):
            return await _Asking(client, asked, forms_of(settings, secret)).answer()
    except InputError as error:
        raise ConnectorError(f"{name}: its credential cannot be read: {error.expected}") from None
    except TimeoutError:
        raise ConnectorError(f"{name}: no whole answer within {settings.seconds:g} s for {asked.place}") from None
    except ConnectorError as error:
        raise ConnectorError(f"{name}: {error}: {asked.place}") from None


def _client(settings: ConnectorSettings, secret: SecretStr | None, connectors: Connectors) -> httpx.AsyncClient:
    """A client that trusts, follows and reads nothing of the environment. Raises ConnectorError."""
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "casegate"}
    return httpx.AsyncClient(
        headers={**headers, **headers_of(settings, secret)},
        timeout=None,  # noqa: S113  the whole question has one
        trust_env=False,
        follow_redirects=False,
        verify=trust_of(settings, connectors.file.parent),
    )


@dataclass(slots=True)
class _Asking:
    """One question at work. `left` counts bytes down, over all pages."""

    client: httpx.AsyncClient
    asked: Question
    credential: tuple[bytes, ...]
    left: int = 0
    seen: set[httpx.URL] = field(default_factory=set)

    async def answer(self) -> Fetched:
        """All pages as one document."""
        settings, resource = self.asked.settings, self.asked.resource
        self.left = settings.bytes
        pages: list[Page] = []
        address = next_page(self.asked, pages)
        while address is not None:
            if address in self.seen:
                raise ConnectorError("its pages go round in a circle")
            self.seen.add(address)
            pages.append(await self._page(address))
            if len(pages) > resource.pages and pages[-1].items:
                raise ConnectorError(f"more than {resource.pages} pages; a narrower question is needed")
            address = next_page(self.asked, pages)
        return Fetched(
            data=joined(resource, pages),
            name=self.asked.file,
            connector=self.asked.connector,
            system=settings.system,
            place=self.asked.place,
            at=datetime.now(UTC),
            as_of=as_of(resource, pages),
            age=max(page.age for page in pages),
            fresh_for=timedelta(minutes=resource.fresh_minutes) if resource.fresh_minutes is not None else None,
        )

    async def _page(self, address: httpx.URL) -> Page:
        asking = AsyncRetrying(
            stop=stop_after_attempt(self.asked.settings.retries + 1),
            wait=_pause,
            retry=retry_if_exception_type(_LaterError),
            reraise=True,
        )
        return await asking(self._once, address)

    async def _once(self, address: httpx.URL, redirects: int = 0) -> Page:
        try:
            async with self.client.stream("GET", address) as response:
                if response.next_request is None:
                    return await self._read(response)
                target = response.next_request.url
        except httpx.HTTPError as error:
            # Of the error its name alone: the texts of some repeat headers.
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise ConnectorError("its certificate is not trusted") from None
            raise _LaterError(f"it cannot be read ({type(error).__name__})") from None
        if not same_origin(address, target):
            raise ConnectorError("it redirects to another origin; nothing was sent there")
        if redirects >= MOST_REDIRECTS:
            raise ConnectorError(f"more than {MOST_REDIRECTS} redirects")
        return await self._once(target, redirects + 1)

    async def _read(self, response: httpx.Response) -> Page:
        status = response.status_code
        if status in _PASSING:
            raise _LaterError(_said(status), self._asked_to_wait(response))
        if status != httpx.codes.OK:
            raise ConnectorError(_said(status))
        kind, _, options = response.headers.get("content-type", "").lower().partition(";")
        if not (kind.strip() == "application/json" or kind.strip().endswith("+json")):
            raise ConnectorError("the type application/json was expected")
        if "charset" in options and "utf-8" not in options:
            raise ConnectorError("UTF-8 was expected")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise ConnectorError("an answer that is not compressed was expected")
        data = await self._body(response)
        if any(form in data for form in self.credential):
            raise ConnectorError("the answer repeats the credential; nothing of it was kept")
        return Page.of(self.asked.resource, data, _age(response), response.links.get("next", {}).get("url"))

    async def _body(self, response: httpx.Response) -> bytes:
        data = bytearray()
        async for piece in response.aiter_raw(65_536):
            data += piece
            if len(data) > self.left:
                raise ConnectorError(f"at most {self.asked.settings.bytes} bytes were expected")
        self.left -= len(data)
        return bytes(data)

    def _asked_to_wait(self, response: httpx.Response) -> float | None:
        """Seconds. Raises ConnectorError where it asks for more than the question may take."""
        told = response.headers.get("retry-after", "")
        seconds: float | None = None
        if told.isdigit():
            seconds = float(told)
        else:
            with suppress(ValueError, TypeError):
                seconds = max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())
        if seconds is not None and seconds > self.asked.settings.seconds:
            raise ConnectorError(f"{_said(response.status_code)}, and to wait {seconds:.0f} s")
        return seconds


def _said(status: int) -> str:
    words = _WORDS.get(status)
    return f"it answered {status}: {words}" if words else f"it answered {status}"


_BACK_OFF = wait_exponential_jitter(multiplier=0.2, max=5, jitter=0.2)


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    told = error.seconds if isinstance(error, _LaterError) else None
    return told if told is not None else _BACK_OFF(state)


def _age(response: httpx.Response) -> timedelta:
    """How old a cache says that the answer is (RFC 9111 §4.2.3, without the delay of the answer)."""
    told, apparent = response.headers.get("age", ""), timedelta()
    with suppress(ValueError, TypeError):
        apparent = datetime.now(UTC) - parsedate_to_datetime(response.headers.get("date", ""))
    stated = timedelta(seconds=min(int(told), 2**31)) if told.isascii() and told.isdigit() else timedelta()
    return max(apparent, stated, timedelta())
