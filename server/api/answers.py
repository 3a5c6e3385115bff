"""Error answers as routes declare them for OpenAPI."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

MEDIA = "application/problem+json"
WHEN = {
    400: "The request cannot be used",
    401: "Nobody is signed in",
    403: "The role does not allow it",
    404: "There is no such thing, or the caller may not know of it",
    409: "It was decided already, or the case has moved on; the body names the winner or the newer revision",
    410: "The request has expired",
    413: "Too large",
    415: "Not the type that it claims to be",
    422: "Malformed: `faults` names each place",
    429: "Too many attempts",
    502: "A connected system gave no answer that can be used",
}


def fails(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that can fail with these codes, and with those that every route has."""
    return {code: _answer(code) for code in sorted({401, 403, 422, *codes})}


def _answer(code: int) -> dict[str, Any]:
    example = {
        "type": f"/problems/{HTTPStatus(code).phrase.lower().replace(' ', '-')}",
        "title": WHEN[code],
        "status": code,
        "detail": "one line for a person",
        "instance": "/api/…",
        "request_id": "0f8c1e6b7a9d4c21",
    }
    return {
        "description": WHEN[code],
        "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
    }
