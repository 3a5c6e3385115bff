"""What the API answers when it does not do what was asked: problem details (RFC 9457), made in this one place.

Problem
├── NotSignedIn   401
├── Forbidden     403  the role does not allow it
├── Unknown       404  the same body whether there is nothing or the caller may not know of it
├── Conflict      409  decided already, stale, or the run has ended
├── Gone          410  the request has expired
├── TooLarge      413
├── WrongType     415
├── Unusable      422  names each place
├── TooMany       429
└── NoAnswer      502  a connected system gave none that can be used
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from runtime.errors import CasegateError, InputError
from server.models.problem import Fault, Problem, RevisionName, Winner

MEDIA = "application/problem+json"
log = structlog.get_logger("casegate")


class Refused(Exception):  # noqa: N818  an answer, not a fault
    """Base: the request is answered with a problem."""

    status = 500
    type = "internal"
    title = "Something on our side went wrong"

    def __init__(self, detail: str = "", **members: Any) -> None:
        super().__init__(detail)
        self.detail, self.members = detail, members


class NotSignedIn(Refused):
    status, type, title = 401, "not-signed-in", "Nobody is signed in"


class Forbidden(Refused):
    status, type, title = 403, "forbidden", "Your role does not allow this"


class Unknown(Refused):
    status, type, title = 404, "unknown", "There is no such thing"

    def __init__(self, detail: str = "there is no such thing, or you may not know of it") -> None:
        super().__init__(detail)


class Conflict(Refused):
    status, type, title = 409, "conflict", "The case has moved on"

    def __init__(self, detail: str, winner: Winner | None = None, current: RevisionName | None = None) -> None:
        super().__init__(detail, winner=winner, current=current)


class Gone(Refused):
    status, type, title = 410, "expired", "The request has expired"


class TooLarge(Refused):
    status, type, title = 413, "too-large", "Too large"


class WrongType(Refused):
    status, type, title = 415, "wrong-type", "Not the type that it claims to be"


class Unusable(Refused):
    status, type, title = 422, "unusable", "The request cannot be used"

    def __init__(self, detail: str, faults: list[Fault] | None = None) -> None:
        super().__init__(detail, faults=faults or [])


class TooMany(Refused):
    status, type, title = 429, "too-many", "Too many attempts"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again in {seconds} seconds", retry_after=seconds)


class NoAnswer(Refused):
    status, type, title = 502, "no-answer", "The connected system gave no answer that can be used"


def answer(request_id: str, path: str, refused: Refused) -> Response:
    """The problem as a response."""
    shown = {name: value for name, value in refused.members.items() if value not in (None, [])}
    problem = Problem(
        type=f"/problems/{refused.type}",
        title=refused.title,
        status=refused.status,
        detail=refused.detail,
        instance=path,
        request_id=request_id,
        **shown,
    )
    headers = {"Retry-After": str(shown["retry_after"])} if "retry_after" in shown else {}
    if refused.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = problem.model_dump(mode="json", exclude_none=True)
    return JSONResponse(body, status_code=refused.status, media_type=MEDIA, headers=headers)


def register(app: FastAPI) -> None:
    """Answer every error of the application as a problem."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(CasegateError, _ours)
    app.add_exception_handler(Exception, _fault)


def _to(request: Request, refused: Refused) -> Response:
    return answer(request.scope.get("request_id", ""), request.url.path, refused)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101  Starlette hands over what was registered
    return _to(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    # The input itself is not repeated: it may be what the caller should not have sent.
    faults = [Fault(place=".".join(map(str, e["loc"])), expected=str(e["msg"])[:300]) for e in error.errors()[:50]]
    first = faults[0] if faults else Fault(place="the request", expected="something else")
    return _to(request, Unusable(f"{first.place}: {first.expected}", faults))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    if error.status_code == 404:
        return _to(request, Unknown())
    refused = Refused(str(error.detail) if error.status_code < 500 else "")
    refused.status, refused.type = error.status_code, f"http-{error.status_code}"
    refused.title = HTTPStatus(error.status_code).phrase
    response = _to(request, refused)
    response.headers.update(error.headers or {})
    return response


async def _ours(request: Request, error: Exception) -> Response:
    if isinstance(error, InputError):
        return _to(request, Unusable(str(error), [Fault(place=error.place or error.file, expected=error.expected)]))
    log.error("refused by the store", error=str(error))
    refused = Refused("the server cannot do this now")
    refused.status, refused.type, refused.title = 503, "unavailable", "The server cannot do this now"
    return _to(request, refused)


async def _fault(request: Request, error: Exception) -> Response:
    """A fault of ours: on record in the log, with the request's id; nothing of it goes out."""
    log.error("fault", path=request.url.path, exc_info=error)
    return _to(request, Refused("it is on record under this request's id"))
