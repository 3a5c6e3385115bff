"""A run: its page, revisions, conversation, search, and what people do to it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query

from server.api.access import Allowed
from server.api.actions import Action
from server.api.answers import fails
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
)

router = APIRouter(prefix="/runs/{run}", tags=["runs"])
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=200,
        description="the same key again changes nothing and gives the first answer",
    ),
]


@router.get("", dependencies=[Depends(Allowed(Action.READ_RUN))], responses=fails(404))
async def run_page(run: str) -> RunView:
    """The run as I may see it, and what I may do now."""
    raise NotImplementedError


@router.get("/revisions", dependencies=[Depends(Allowed(Action.READ_RUN))], responses=fails(404))
async def revisions(run: str) -> Revisions:
    """Every revision, oldest first."""
    raise NotImplementedError


@router.get("/revisions/{revision}", dependencies=[Depends(Allowed(Action.READ_RUN))], responses=fails(404))
async def revision_page(run: str, revision: str) -> RevisionView:
    """One revision, by name or content hash."""
    raise NotImplementedError


@router.get("/revisions/{a}/diff/{b}", dependencies=[Depends(Allowed(Action.READ_RUN))], responses=fails(404))
async def diff(run: str, a: str, b: str) -> Diff:
    """What differs between two revisions."""
    raise NotImplementedError


@router.get("/chat", dependencies=[Depends(Allowed(Action.READ_RUN))], responses=fails(404))
async def chat(
    run: str,
    before: Annotated[int | None, Query(ge=0)] = None,
    after: Annotated[int | None, Query(ge=-1, description="only turns whose `seq` is higher")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> Chat:
    """The conversation, out of the lineage."""
    raise NotImplementedError


@router.post("/chat", status_code=202, dependencies=[Depends(Allowed(Action.CHAT))], responses=fails(404))
async def say(run: str, body: ChatIn, key: Key = None) -> Accepted:
    """Write in the chat. It is a turn of its own and never an answer to a gate."""
    raise NotImplementedError


@router.post("/edits", status_code=202, dependencies=[Depends(Allowed(Action.REVIEW_EDITS))], responses=fails(404, 409))
async def review_edits(run: str, body: EditsIn, key: Key = None) -> Accepted:
    """Accept and reject proposed edits, each or all."""
    raise NotImplementedError


@router.post("/objections", status_code=202, dependencies=[Depends(Allowed(Action.OBJECT))], responses=fails(404))
async def object_(run: str, body: ObjectionIn, key: Key = None) -> Accepted:
    """Object to a statement."""
    raise NotImplementedError


@router.get("/search", dependencies=[Depends(Allowed(Action.SEARCH_RUN))], responses=fails(404))
async def search(
    run: str, q: Annotated[str, Query(min_length=1, max_length=500)], limit: Annotated[int, Query(ge=1, le=100)] = 30
) -> SearchHits:
    """Find words in the evidence, the artifact, the registers and the conversation."""
    raise NotImplementedError
