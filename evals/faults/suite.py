"""The fault suite as a suite of evals: one case for each workflow and each kind of store that this machine has."""

from __future__ import annotations

from evals.faults.kills import EACH, result, trials
from evals.faults.stores import BACKENDS, has_postgresql
from evals.faults.workflows import workflow, workflows
from evals.results import CaseResult


def names() -> list[str]:
    """Workflow and store, as `outage-intake@sqlite`. Without PostgreSQL's programs only SQLite's."""
    backends = [one for one in BACKENDS if one == "sqlite" or has_postgresql()]
    return [f"{one.name}@{backend}" for one in workflows() for backend in backends]


def judge(name: str) -> CaseResult:
    """Kill at passes of a workflow that are spread over its run."""
    flow, _, backend = name.partition("@")
    return result(name, list(trials(workflow(flow), backend, EACH)))
