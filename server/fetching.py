"""Fetching an answer of a connected system into a case: asked in a person's name, frozen like a file that he adds."""

from __future__ import annotations

import structlog

from casefile.packet import SourceItem, Step
from graphs.fetched_evidence import arrive
from runtime.clock import instant
from runtime.connector_settings import ConnectorSettings, Resource
from runtime.store.chain import head_of
from runtime.store.turn import Event, Turn
from server import turns
from server.api.access import OnRun
from server.models.fetching import ConnectorList, ConnectorView, EvidenceFetched, FetchIn, IdView, ResourceView
from server.models.problem import Fault
from server.problems import NoAnswer, Unknown, Unusable
from server.views.evidence import belongs
from tools.connectors.fetched import ConnectorError, Fetched
from tools.connectors.http_fetch import fetch
from tools.connectors.http_question import IdError

log = structlog.get_logger("casegate")
_ASKED = "asked:"


def fetchable(on: OnRun) -> ConnectorList:
    """The connected systems of the case's tenant, and what may be asked of each."""
    systems = on.service.connectors.of(on.opened.context.store.tenant)
    return ConnectorList(connectors=[_connector(on, name, settings) for name, settings in systems.items()])


def _connector(on: OnRun, name: str, settings: ConnectorSettings) -> ConnectorView:
    return ConnectorView(
        id=name,
        title=settings.title or name,
        kind=settings.kind,
        system=settings.system,
        resources=[_resource(on, settings, resource, one) for resource, one in settings.resources.items()],
    )


def _resource(on: OnRun, settings: ConnectorSettings, name: str, declared: Resource) -> ResourceView:
    row = belongs(on.opened.context.scenario, settings.system, declared.file, name)
    return ResourceView(
        name=name,
        title=declared.title or name,
        ids=[
            IdView(name=one, title=known.title or one, pattern=known.pattern, example=known.example)
            for one, known in declared.parameters.items()
        ],
        source=row.source,
        rank=row.rank,
    )


async def fetched(on: OnRun, wanted: FetchIn, given: str | None) -> EvidenceFetched:
    """Ask, and put the answer into the inbox; the same key again asks nothing and gives the first answer (R10).

    Raises Unknown, Unusable for a bad id, Conflict where the run has ended, NoAnswer where the system gives none.
    """
    context, connectors = on.opened.context, on.service.connectors
    store = context.store
    settings = connectors.of(store.tenant).get(wanted.connector)
    if settings is None or wanted.resource not in settings.resources:
        raise Unknown
    key = turns.event_key(on, "fetch", given)
    if (first := await _first(on, key)) is not None:
        return first
    if wanted.replaces is not None and wanted.replaces not in {item.id for item in await store.evidence()}:
        raise _unusable("body.replaces", f"the id of an item of this case; there is no {wanted.replaces[:100]!r}")
    await _open(on, key, wanted)
    try:
        answer = await fetch(connectors, store.tenant, wanted.connector, wanted.resource, wanted.ids)
    except IdError as error:
        raise _unusable(f"body.ids.{error.parameter}", error.expected) from None
    except ConnectorError as error:
        log.warning("a connected system gave no answer", run=store.run, error=str(error))
        raise NoAnswer(str(error)) from None
    await _open(on, key, wanted)
    return await _entered(on, key, answer, wanted.replaces)


async def _entered(on: OnRun, key: str, answer: Fetched, replaces: str | None) -> EvidenceFetched:
    context = on.opened.context
    store = context.store
    turn = Turn(key=f"event:{key}", at=await on.opened.now())
    arrival = await arrive(context, turn, answer, context.person(on.actor), key=key, replaces=replaces)
    if arrival.is_ != "new":
        # The clock moved on: what is due by now is looked at, as at any other time.
        turn.events.append(Event(key, "passes", instant(turn.at), "{}"))
    head = await head_of(store.database, store.tenant, store.case)
    accepted = EvidenceFetched(
        run=store.run,
        event=key,
        lineage=head.size if head is not None else 0,
        id=arrival.source.id,
        file=arrival.source.file,
        system=arrival.source.system,
        sha256=arrival.sha256,
        size=len(answer.data),
        place=answer.place,
        captured_at=instant(arrival.captured_at),
        replaces=arrival.source.replaces if arrival.is_ == "new" else None,
        outcome=arrival.is_,
        stale=arrival.stale,
    )
    turn.work[_ASKED + key] = accepted.model_dump_json()
    if not await store.commit(turn) and (first := await _first(on, key)) is not None:
        return first
    on.service.committed(store.tenant, store.run)
    return accepted


async def _first(on: OnRun, key: str) -> EvidenceFetched | None:
    """What the same key was answered before."""
    kept = (await on.opened.context.store.work(_ASKED + key)).get(_ASKED + key)
    return EvidenceFetched.model_validate_json(kept) if kept is not None else None


async def _open(on: OnRun, key: str, wanted: FetchIn) -> None:
    """Raises Conflict where the run has ended: what was asked for stands on the record as refused."""
    row = await on.opened.context.store.row()
    if row is not None and row.final:
        name = f"{wanted.connector}.{wanted.resource}"
        await turns.submit(on, key, Step(at=on.now, arrives=SourceItem(id=name, file=name)))


def _unusable(place: str, expected: str) -> Unusable:
    return Unusable(f"{place}: {expected}", [Fault(place=place, expected=expected)])
