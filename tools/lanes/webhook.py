"""The lane as a signed webhook.

`Casegate-Signature: v1=<hex>` is HMAC-SHA-256 under the shared secret over `<Casegate-Timestamp>.<Casegate-Key>.` and
the body's bytes: a receiver rejects what is not signed, what is older than it allows, and takes a key once.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

import httpx
from pydantic import SecretStr

from runtime.clock import wall
from tools.lanes.port import LaneEntry, Later, Refused

KEY, TIMESTAMP, SIGNATURE = "Casegate-Key", "Casegate-Timestamp", "Casegate-Signature"
_AGAIN = frozenset({408, 421, 423, 425, 429})
_HAS_IT = 409
_SHOWN = 200


def signature(secret: bytes, timestamp: int, key: str, body: bytes) -> str:
    """The signature of an entry at a time in seconds."""
    mac = hmac.new(secret, f"{timestamp}.{key}.".encode() + body, hashlib.sha256)
    return f"v1={mac.hexdigest()}"


class Webhook:
    """Posts to one address from the settings; follows no redirect and reads no proxy from the environment."""

    idempotent = True

    def __init__(
        self,
        url: str,
        secret: SecretStr,
        timeout: float,
        read_back: str | None = None,
        clock: Callable[[], int] = wall,
    ) -> None:
        self._url, self._secret, self._timeout, self._read_back = url, secret, timeout, read_back
        self._clock = clock

    async def deliver(self, entry: LaneEntry) -> str:
        """Post the entry. 2xx is delivered, and so is 409: the receiver has the key already."""
        response = await self._ask("POST", self._url, entry, entry.body)
        if response.is_success or response.status_code == _HAS_IT:
            return response.headers.get("location", "")[:_SHOWN] or f"HTTP {response.status_code}"
        reason = f"{self._url} answered {response.status_code}"
        if response.status_code in _AGAIN or response.is_server_error:
            raise Later(reason)
        raise Refused(f"{reason}; the receiver does not take this entry")

    async def has(self, entry: LaneEntry) -> bool | None:
        """Ask the receiver for the key, where the settings say how."""
        if self._read_back is None:
            return None
        address = self._read_back.replace("{key}", hashlib.sha256(entry.key.encode()).hexdigest())
        response = await self._ask("GET", address, entry, b"")
        if response.is_success:
            return True
        if response.status_code in (404, 410):
            return False
        raise Later(f"{address} answered {response.status_code} when it was asked for the entry")

    async def _ask(self, method: str, address: str, entry: LaneEntry, body: bytes) -> httpx.Response:
        at = self._clock()
        headers = {
            KEY: entry.key,
            TIMESTAMP: str(at),
            SIGNATURE: signature(self._secret.get_secret_value().encode(), at, entry.key, body),
            "Casegate-Lane": entry.lane,
            "Content-Type": "application/json",
        }
        try:
            async with (
                httpx.AsyncClient(timeout=self._timeout, trust_env=False) as client,
                client.stream(method, address, content=body, headers=headers) as response,
            ):
                return response
        except httpx.HTTPError as error:
            raise Later(f"{address}: {type(error).__name__}: {error}".rstrip(": ")) from error
