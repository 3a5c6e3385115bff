"""Receipts: of a run, disclosed copies of it, the keys that verify them, and verifying a file."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request, Response

from server.api.access import Allowed, Here, Me, OnThisRun
from server.api.actions import Action
from server.api.answers import fails
from server.models.lineage import DiscloseIn, ReceiptReport
from server.uploads import received
from server.views import receipts

router = APIRouter(tags=["receipts"])
JSON = "application/json"
EXAMPLE = {
    "protected": "eyJhbGciOiJFZERTQSIsIn…",
    "payload": "eyJpc3Mi…",
    "signature": "…",
    "header": {"disclosures": []},
}
RECEIPT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "receipt.json; `Casegate-Receipt` says whether it is whole, or a copy with parts sealed that my "
        "view masks",
        "content": {JSON: {"example": EXAMPLE}},
        "headers": {"Casegate-Receipt": {"schema": {"type": "string", "enum": ["whole", "disclosed"]}}},
    },
    204: {"description": "the run has not reached an end, so there is no receipt yet"},
}
COPY: dict[int | str, dict[str, Any]] = {
    200: {"description": "a receipt.json that shows only these parts", "content": {JSON: {"example": EXAMPLE}}}
}
KEYS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "keys.json: a JWK set",
        "content": {JSON: {"example": {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "…", "purpose": "receipt"}]}}},
    }
}
UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                }
            }
        },
    }
}


@router.get(
    "/runs/{run}/receipt",
    dependencies=[Depends(Allowed(Action.READ_RECEIPT))],
    responses=fails(404) | RECEIPT,
    response_class=Response,
)
async def receipt(run: str, on: OnThisRun) -> Response:
    """The signed receipt of a run that reached an end, as far as my view shows it."""
    seen = await receipts.receipt_for(on)
    if seen is None:
        return Response(status_code=204)
    return _file(seen.body, f"receipt-{on.opened.context.store.run}", "whole" if seen.whole else "disclosed")


@router.post(
    "/runs/{run}/receipt/disclose",
    dependencies=[Depends(Allowed(Action.READ_RECEIPT))],
    responses=fails(404, 409) | COPY,
    response_class=Response,
)
async def disclose_receipt(run: str, body: Annotated[DiscloseIn, Body()], on: OnThisRun) -> Response:
    """A copy that proves the whole and shows only the named parts."""
    return _file(await receipts.disclosed(on, body.only), f"receipt-{on.opened.context.store.run}-copy", "disclosed")


@router.get(
    "/receipt-keys",
    dependencies=[Depends(Allowed(Action.READ_RECEIPT_KEYS))],
    responses=fails() | KEYS,
    response_class=Response,
)
async def receipt_keys(me: Me, here: Here) -> Response:
    """The public keys that verify receipts of my tenants, for `casegate receipt verify --trust`."""
    body = await receipts.keys_for(here, me)
    return Response(body, media_type=JSON, headers={"Content-Disposition": 'attachment; filename="keys.json"'})


@router.post(
    "/receipts/verify",
    dependencies=[Depends(Allowed(Action.VERIFY_RECEIPT))],
    responses=fails(413, 415),
    openapi_extra=UPLOAD,
)
async def verify_receipt(request: Request, here: Here) -> ReceiptReport:
    """Verify a receipt file against the keys of this installation. No case is looked at."""
    async with received(request, here.settings, here.uploads) as upload:
        _, path = upload.one()
        data = await asyncio.to_thread(path.read_bytes)
        return await asyncio.to_thread(receipts.report_of, data, here.keys.public)


def _file(body: bytes, name: str, shown: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.json"', "Casegate-Receipt": shown}
    return Response(body, media_type=JSON, headers=headers)
