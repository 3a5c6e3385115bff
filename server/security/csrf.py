"""CSRF: one middleware that every request that changes something passes, and that fails closed.

A request by cookie needs the session's token in `X-CSRF-Token`, and no other site may have caused it. A request with a
bearer token and no cookie carries no authority of the browser, and needs neither.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from server.problems import Forbidden, answer
from server.security.cookies import SessionCookie
from server.security.secrets import csrf_of, same

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SIGN_IN = "/api/session"


class Csrf:
    """The middleware."""

    def __init__(self, app: ASGIApp, cookie: SessionCookie) -> None:
        self._app, self._cookie = app, cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE:
            reason = self._refusal(scope["method"], scope["path"], Headers(scope=scope))
            if reason is not None:
                response = answer(scope.get("request_id", ""), scope["path"], Forbidden(reason))
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, method: str, path: str, headers: Headers) -> str | None:
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return "the request was caused by another site"
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != headers.get("host"):
            return "the request comes from a page of another origin"
        cookies = headers.get("cookie", "")
        session = self._cookie.read(cookies)
        if session is None:
            # Two cookies of our name, or a broken one: whose session it is cannot be told.
            return "the session cookie is broken" if f"{self._cookie.name}=" in cookies else None
        if method == "POST" and path == SIGN_IN:
            return None  # signing in anew: there is no session yet whose authority could be used
        given = headers.get("x-csrf-token", "")
        return (
            None if same(given, csrf_of(session)) else "the header X-CSRF-Token is missing or not that of the session"
        )
