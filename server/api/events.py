"""Live events of a run, from the lineage."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from sse_starlette import EventSourceResponse

from server import feeds, telemetry
from server.api.access import Allowed, OnRun, OnThisRun
from server.api.actions import Action
from server.api.answers import fails
from server.api.keeping import KeptRight
from server.models.lineage import LineageEvent, ProgressEvent
from server.models.problem import Fault
from server.problems import Unusable

router = APIRouter(prefix="/runs/{run}", tags=["events"])
SEND_SECONDS = 30
EVENT_SHAPES = (LineageEvent, ProgressEvent)
STREAM: dict[int | str, dict[str, Any]] = {
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
    "/events",
    dependencies=[Depends(Allowed(Action.WATCH_RUN))],
    responses=fails(404) | STREAM,
    response_class=Response,
)
async def events(
    run: str,
    request: Request,
    on: OnThisRun,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
    after: Annotated[
        int | None, Query(ge=-1, le=2**53, description="for a first connection: events after this one")
    ] = None,
) -> Response:
    """Every lineage entry of the run, nothing missed and nothing twice, then what comes."""
    position = -1 if after is None else after
    if last_event_id:
        # The header wins: a browser that reconnects sends it, with the address that it began with.
        if not last_event_id.isdecimal() or len(last_event_id) > 15:
            fault = Fault(place="header.Last-Event-ID", expected="the `id` of an event")
            raise Unusable(f"{fault.place}: {fault.expected}", [fault])
        position = int(last_event_id)
    return EventSourceResponse(
        _stream(request, on, position),
        ping=feeds.HEARTBEAT_SECONDS,
        send_timeout=SEND_SECONDS,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(request: Request, on: OnRun, position: int) -> AsyncIterator[bytes]:
    all_feeds = on.service.feeds
    feed = all_feeds.join(on.opened)
    all_feeds.look()
    telemetry.READERS.inc()
    mark, right = feed.shown, KeptRight(Allowed(Action.WATCH_RUN), request)
    try:
        yield b"retry: 2000\n\n"
        while right.stands:
            changed = feed.changed  # taken before reading: what comes meanwhile is not slept through
            page = feed.after(position)
            if page is None:  # further behind than the feed remembers
                page = await all_feeds.stored(feed, position)
                news = b"".join([message for _, message in page])
                if page:
                    position = page[-1][0]
                    if news:
                        yield news
                    continue
            if page:
                position = page[-1][0]
            news = b"".join([message for _, message in page])
            if feed.shown > mark:
                news += b"".join([message for number, message in feed.progress if number > mark])
                mark = feed.shown
            if news:
                yield news
            if feed.changed is changed:
                await changed.wait()
    finally:
        right.let_go()
        telemetry.READERS.dec()
        all_feeds.leave(feed)
