"""The session cookie: `__Host-` wherever the connection is or should be encrypted; plain on http loopback only."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from starlette.responses import Response


class SessionCookie:
    """Reads, sets and clears it."""

    def __init__(self, plain_http: bool) -> None:
        self.secure = not plain_http
        self.name = "casegate" if plain_http else "__Host-casegate"

    def read(self, header: str) -> str | None:
        """The session in a `Cookie` header. One that stands twice is none: which of them is ours is not certain."""
        if header.count(f"{self.name}=") != 1:
            return None
        try:
            found = SimpleCookie(header).get(self.name)
        except CookieError:
            return None
        return found.value if found is not None and found.value else None

    def put(self, response: Response, session: str, seconds: int) -> None:
        """Set it."""
        response.set_cookie(
            self.name, session, max_age=seconds, path="/", secure=self.secure, httponly=True, samesite="lax"
        )

    def clear(self, response: Response) -> None:
        """Remove it."""
        response.delete_cookie(self.name, path="/", secure=self.secure, httponly=True, samesite="lax")
