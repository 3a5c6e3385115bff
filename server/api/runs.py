"""A run: its page, revisions, conversation, search, and what people do to it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query

from casefile.packet import Edits, Objects, Says, Step
from server import turns
from server.api.access import Allowed, OnThisRun
from server.api.actions import Action
from server.api.answers import fails
from server.models.exhibits import ExhibitsView
from server.models.runs import (
    Accepted,
    Chat,
    ChatIn,
    Diff,
    EditsIn,
    ObjectionIn,
    Revisions,
    RevisionView,
    RunView,
    SearchHits,
    Work,
)
from server.views import conversation
from server.views import exhibits as exhibit_views
from server.views import revisions as revision_views
from server.views import run as run_views
from server.views import search as searching
from server.views import work as work_views

router = APIRouter(prefix="/runs/{run}", tags=["runs"])
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=200,
        description="the same key again changes nothing and gives the first answer",
    ),
]


@router.get("", dependencies=[Depends(Allowed(Action.READ_RUN))], responses=fails(404))
async def run_page(run: str, on: OnThisRun) -> RunView:
    """The run as I may see it, and what I may do now."""
    return await run_views.run_view(on)


@router.get("/revisions", dependencies=[Depends(Allowed(Action.READ_RUN))], responses=fails(404))
async def revisions(run: str, on: OnThisRun) -> Revisions:
    """Every revision, oldest first."""
    return await revision_views.revisions_view(on)


@router.get("/revisions/{revision}", dependencies=[Depends(Allowed(Action.READ_RUN))], responses=fails(404))
async def revision_page(run: str, revision: str, on: OnThisRun) -> RevisionView:
    """One revision, by name or content hash."""
    return await revision_views.revision_view(on, revision)


@router.get("/revisions/{revision}/exhibits", dependencies=[Depends(Allowed(Action.READ_RUN))], responses=fails(404))
async def exhibits(run: str, revision: str, on: OnThisRun) -> ExhibitsView:
    """What the workspace draws of a revision: tables, matrices, axes, as the scenario declares them."""
    return await exhibit_views.exhibits_view(on, revision)


@router.get("/revisions/{a}/diff/{b}", dependencies=[Depends(Allowed(Action.READ_RUN))], responses=fails(404))
async def diff(run: str, a: str, b: str, on: OnThisRun) -> Diff:
    """What differs between two revisions."""
    return await revision_views.diff_of(on, a, b)


@router.get("/chat", dependencies=[Depends(Allowed(Action.READ_RUN))], responses=fails(404))
async def chat(
    run: str,
    on: OnThisRun,
    before: Annotated[int | None, Query(ge=0, le=2**53)] = None,
    after: Annotated[int | None, Query(ge=-1, le=2**53, description="only turns whose `seq` is higher")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> Chat:
    """The conversation, out of the lineage."""
    return await conversation.chat_view(on, before, after, limit)


@router.get("/chat/{seq}/work", dependencies=[Depends(Allowed(Action.READ_RUN))], responses=fails(404))
async def work(run: str, seq: Annotated[int, Path(ge=0, le=2**53)], on: OnThisRun) -> Work:
    """What each agent did for the turn with this `seq`, which made a revision."""
    return await work_views.work_view(on, seq)


@router.post("/chat", status_code=202, dependencies=[Depends(Allowed(Action.CHAT))], responses=fails(404, 409))
async def say(run: str, body: ChatIn, on: OnThisRun, key: Key = None) -> Accepted:
    """Write in the chat. It is a turn of its own and never an answer to a gate."""
    step = Step(at=on.now, says=Says(by=on.actor, text=body.text))
    return await turns.submit(on, turns.event_key(on, "say", key), step)


@router.post(
    "/chat/{event}/cancel",
    status_code=202,
    dependencies=[Depends(Allowed(Action.CANCEL_CHAT))],
    responses=fails(404, 409),
)
async def cancel_turn(run: str, event: str, on: OnThisRun) -> Accepted:
    """Cancel a chat turn by its event. What was asked stays on record; what agents did for it counts for nothing."""
    return await turns.cancelled(on, event)


@router.post("/edits", status_code=202, dependencies=[Depends(Allowed(Action.REVIEW_EDITS))], responses=fails(404, 409))
async def review_edits(run: str, body: EditsIn, on: OnThisRun, key: Key = None) -> Accepted:
    """Accept and reject proposed edits, each or all."""
    step = Step(at=on.now, edits=Edits(by=on.actor, accept=body.accept, reject=body.reject, reason=body.reason))
    return await turns.submit(on, turns.event_key(on, "edits", key), step)


@router.post("/objections", status_code=202, dependencies=[Depends(Allowed(Action.OBJECT))], responses=fails(404, 409))
async def object_(run: str, body: ObjectionIn, on: OnThisRun, key: Key = None) -> Accepted:
    """Object to a statement."""
    step = Step(at=on.now, objects=Objects(by=on.actor, to=body.to, text=body.text))
    return await turns.submit(on, turns.event_key(on, "object", key), step)


@router.get("/search", dependencies=[Depends(Allowed(Action.SEARCH_RUN))], responses=fails(404))
async def search(
    run: str,
    on: OnThisRun,
    q: Annotated[str, Query(min_length=1, max_length=500)],
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
) -> SearchHits:
    """Find words in the evidence, the artifact, the registers and the conversation, as I may see them."""
    return await searching.search_view(on, q, limit)
