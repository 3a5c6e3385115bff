"""Evaluations of prompts at work: one at a time, in a thread of their own, with the configured model.

What they find is kept with the version. An evaluation that a restart cut off has found nothing, and is started again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from evals.cases import PacketCase
from evals.prompt_trial import Tried, cases_of, tried
from lineage.canonical import Json
from runtime.model.port import ModelPort, Prompt
from server.admin import settings
from server.admin.acting import OnTenant
from server.admin.prompts import text_of
from server.problems import Conflict

log = structlog.get_logger("casegate")
MOST_MISSES = 50

Key = tuple[str, str, int]


@dataclass(slots=True)
class Progress:
    """How far an evaluation is."""

    cases: int
    done: int = 0
    failed: int = 0


@dataclass(slots=True)
class Evaluations:
    """Evaluations of this process. `port` makes the model, `cases` says by what a prompt of a name is judged."""

    port: Callable[[], ModelPort]
    cases: Callable[[str], list[PacketCase]] = cases_of
    running: dict[Key, Progress] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self, on: OnTenant, name: str, number: int) -> Progress:
        """Start an evaluation. Raises Conflict where no model is configured or one is at work, Unknown."""
        setting = await settings.look(on, "prompt", name)
        text = text_of(setting, number)
        if on.service.model.mode == "offline":
            raise Conflict("no model is configured: offline nobody is asked, so a text cannot be evaluated")
        if self.running:
            raise Conflict("an evaluation is at work; wait until it is over")
        cases = self.cases(name)
        progress = self.running[on.tenant, name, number] = Progress(len(cases))
        task = asyncio.create_task(self._work(on, text, number, cases, progress))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return progress

    async def _work(self, on: OnTenant, text: Prompt, number: int, cases: list[PacketCase], progress: Progress) -> None:
        found: list[Tried] = []
        try:
            for case in cases:
                (one,) = await asyncio.to_thread(_all, text, case, self.port)
                found.append(one)
                progress.done += 1
                progress.failed += not one.passed
            await settings.evaluated(on, text.name, number, result(text, found, on.service.model.name))
        except Exception as error:
            log.error("an evaluation ended", prompt=text.name, version=number, exc_info=error)
        finally:
            self.running.pop((on.tenant, text.name, number), None)

    async def stop(self) -> None:
        """Give up what is at work."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _all(text: Prompt, case: PacketCase, port: Callable[[], ModelPort]) -> list[Tried]:
    return list(tried(text, [case], port))


def result(text: Prompt, found: list[Tried], model: str) -> dict[str, Json]:
    """What is kept: it passes where every case passed, and the model was asked with exactly this text at all."""
    asked = sum(one.asked for one in found)
    misses: list[Json] = [f"{one.suite}/{one.case}: {miss}" for one in found for miss in one.misses]
    if not asked:
        misses = ["no case asked the model with this text, so it says nothing about it", *misses]
    return {
        "sha256": text.sha256,
        "passed": bool(found) and asked > 0 and all(one.passed for one in found),
        "cases": len(found),
        "failed": sum(not one.passed for one in found),
        "asked": asked,
        "model": model[:200],
        "suites": list[Json](sorted({one.suite for one in found})),
        "misses": misses[:MOST_MISSES],
    }
