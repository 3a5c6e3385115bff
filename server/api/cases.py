"""The list of cases, and opening one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from server.api.access import Allowed
from server.api.actions import Action
from server.api.answers import fails
from server.models.cases import CaseMade, Cases, CaseSort, CaseState, Recognition

router = APIRouter(tags=["cases"])

UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
                        "scenario": {"type": "string", "description": "slug or short name; not with a packet.yaml"},
                        "case": {"type": "string"},
                        "tenant": {"type": "string"},
                        "instructions": {"type": "string"},
                        "systems": {"type": "string", "description": "JSON object: file name to system"},
                    },
                    "required": ["files"],
                }
            }
        },
    }
}


@router.get("/cases", dependencies=[Depends(Allowed(Action.LIST_CASES))], responses=fails())
async def cases(
    scenario: str | None = None,
    state: Annotated[list[CaseState] | None, Query()] = None,
    waiting_on: Annotated[str | None, Query(description="`me`, a role or a gate")] = None,
    tenant: str | None = None,
    q: Annotated[str | None, Query(max_length=200, description="in case, tenant and scenario")] = None,
    sort: CaseSort = "-changed",
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Cases:
    """The cases that I may know of, as the queue view has them."""
    raise NotImplementedError


@router.post(
    "/cases/recognise",
    dependencies=[Depends(Allowed(Action.OPEN_CASE))],
    responses=fails(413, 415),
    openapi_extra=UPLOAD,
)
async def recognise() -> Recognition:
    """What the files are taken for, before a case is made of them. Nothing is kept."""
    raise NotImplementedError


@router.post(
    "/cases",
    status_code=202,
    dependencies=[Depends(Allowed(Action.OPEN_CASE))],
    responses=fails(413, 415),
    openapi_extra=UPLOAD,
)
async def open_case() -> CaseMade:
    """Open a case: a packet (packet.yaml and its files), or a scenario and files. The first turn runs in the background."""
    raise NotImplementedError
