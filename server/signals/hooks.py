"""Signed webhooks: HMAC-SHA256 over the time and the body, and a window in which that time has to lie.

    X-Casegate-Timestamp: 1747201930
    X-Casegate-Signature: v1=<hex of HMAC-SHA256(secret, timestamp + "." + body)>

Several signatures may stand there, separated by commas, while a secret is being changed.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping

from pydantic import SecretStr

from server.problems import NotSignedIn

WINDOW_SECONDS = 300
TIMESTAMP, SIGNATURE = "x-casegate-timestamp", "x-casegate-signature"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a body that is sent at a time (seconds since 1970)."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, "sha256").hexdigest()


def check(secret: SecretStr, headers: Mapping[str, str], body: bytes, now: float | None = None) -> None:
    """Raises NotSignedIn where the signature is missing, old, or not over exactly this body."""
    stamp, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    if not stamp.isdecimal() or len(stamp) > 12:
        raise NotSignedIn(f"the header {TIMESTAMP} is missing or no time in seconds")
    if abs((time.time() if now is None else now) - int(stamp)) > WINDOW_SECONDS:
        raise NotSignedIn(f"{TIMESTAMP} lies more than {WINDOW_SECONDS} seconds from now: the request may be a replay")
    expected = signature(secret.get_secret_value(), stamp, body)
    good = [hmac.compare_digest(one.strip().encode(), expected.encode()) for one in given.split(",")]
    if not any(good):
        raise NotSignedIn(f"{SIGNATURE} is not the signature of this body")
