"""Evidence: the ledger, each item as its viewer draws it, its bytes, and adding a file."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from server.api.access import Allowed
from server.api.actions import Action
from server.api.answers import fails
from server.api.runs import Key
from server.models.evidence import EvidenceAccepted, EvidenceList, EvidenceView

router = APIRouter(prefix="/runs/{run}/evidence", tags=["evidence"])
FILE = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "id": {"type": "string"},
                        "system": {"type": "string"},
                        "replaces": {"type": "string", "description": "id of the item that it replaces"},
                        "captured_at": {"type": "string", "format": "date-time"},
                    },
                    "required": ["file"],
                }
            }
        },
    }
}
BYTES = {200: {"description": "the bytes, as an attachment", "content": {"application/octet-stream": {}}}}
PICTURE = {200: {"description": "a PNG picture", "content": {"image/png": {}}}}


@router.get("", dependencies=[Depends(Allowed(Action.READ_EVIDENCE))], responses=fails(404))
async def ledger(run: str) -> EvidenceList:
    """The ledger, in order of arrival."""
    raise NotImplementedError


@router.post(
    "",
    status_code=202,
    dependencies=[Depends(Allowed(Action.ADD_EVIDENCE))],
    responses=fails(404, 409, 413, 415),
    openapi_extra=FILE,
)
async def add(run: str, key: Key = None) -> EvidenceAccepted:
    """Add a file, or replace one. Its bytes are frozen, and the case is looked at again in the background."""
    raise NotImplementedError


@router.get("/{item}", dependencies=[Depends(Allowed(Action.READ_EVIDENCE))], responses=fails(404))
async def item_page(
    run: str,
    item: str,
    locator: Annotated[str | None, Query(max_length=2000, description="open at this place")] = None,
    offset: Annotated[int | None, Query(ge=0)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    sheet: Annotated[str | None, Query(max_length=200)] = None,
    page: Annotated[int | None, Query(ge=1)] = None,
) -> EvidenceView:
    """One item as it is drawn: paged by `offset` and `limit`, or around `locator`."""
    raise NotImplementedError


@router.get(
    "/{item}/raw",
    dependencies=[Depends(Allowed(Action.READ_RAW))],
    responses=fails(404) | BYTES,
    response_class=Response,
)
async def raw(run: str, item: str) -> Response:
    """The bytes as they came, as an attachment."""
    raise NotImplementedError


@router.get(
    "/{item}/picture",
    dependencies=[Depends(Allowed(Action.READ_EVIDENCE))],
    responses=fails(404) | PICTURE,
    response_class=Response,
)
async def picture(run: str, item: str, page: Annotated[int, Query(ge=1, le=500)] = 1) -> Response:
    """An image, or a page of a PDF, as PNG; boxes with masked text are painted over."""
    raise NotImplementedError
