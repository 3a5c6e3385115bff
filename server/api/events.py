"""Live events of a run, from the lineage."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response

from server.api.access import Allowed
from server.api.actions import Action
from server.api.answers import fails
from server.models.lineage import LineageEvent, ProgressEvent

router = APIRouter(prefix="/runs/{run}", tags=["events"])
STREAM = {
    200: {
        "description": (
            "`event: lineage` with `id:` = place in the lineage (data: LineageEvent), replayed after `Last-Event-ID`; "
            "`event: progress` without id (data: ProgressEvent); a comment every 15 s"
        ),
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": 'id: 41\nevent: lineage\ndata: {"seq":41,"kind":"answered"}\n\n',
            }
        },
    }
}


@router.get(
    "/events", dependencies=[Depends(Allowed(Action.WATCH_RUN))], responses=fails(404) | STREAM, response_class=Response
)
async def events(
    run: str,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
    after: Annotated[int | None, Query(ge=-1, description="for a first connection: events after this one")] = None,
) -> Response:
    """Every lineage entry of the run, nothing missed and nothing twice, then what comes."""
    raise NotImplementedError


EVENT_SHAPES = (LineageEvent, ProgressEvent)
