"""The monitor: clusters as they grow, why each merge was made, what waits for what, and what could not be read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from sqlalchemy import Row
from sse_starlette import EventSourceResponse

from agents.signal_live import restored
from lineage.canonical import Json
from lineage.entry import EntryDraft
from runtime.clock import instant
from runtime.store import signal_faults, signal_rows
from server import feeds, opened_views, telemetry
from server.api.access import Allowed, Here, Me, may
from server.api.actions import Action
from server.api.answers import fails
from server.api.keeping import KeptRight
from server.api.standing import stands_in
from server.api.streams import AllowedOnStream, OnStream, OnThisStream, signals_of
from server.models import signals as shapes
from server.models.problem import Fault
from server.problems import Conflict, Unknown, Unusable
from server.views import signals as views
from server.views.signals import Case, Names

router = APIRouter(prefix="/monitor", tags=["signals"])
CHAIN = "signals"
SHOWN, LATEST, CHANGED = 500, 30, 200
SEND_SECONDS = 30
EVENT_SHAPES = (shapes.MonitorEvent,)
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": (
            "`event: monitor` with `id:` = the stream's version (data: MonitorEvent), continued after `Last-Event-ID`; "
            "a comment every 15 s"
        ),
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get("", dependencies=[Depends(Allowed(Action.LIST_STREAMS))], responses=fails())
async def streams(me: Me, here: Here, request: Request) -> shapes.Streams:
    """The streams that I may look at."""
    found = []
    for tenant, scenario in signals_of(request).scenarios.items():
        standing, case = stands_in(me, tenant, scenario), f"{tenant}/signals"
        if standing.member is not None and may(here, standing, Action.WATCH_SIGNALS, case):
            found.append(
                shapes.Stream(
                    tenant=tenant,
                    tenant_name=standing.member.tenant_name,
                    scenario=scenario.short,
                    scenario_title=scenario.title,
                    may_reveal=may(here, standing, Action.REVEAL_CLUSTER, case),
                    may_split=may(here, standing, Action.SPLIT_CLUSTER, case),
                )
            )
    return shapes.Streams(streams=found)


@router.get("/{tenant}", dependencies=[Depends(AllowedOnStream(Action.WATCH_SIGNALS))], responses=fails(404))
async def monitor(tenant: str, on: OnThisStream) -> shapes.MonitorPage:
    """A stream as it stands: figures, and how each source fares."""
    database = on.service.database
    counts = await signal_rows.counts_of(database, tenant)
    rows = await signal_rows.sources_of(database, tenant)
    return shapes.MonitorPage(
        tenant=tenant,
        stored=counts.stored,
        placed=counts.placed,
        dead=counts.dead,
        clusters=counts.clusters,
        version=counts.version,
        sources=views.source_views(rows, on.desk.stream(tenant), datetime.now(UTC)),
        masked=views.masked_lines(may(on.service, on.standing, Action.REVEAL_CLUSTER, f"{tenant}/signals")),
    )


@router.get("/{tenant}/clusters", dependencies=[Depends(AllowedOnStream(Action.WATCH_SIGNALS))], responses=fails(404))
async def clusters(
    tenant: str,
    on: OnThisStream,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,15}\.-?\d{1,18}\.\d{1,18}$")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> shapes.Clusters:
    """The clusters: those of most kinds and tenants first."""
    after = tuple(int(part) for part in cursor.split(".")) if cursor else None
    rows = await signal_rows.heaviest(on.service.database, tenant, after, limit + 1)  # type: ignore[arg-type]
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    return shapes.Clusters(
        rows=await _views(on, shown, queue_names(on)),
        next_cursor=f"{last.weight}.{last.last_at}.{last.number}" if last is not None else None,
    )


@router.get(
    "/{tenant}/clusters/{number}", dependencies=[Depends(AllowedOnStream(Action.WATCH_SIGNALS))], responses=fails(404)
)
async def cluster_page(tenant: str, number: int, on: OnThisStream) -> shapes.ClusterPage:
    """A cluster in the queue view: its signals, and why each was merged."""
    return await _page(on, number, queue_names(on))


@router.post(
    "/{tenant}/clusters/{number}/reveal",
    dependencies=[Depends(AllowedOnStream(Action.REVEAL_CLUSTER))],
    responses=fails(404),
)
async def reveal_cluster(tenant: str, number: int, body: shapes.RevealNew, on: OnThisStream) -> shapes.ClusterPage:
    """Open the restricted view of a cluster. That it was opened, by whom and why, is in the lineage first."""
    await _cluster(on, number)
    await _opened(on, f"cluster:{number}", {"cluster": number, "reason": body.reason})
    return await _page(on, number, Names(None))


@router.post(
    "/{tenant}/clusters/{number}/split",
    dependencies=[Depends(AllowedOnStream(Action.SPLIT_CLUSTER))],
    responses=fails(404, 409),
)
async def split_cluster(tenant: str, number: int, body: shapes.SplitNew, on: OnThisStream) -> shapes.SplitMade:
    """Take signals out of a cluster. Nothing joins them with what they were split from again, whatever comes."""
    row = await _cluster(on, number)
    rows = await signal_rows.members_of(on.service.database, tenant, number, row.size + 1)
    wanted = set(body.signals)
    refs = [restored(one.parsed).ref for one in rows if one.seq in wanted]
    if len(refs) != len(wanted) or len(refs) >= len(rows):
        expected = "signals of this cluster by their `seq`, and not all of them"
        raise Unusable(f"body.signals: {expected}", [Fault(place="body.signals", expected=expected)])
    told: dict[str, Json] = {"cluster": number, "signals": list[Json](sorted(refs)), "reason": body.reason}
    entry = _entry(on, "cluster_split", told)
    now = time.time_ns() // 1000
    made = await signal_rows.put_split(on.service.database, tenant, number, refs, on.actor.id, body.reason, now, entry)
    if not made:
        raise Conflict("these signals were split from this cluster already")
    await on.desk.again(tenant, [number])
    found = await signal_rows.numbers_of(on.service.database, tenant, [one.seq for one in rows])
    return shapes.SplitMade(clusters=sorted(found))


@router.get("/{tenant}/signals", dependencies=[Depends(AllowedOnStream(Action.WATCH_SIGNALS))], responses=fails(404))
async def latest_signals(
    tenant: str, on: OnThisStream, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> shapes.SignalRows:
    """The signals that came last."""
    rows = await signal_rows.latest(on.service.database, tenant, 0, limit)
    names, stream = queue_names(on), on.desk.stream(tenant)
    return shapes.SignalRows(rows=[views.signal_view(row, names, stream, row.number) for row in rows])


@router.get("/{tenant}/dead", dependencies=[Depends(AllowedOnStream(Action.WATCH_SIGNALS))], responses=fails(404))
async def dead_letters(
    tenant: str,
    on: OnThisStream,
    before: Annotated[int | None, Query(ge=0, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> shapes.DeadLetters:
    """What could not be read, with the reason; without its content."""
    rows = await signal_rows.dead_letters(on.service.database, tenant, before, limit + 1)
    names, stream = queue_names(on), on.desk.stream(tenant)
    _, _, total = await signal_rows.version_of(on.service.database, tenant)
    return shapes.DeadLetters(
        rows=[views.dead_view(row, names, stream) for row in rows[:limit]],
        total=total,
        next_before=rows[limit - 1].seq if len(rows) > limit else None,
    )


@router.post(
    "/{tenant}/dead/{seq}/reveal", dependencies=[Depends(AllowedOnStream(Action.REVEAL_CLUSTER))], responses=fails(404)
)
async def reveal_dead(tenant: str, seq: int, body: shapes.RevealNew, on: OnThisStream) -> shapes.DeadRow:
    """Open a dead letter with its content. That it was opened is in the lineage before it is shown."""
    rows = await signal_rows.dead_letters(on.service.database, tenant, seq + 1, 1)
    if not rows or rows[0].seq != seq:
        raise Unknown
    await _opened(on, f"dead_letter:{seq}", {"dead_letter": seq, "reason": body.reason})
    return views.dead_view(rows[0], Names(None), on.desk.stream(tenant))


@router.get(
    "/{tenant}/events",
    dependencies=[Depends(AllowedOnStream(Action.WATCH_SIGNALS))],
    responses=fails(404) | STREAM,
    response_class=Response,
)
async def monitor_events(
    tenant: str,
    request: Request,
    on: OnThisStream,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
    after: Annotated[
        int | None, Query(ge=0, le=2**53, description="for a first connection: what changed since")
    ] = None,
) -> Response:
    """What changes, as it changes: never more than the newest two hundred clusters at once."""
    position = int(last_event_id) if last_event_id and last_event_id.isdecimal() and len(last_event_id) < 16 else after
    return EventSourceResponse(
        _stream(request, on, position),
        ping=feeds.HEARTBEAT_SECONDS,
        send_timeout=SEND_SECONDS,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(request: Request, on: OnStream, position: int | None) -> AsyncIterator[bytes]:
    database, names = on.service.database, queue_names(on)
    pause = max(0.25, on.service.settings.poll_milliseconds / 1000)
    telemetry.READERS.inc()
    seen: tuple[int, int, int] | None = None
    right = KeptRight(AllowedOnStream(Action.WATCH_SIGNALS), request)
    try:
        yield b"retry: 2000\n\n"
        while right.stands:
            now = await signal_rows.version_of(database, on.tenant)
            if now != seen:
                since = now[0] if position is None else position
                event = await _news(on, names, now, since)
                yield f"id: {now[0]}\nevent: monitor\ndata: {event.model_dump_json()}\n\n".encode()
                seen, position = now, now[0]
            await asyncio.sleep(pause)
    finally:
        right.let_go()
        telemetry.READERS.dec()


async def _news(on: OnStream, names: Names, now: tuple[int, int, int], since: int) -> shapes.MonitorEvent:
    database, stream = on.service.database, on.desk.stream(on.tenant)
    rows = await signal_rows.changed(database, on.tenant, since, CHANGED)
    last = await signal_rows.latest(database, on.tenant, 0, LATEST)
    return shapes.MonitorEvent(
        version=now[0],
        stored=now[1],
        dead=now[2],
        clusters=await _views(on, rows, names),
        latest=[views.signal_view(row, names, stream, row.number) for row in last],
    )


def queue_names(on: OnStream) -> Names:
    """The pseudonyms of the broad queue of a tenant: one scope, so that its people mean the same by them."""
    return Names(on.service.keys.pseudonyms(f"{on.tenant}\nqueue"))


async def _views(on: OnStream, rows: Sequence[Row[Any]], names: Names) -> list[shapes.ClusterRow]:
    runs = await signal_rows.states_of(on.service.database, on.tenant, [row.run for row in rows if row.run])
    faults = await signal_faults.of(on.service.database, on.tenant, [row.number for row in rows])
    # The case's name is no secret, and whether he may look into it the case asks itself; a link is shown to reviewers.
    knows = may(on.service, on.standing, Action.REVEAL_CLUSTER, f"{on.tenant}/signals")
    stream = on.desk.stream(on.tenant)
    cases = [Case(runs.get(row.run or ""), faults.get(row.number)) for row in rows]
    return [views.cluster_view(row, names, stream, case, knows) for row, case in zip(rows, cases, strict=True)]


async def _cluster(on: OnStream, number: int) -> Row[Any]:
    row = await signal_rows.cluster_row(on.service.database, on.tenant, number) if number < 2**62 else None
    if row is None:
        raise Unknown
    return row


async def _page(on: OnStream, number: int, names: Names) -> shapes.ClusterPage:
    row, stream, database = await _cluster(on, number), on.desk.stream(on.tenant), on.service.database
    rows = await signal_rows.members_of(database, on.tenant, number, SHOWN)
    body = orjson.loads(row.body)
    seqs = {restored(one.parsed).ref: one.seq for one in rows}
    links = {**body, "merges": [one for one in body["merges"] if one[1] in seqs or one[2] in seqs]}
    splits = await signal_rows.splits_of(database, on.tenant, number)
    return shapes.ClusterPage(
        view="restricted" if names.open else "queue",
        cluster=(await _views(on, [row], names))[0],
        signals=[views.signal_view(one, names, stream, number) for one in rows],
        more=max(0, row.size - len(rows)),
        links=views.merge_views(links, seqs, names, stream),
        splits=[
            shapes.SplitRow(
                by=one.by if names.open else names("person", one.by),
                at=views.time_of(one.at),
                reason=one.reason if names.open else "",
                signals=len(orjson.loads(one.members)),
            )
            for one in splits
        ],
    )


async def _opened(on: OnStream, about: str, content: dict[str, Json]) -> None:
    await opened_views.of_chain(on.service, on.tenant, CHAIN, on.actor, about, content)


def _entry(on: OnStream, kind: str, content: dict[str, Json]) -> EntryDraft:
    return EntryDraft(
        tenant=on.tenant,
        case=CHAIN,
        run=CHAIN,
        kind=kind,
        at=instant(datetime.now(UTC)),
        actor=on.actor,
        content=content,
    )
