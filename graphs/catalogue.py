"""The catalogue: every scenario folder, and the pattern that runs it.

Scenarios are discovered (a folder with a `scenario.yaml`); patterns are a table: adding one is one file and one line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from casefile.scenario import Scenario
from runtime.errors import InputError, ScenarioError

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"

# Pattern → module of this room with `build()`. Modules are imported when a run needs them: langgraph is slow to load.
PATTERNS: Mapping[str, str] = {
    "adaptive-review-sampling-rate-tuning": "graphs.adaptive_review_sampling_rate_tuning",
    "analyst-copilot-loop": "graphs.analyst_copilot_loop",
    "approval-gated-triage-dispatch": "graphs.approval_gated_triage_dispatch",
    "calendar-conflict-coordination": "graphs.calendar_conflict_coordination",
    "critical-signal-corroboration-triage": "graphs.critical_signal_corroboration_triage",
    "delegated-authority-option-ranking": "graphs.delegated_authority_option_ranking",
    "document-to-structured-data-handoff": "graphs.document_to_structured_data_handoff",
    "governed-execution-with-receipt": "graphs.governed_execution_with_receipt",
    "incident-root-cause-analysis": "graphs.incident_root_cause_analysis",
    "research-synthesis-with-citation-verification": "graphs.research_synthesis_with_citation_verification",
}


@lru_cache(maxsize=1)
def folders() -> dict[str, Path]:
    """Short name → folder, in order of name."""
    return {path.parent.name: path.parent for path in sorted(SCENARIOS.glob("*/scenario.yaml"))}


@lru_cache(maxsize=64)
def scenario(short: str) -> Scenario:
    """The scenario of a folder. Raises ScenarioError where the folder contradicts itself."""
    path = folders()[short] / "scenario.yaml"
    try:
        loaded = Scenario.model_validate(yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader))
    except (ValidationError, yaml.YAMLError) as error:
        raise ScenarioError(f"{path.name} of {short}: {error}") from error
    if loaded.pattern not in PATTERNS:
        raise ScenarioError(f"{short}: there is no graph for the pattern {loaded.pattern}")
    return loaded


def find(name: str, file: str = "packet.yaml") -> Scenario:
    """A scenario by slug or short name. Raises InputError with the names that exist."""
    if name in folders():
        return scenario(name)
    for short in folders():
        if scenario(short).slug == name:
            return scenario(short)
    raise InputError(file, "scenario", f"{name!r} is unknown; one of {', '.join(folders())} was expected")


def all_scenarios() -> list[Scenario]:
    """Every scenario of the catalogue."""
    return [scenario(short) for short in folders()]


def pattern(name: str) -> Callable[[], Any]:
    """The `build` function of a pattern: returns the uncompiled LangGraph graph."""
    build: Callable[[], Any] = import_module(PATTERNS[name]).build
    return build
