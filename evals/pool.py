"""Cases over the cores of the machine: workers that are forked from a process which has loaded everything once."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from evals.cases import Case
from evals.results import CaseResult
from evals.running import run_case
from runtime.errors import CasegateError

# What a worker would otherwise load for itself, in seconds each.
_LOADED = ["evals.running", "chromadb", "bm25s", "langgraph.graph", "langgraph.checkpoint.sqlite.aio", "pdfplumber"]


class WorkerDiedError(CasegateError):
    """A process that ran a case ended in the middle of it."""


def run_all(
    cases: Sequence[Case], *, repeats: int = 1, keep: Path | None = None, workers: int | None = None
) -> Iterator[list[CaseResult]]:
    """The results of each case, as they come. Raises WorkerDiedError."""
    count = min(workers or os.cpu_count() or 1, len(cases))
    if count <= 1:
        for case in cases:
            yield run_case(case, repeats, keep)
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LOADED)
    with ProcessPoolExecutor(count, mp_context=context) as pool:
        waiting = {pool.submit(run_case, case, repeats, keep): case for case in cases}
        try:
            for done in as_completed(waiting):
                yield done.result()
        except BrokenProcessPool as error:
            raise WorkerDiedError(
                "a process that ran a case was ended from outside; is there enough memory?"
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)
