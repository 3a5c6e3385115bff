"""Rates of sign-in, per address and per account, in this process."""

from __future__ import annotations

import time

from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from server.problems import TooMany


class SignInRates:
    """Counts attempts of an address, and failures of an account."""

    def __init__(self, per_minute: int, account_per_hour: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._address = RateLimitItemPerMinute(per_minute)
        self._account = RateLimitItemPerHour(account_per_hour)

    def attempt(self, address: str, account: str = "") -> None:
        """Count an attempt. Raises TooMany where the address, or the account by its failures, had too many."""
        if not self._limiter.hit(self._address, "address", address):
            raise TooMany(self._wait(self._address, "address", address))
        if account and not self._limiter.test(self._account, "account", account):
            raise TooMany(self._wait(self._account, "account", account))

    def failed(self, account: str) -> None:
        """Count a failure of an account."""
        self._limiter.hit(self._account, "account", account)

    def _wait(self, item: RateLimitItemPerMinute | RateLimitItemPerHour, *of: str) -> int:
        return max(1, int(self._limiter.get_window_stats(item, *of).reset_time - time.time()) + 1)
