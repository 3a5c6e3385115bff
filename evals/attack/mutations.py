"""The mutation suite: what was approved, changed in one thing, must never be let out (R1, R2).

Cases that release are played to their end; then the position of the release is taken from the store and one thing in
it is changed: a value of the artifact under its old or its new hash, what the decision binds, who made it, its state,
its time. Each changed position is put to the checks of the release step.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from casefile.artifact import Artifact, Revision
from casefile.decisions import Decision
from casefile.release import authority
from casefile.rest import Position
from casefile.scenario import Scenario
from evals.results import CaseResult
from graphs import catalogue
from graphs.position import load, position_of
from graphs.runner import admit, checkpointer, play
from lineage.canonical import digest_bytes
from runtime.clock import from_instant
from runtime.model.offline import Offline
from runtime.store.database import Database
from tools import packet_folder

EACH = 3_400
"""How many mutations of one case are tried; three cases make ten thousand."""
CASES = (
    "contractor-access/cases/clean-handoff",
    "packet-dispatch/cases/yaml-packet-and-workbook-roster",
    "outage-intake/cases/one-screenshot-from-the-test-host",
)


@dataclass(frozen=True, slots=True)
class Approved:
    """A release as it was allowed."""

    scenario: Scenario
    position: Position
    configuration: dict[str, str]
    revision: Revision

    @property
    def leaves(self) -> bool:
        """What the release step asks before anything leaves."""
        return self.revision.intact and authority(self.scenario, self.position, self.configuration) is not None


def names() -> list[str]:
    """The cases that are mutated."""
    return [Path(path).name for path in CASES]


def judge(name: str) -> CaseResult:
    """Every mutation of one case, after a look that the unchanged one would leave."""
    path = next(path for path in CASES if Path(path).name == name)
    approved = asyncio.run(_played(catalogue.SCENARIOS / path))
    misses = [] if approved.leaves else ["expected what was approved, unchanged, to be let out; found it kept in"]
    chance = random.Random(name)  # noqa: S311  the same mutations each time
    for n in range(EACH):
        how, changed = mutated(approved, chance, n)
        if changed.leaves:
            misses.append(f"expected a changed release to be kept in; found it let out: {how}")
    let_out = sum("let out: " in miss for miss in misses)
    return CaseResult(
        suite="mutations",
        case=name,
        passed=int(not misses),
        misses=misses[:20],
        unsafe=misses[:20],
        metrics={"mutations_kept_in": (EACH - let_out, EACH)},
    )


def mutated(approved: Approved, chance: random.Random, n: int) -> tuple[str, Approved]:
    """One thing changed, and what it was. Two of three change the artifact, the third a decision or the time."""
    if n % 3 == 2:
        return _decided_otherwise(approved, chance)
    content = approved.revision.artifact.model_dump(mode="json", by_alias=True)
    place = _changed(content, chance)
    revision = approved.revision.model_copy(update={"artifact": Artifact.model_validate(content)})
    if n % 3 == 0:
        return f"{place}, under the old hash", replace(approved, revision=revision)
    digest = digest_bytes(revision.artifact.canonical())
    revision = revision.model_copy(update={"sha256": digest})
    subjects = {
        key: digest if key.startswith("revision") else value for key, value in approved.position.subjects.items()
    }
    position = replace(approved.position, subjects=subjects)
    return f"{place}, under its own hash", replace(approved, revision=revision, position=position)


def _changed(content: dict[str, Any], chance: random.Random) -> str:
    """Change one text of the document in place: a letter, a digit, a word."""
    leaves = list(_texts(content, ()))
    path, text = chance.choice(leaves)
    inner: Any = content
    for part in path[:-1]:
        inner = inner[part]
    at = chance.randrange(len(text))
    other = chance.choice([c for c in "0123456789abcxyzXY " if c != text[at]])
    inner[path[-1]] = chance.choice([text[:at] + other + text[at + 1 :], text + other, f"{other} {text}"])
    return "/".join(map(str, path))


_FREE = ("value", "raw", "text", "quote", "name", "reason", "title", "trigger", "about", "question")


def _texts(value: Any, path: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        return [(path, value)] if value and path and path[-1] in _FREE else []
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for name, inner in parts for found in _texts(inner, (*path, name))]


_DECISION: Sequence[tuple[str, Callable[[Decision, random.Random], dict[str, Any]]]] = (
    ("the content that it binds", lambda one, c: {"subject_sha256": f"sha256:{c.getrandbits(256):064x}"}),
    ("its gate", lambda one, c: {"gate": f"{one.gate}_{c.randrange(10**6)}"}),
    ("who made it", lambda one, c: {"by": f"u-x{c.randrange(10**6)}"}),
    ("its state", lambda one, c: {"state": c.choice(["void", "expired", "refused", "rejected"])}),
    ("its answer", lambda one, c: {"decision": c.choice(["reject", "return"])}),
    ("its end", lambda one, c: {"expires_at": one.at - timedelta(seconds=c.randrange(10**6))}),
    ("its time", lambda one, c: {"at": one.at.replace(year=c.randrange(1970, 2000))}),
)


def _decided_otherwise(approved: Approved, chance: random.Random) -> tuple[str, Approved]:
    grounds = authority(approved.scenario, approved.position, approved.configuration)
    used = [one.id for one in grounds.decisions] if grounds else []
    chosen = chance.choice(used)
    # A time before the person's role says something only where the roster says since when he holds it.
    person = {one.id: one for one in approved.position.people}
    by = next(one.by for one in approved.position.decisions if one.id == chosen)
    dated = by in person and person[by].valid_from is not None
    what, change = chance.choice(_DECISION if dated else _DECISION[:-1])
    decisions = [
        one.model_copy(update=change(one, chance)) if one.id == chosen else one for one in approved.position.decisions
    ]
    return f"{chosen}: {what}", replace(approved, position=replace(approved.position, decisions=decisions))


async def _played(path: Path) -> Approved:
    """The position of a case that was played to its end, from the store."""
    folder = packet_folder.load(path)
    with tempfile.TemporaryDirectory(prefix="casegate-mutations-") as scratch:
        url = f"sqlite:///{scratch}/casegate.db"
        database = await Database.open(url)
        try:
            async with checkpointer(url) as saver:
                run = await admit(database, saver, folder, Offline())
                await play(run, folder)
                row = await run.store.row()
                if row is None:
                    raise AssertionError(f"{path}: the run is not in the store")
                loaded = await load(run.context, from_instant(row.clock))
                if loaded.current is None:
                    raise AssertionError(f"{path}: there is no revision")
                position = position_of(run.context, loaded)
                return Approved(run.context.scenario, position, loaded.configuration, loaded.current)
        finally:
            await database.close()
