"""The list of cases, and opening one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from runtime.store import run_list
from runtime.store.run_list import Filter
from server import opening
from server.api.access import Allowed, Here, Me
from server.api.actions import Action
from server.api.answers import fails
from server.models.cases import CaseMade, Cases, CaseSort, CaseState, Recognition
from server.uploads import received
from server.views import cases as views
from server.views.search import plain_text

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
    me: Me,
    here: Here,
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
    wanted = Filter(
        scenarios=views.slugs_for(scenario) if scenario else tuple(views.known_slugs()),
        states=tuple(state or ()),
        gates=views.gates_for(me, waiting_on) if waiting_on else None,
        tenant=tenant,
        text=plain_text(q),
        sort=sort,
        after=views.from_cursor(cursor),
        limit=limit + 1,
    )
    found, total = await run_list.listed(here.database, views.scope_of(me), wanted)
    rows = [views.case_row(me, one) for one in found[:limit]]
    last = found[limit - 1] if len(found) > limit else None
    key = (last.case if sort.endswith("case") else last.clock) if last else ""
    return Cases(rows=rows, total=total, next_cursor=views.cursor_of(key, last.run) if last else None)


@router.post(
    "/cases/recognise",
    dependencies=[Depends(Allowed(Action.OPEN_CASE))],
    responses=fails(413, 415),
    openapi_extra=UPLOAD,
)
async def recognise(request: Request, me: Me, here: Here) -> Recognition:
    """What the files are taken for, before a case is made of them. Nothing is kept."""
    async with received(request, here.settings, here.uploads, unpack=True) as upload:
        return await opening.recognition(here, await opening.sorted_out(here, me, upload), upload)


@router.post(
    "/cases",
    status_code=202,
    dependencies=[Depends(Allowed(Action.OPEN_CASE))],
    responses=fails(413, 415),
    openapi_extra=UPLOAD,
)
async def open_case(request: Request, me: Me, here: Here) -> CaseMade:
    """Open a case: a packet (packet.yaml and its files), or a scenario and files. Its first turn runs by itself."""
    async with received(request, here.settings, here.uploads, unpack=True) as upload:
        return await opening.opened(here, await opening.sorted_out(here, me, upload))
