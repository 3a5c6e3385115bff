"""Evidence: the ledger, each item as its viewer draws it, its bytes, and adding a file."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response

from casefile.evidence import Reading
from server import adding
from server.api.access import Allowed, OnRun, OnThisRun
from server.api.actions import Action
from server.api.answers import fails
from server.api.runs import Key
from server.models.evidence import EvidenceAccepted, EvidenceList, EvidenceView
from server.problems import Forbidden, Unknown
from server.uploads import received
from server.views import evidence as views
from server.views.mask import mask_for
from server.views.rendering import (
    Drawing,
    Wanted,
    draw,
    pdf_pages,
    picture_address,
    picture_why_not,
    target,
)
from server.views.rendering import picture as paint

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
BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "the bytes, as an attachment", "content": {"application/octet-stream": {}}},
}
PICTURE: dict[int | str, dict[str, Any]] = {200: {"description": "a PNG picture", "content": {"image/png": {}}}}


@router.get("", dependencies=[Depends(Allowed(Action.READ_EVIDENCE))], responses=fails(404))
async def ledger(run: str, on: OnThisRun) -> EvidenceList:
    """The ledger, in order of arrival."""
    return await views.ledger_view(on)


@router.post(
    "",
    status_code=202,
    dependencies=[Depends(Allowed(Action.ADD_EVIDENCE))],
    responses=fails(404, 409, 413, 415),
    openapi_extra=FILE,
)
async def add(run: str, request: Request, on: OnThisRun, key: Key = None) -> EvidenceAccepted:
    """Add a file, or replace one. Its bytes are frozen, and the case is looked at again in the background."""
    here = on.service
    async with received(request, here.settings, here.uploads) as upload:
        return await adding.add(on, upload, key)


@router.get("/{item}", dependencies=[Depends(Allowed(Action.READ_EVIDENCE))], responses=fails(404))
async def item_page(
    run: str,
    item: str,
    on: OnThisRun,
    locator: Annotated[str | None, Query(max_length=2000, description="open at this place")] = None,
    offset: Annotated[int | None, Query(ge=0, le=10_000_000)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    sheet: Annotated[str | None, Query(max_length=200)] = None,
    page: Annotated[int | None, Query(ge=1, le=10_000)] = None,
) -> EvidenceView:
    """One item as it is drawn: paged by `offset` and `limit`, or around `locator`."""
    drawing = await _drawing(on, await views.item_of(on.opened.context, item))
    wanted = Wanted(locator, offset, limit, sheet, page)
    rendering = await asyncio.to_thread(draw, drawing, wanted)
    return EvidenceView(item=views.row_of(on, drawing.item), target=target(drawing, locator), rendering=rendering)


@router.get(
    "/{item}/raw",
    dependencies=[Depends(Allowed(Action.READ_RAW))],
    responses=fails(404) | BYTES,
    response_class=Response,
)
async def raw(run: str, item: str, on: OnThisRun) -> Response:
    """The bytes as they came, as an attachment."""
    found = await views.item_of(on.opened.context, item)
    why_not = views.raw_why_not(on, found)
    if why_not is not None:
        raise Forbidden(why_not)
    data = await on.opened.context.store.blob(found.evidence.sha256)
    return Response(data, media_type="application/octet-stream", headers=_apart(found.evidence.file))


@router.get(
    "/{item}/picture",
    dependencies=[Depends(Allowed(Action.READ_EVIDENCE))],
    responses=fails(404) | PICTURE,
    response_class=Response,
)
async def picture(run: str, item: str, on: OnThisRun, page: Annotated[int, Query(ge=1, le=500)] = 1) -> Response:
    """An image, or a page of a PDF, as PNG; boxes with masked text are painted over."""
    found = await views.item_of(on.opened.context, item)
    drawing = await _drawing(on, found)
    if drawing.reading.kind not in ("png", "jpg", "pdf") or drawing.reading.unusable or found.evidence.withdrawn:
        raise Unknown(f"{item} has no picture")
    why_not = picture_why_not(drawing)
    if why_not is not None:
        raise Forbidden(why_not)
    if drawing.reading.kind == "pdf" and page > await asyncio.to_thread(pdf_pages, drawing.data):
        raise Unknown(f"{item} has no page {page}")
    shown = await asyncio.to_thread(paint, drawing, page)
    return Response(shown, media_type="image/png", headers={"Content-Security-Policy": "sandbox; default-src 'none'"})


async def _drawing(on: OnRun, item: views.Item) -> Drawing:
    """The item, read. What has not been checked yet is not drawn: nobody knows what is in it."""
    context = on.opened.context
    mask = await mask_for(context, on.standing.view)
    address = picture_address(context.store.run, item.evidence.id)
    if item.evidence.withdrawn or not item.checked.done:
        reason = "it was withdrawn" if item.evidence.withdrawn else "it is being read"
        nothing = Reading(kind=views.kind_of_name(item.evidence.file), unusable=True, problems=[reason])
        return Drawing(item, b"", nothing, mask, frozenset(), address)
    reading = (await context.read_all([item.evidence]))[item.evidence.id]
    needed = reading.kind in ("png", "jpg", "pdf") and not reading.unusable
    data = await context.store.blob(item.evidence.sha256) if needed else b""
    return Drawing(item, data, reading, mask, frozenset(views.foreign_rows(context, item, reading)), address)


def _apart(file: str) -> dict[str, str]:
    """Headers under which a browser stores the bytes and never runs them."""
    name = file.rsplit("/", 1)[-1]
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
