"""What kills of workflows came to, as rows of a table: beside each zero what it can hide, at most 3/N at 95 %."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import orjson

from evals.faults.kills import LEAST, Trial, moments
from evals.results import rule_of_three


@dataclass(frozen=True, slots=True)
class Row:
    """One workflow on one kind of store. Counts are of kills after which something of that kind was found."""

    workflow: str
    store: str
    kills: int
    points: int
    lost_turns: int
    repeated_effects: int
    lost_admissions: int
    unmarked_doubts: int
    in_doubt: int
    median: float
    worst: float
    slow: int

    @property
    def holds(self) -> bool:
        """Whether every promise was kept, and soon enough."""
        return not (self.lost_turns + self.repeated_effects + self.lost_admissions + self.unmarked_doubts + self.slow)

    @property
    def enough(self) -> bool:
        """Whether there were kills at as many different moments as are promised."""
        return self.kills >= LEAST


def row(workflow: str, store: str, made: Sequence[Trial]) -> Row:
    """The trials of a workflow as one row."""
    seconds = sorted(done.seconds for done in made) or [0.0]
    return Row(
        workflow=workflow,
        store=store,
        kills=moments(made),
        points=len({done.point.partition(":")[0] for done in made if done.killed}),
        lost_turns=sum(bool(done.found.turns) for done in made),
        repeated_effects=sum(bool(done.found.effects) for done in made),
        lost_admissions=sum(bool(done.found.admissions) for done in made),
        unmarked_doubts=sum(bool(done.found.doubts) for done in made),
        in_doubt=sum(done.found.doubtful for done in made),
        median=round(seconds[len(seconds) // 2], 2),
        worst=round(seconds[-1], 2),
        slow=sum(not done.in_time for done in made),
    )


def total(rows: Sequence[Row]) -> Row:
    """All rows as one. Its median is that of the rows' medians."""
    stores = sorted({one.store for one in rows})
    medians = sorted(one.median for one in rows)
    added = {name: sum(getattr(one, name) for one in rows) for name in _ADDED}
    return Row(
        workflow=f"{len({one.workflow for one in rows})} workflows",
        store=", ".join(stores),
        points=max(one.points for one in rows),
        median=medians[len(medians) // 2],
        worst=max(one.worst for one in rows),
        **added,
    )


_ADDED = ("kills", "lost_turns", "repeated_effects", "lost_admissions", "unmarked_doubts", "in_doubt", "slow")


def table(rows: Sequence[Row]) -> str:
    """The rows and their sum, as a table in Markdown."""
    lines = [*rows, total(rows)] if len(rows) > 1 else list(rows)
    cells = [[*_COLUMNS], ["---"] * len(_COLUMNS), *([show(one) for show in _COLUMNS.values()] for one in lines)]
    widths = [max(len(line[n]) for line in cells) for n in range(len(_COLUMNS))]
    return "\n".join(f"| {' | '.join(_padded(line, widths))} |" for line in cells)


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    if line[0] == "---":
        return ["-" * width for width in widths]
    return [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]


def _zero(name: str) -> Callable[[Row], str]:
    def shown(one: Row) -> str:
        found: int = getattr(one, name)
        return f"{found}{rule_of_three(found, one.kills)}"

    return shown


_COLUMNS: dict[str, Callable[[Row], str]] = {
    "workflow": lambda one: one.workflow,
    "store": lambda one: one.store,
    "kills": lambda one: str(one.kills),
    "points": lambda one: str(one.points),
    "lost turns": _zero("lost_turns"),
    "repeated effects": _zero("repeated_effects"),
    "lost admissions": _zero("lost_admissions"),
    "unmarked doubts": _zero("unmarked_doubts"),
    "in doubt": lambda one: str(one.in_doubt),
    "went on after": lambda one: f"{one.median:.1f} s, worst {one.worst:.1f} s",
    "over 5 s": _zero("slow"),
}


def kept(file: Path) -> list[Row]:
    """The rows of a file of results; none where there is no file yet."""
    lines = file.read_bytes().splitlines() if file.is_file() else []
    names = {one.name for one in fields(Row)}
    return [Row(**{name: value for name, value in orjson.loads(line).items() if name in names}) for line in lines]


def keep(file: Path, new: Row) -> None:
    """Put a row into a file of results, in place of the one of the same workflow and store."""
    rows = {(one.workflow, one.store): one for one in [*kept(file), new]}
    lines = [orjson.dumps(asdict(rows[key]), option=orjson.OPT_SORT_KEYS) for key in sorted(rows)]
    file.write_bytes(b"\n".join(lines) + b"\n")
