"""Evals: those that were kept, one with its figures, two compared, a case opened; and starting one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sse_starlette import EventSourceResponse

from evals.kept import EvalRun, Kept
from server import evaluating
from server.api.access import Allowed, Here, Me
from server.api.actions import Action
from server.api.answers import fails
from server.models.evals import EvalCase, EvalComparison, EvalNew, EvalPage, EvalProgress, EvalRow, Evals, EvalState
from server.problems import Forbidden, NotSignedIn, Unknown
from server.views import evals as pages

router = APIRouter(prefix="/evals", tags=["evals"])
LOOK_SECONDS = 0.5
ASK_EVERY = 30
EVENT_SHAPES = (EvalProgress,)
_READ = [Depends(Allowed(Action.READ_EVALS))]
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "`event: progress` (data: EvalProgress) when something moved; the last one has ended",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": "event: progress\ndata: {}\n\n"}},
    }
}


@router.get("", dependencies=_READ, responses=fails())
async def evals(
    here: Here,
    suite: Annotated[str, Query(max_length=200, description="only evals that were asked for this suite")] = "",
    state: EvalState | None = None,
) -> Evals:
    """The evals that are kept, newest first."""
    kept = evaluating.kept_of(here.settings)
    runs = await asyncio.to_thread(kept.all)
    shown = [one for one in runs if (not suite or suite in one.names) and state in (None, one.state)]
    running = next((one.id for one in runs if one.state == "running"), None)
    return Evals(rows=[pages.row(one) for one in shown], suites=evaluating.known_suites(), running=running)


@router.post("", dependencies=[Depends(Allowed(Action.RUN_EVALS))], status_code=202, responses=fails(409))
async def run_eval(here: Here, me: Me, new: EvalNew) -> EvalRow:
    """Run an eval in the background. There is one at a time; it goes on when the server stops."""
    return pages.row(await evaluating.begin(here.settings, new.names, new.repeats, me.account.name or me.account.email))


@router.get("/{eval}", dependencies=_READ, responses=fails(404))
async def eval_page(here: Here, eval: str) -> EvalPage:  # noqa: A002  the word of the address
    """One eval: suites, metrics, cases with the worst first, figures over versions."""
    kept, run = _found(here, eval)
    return await asyncio.to_thread(pages.page, kept, run)


@router.get("/{eval}/compare/{other}", dependencies=_READ, responses=fails(404))
async def eval_comparison(here: Here, eval: str, other: str) -> EvalComparison:  # noqa: A002
    """This eval against another one, paired case by case, with 95 % intervals."""
    kept, run = _found(here, eval)
    return await asyncio.to_thread(pages.comparison, kept, run, _found(here, other)[1])


@router.get("/{eval}/case", dependencies=_READ, responses=fails(404))
async def eval_case(
    here: Here,
    eval: str,  # noqa: A002
    suite: Annotated[str, Query(max_length=200)],
    case: Annotated[str, Query(max_length=300)],
    against: Annotated[str, Query(max_length=60, description="the other eval of a comparison")] = "",
) -> EvalCase:
    """A case: what was missed, the artifact and the lineage of its run, beside the same case of another eval."""
    kept, run = _found(here, eval)
    other = _found(here, against)[1] if against else None
    found = await asyncio.to_thread(pages.case, kept, run, other, suite, case)
    if found is None:
        raise Unknown
    return found


@router.get("/{eval}/events", dependencies=_READ, responses=STREAM | fails(404), response_class=EventSourceResponse)
async def eval_events(request: Request, here: Here, eval: str) -> EventSourceResponse:  # noqa: A002
    """How far a running eval is, until it has ended."""
    kept, run = _found(here, eval)
    return EventSourceResponse(
        _progress(request, kept, run), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


async def _progress(request: Request, kept: Kept, run: EvalRun) -> AsyncIterator[dict[str, str]]:
    shown: EvalProgress | None = None
    looks = 0
    while True:
        found = await asyncio.to_thread(kept.find, run.id)
        if found is None:
            return
        now = EvalProgress(state=found.state, done=found.done, total=found.total)
        if now != shown:
            shown = now
            yield {"event": "progress", "data": now.model_dump_json()}
        looks += 1
        if now.state != "running" or (looks % ASK_EVERY == 0 and not await _still(request)):
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _still(request: Request) -> bool:
    """Whether the reader may still watch: the session lives, and the policies allow it."""
    try:
        await Allowed(Action.READ_EVALS)(request)
    except (NotSignedIn, Forbidden):
        return False
    return True


def _found(here: Here, name: str) -> tuple[Kept, EvalRun]:
    kept = evaluating.kept_of(here.settings)
    run = kept.find(name)
    if run is None:
        raise Unknown
    return kept, run
