"""`python -m evals.faults`: kill workers, crash databases, fill disks, turn clocks; then see what was lost."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from evals.faults.enduring import DISTURBANCES, Endured, endure
from evals.faults.kills import LEAST, Trial, trials
from evals.faults.stores import BACKENDS
from evals.faults.table import keep, kept, row, table
from evals.faults.workflows import Workflow, bench, workflow, workflows
from evals.results import rule_of_three
from runtime.errors import InputError
from runtime.faults import POINTS

_DB = click.option("--db", type=click.Choice(BACKENDS), default="sqlite", help="Kind of store.")
RESULTS = Path(__file__).with_name("results.jsonl")
"""What the full runs came to, as it is committed."""
_NAMES = click.argument("names", nargs=-1)


@click.group()
def main() -> None:
    """Faults on purpose. Every zero is said with what it can hide: at most 3/N, at 95 %.

    Example: python -m evals.faults kill outage-intake --db postgresql
    """


@main.command("list")
@_NAMES
@_DB
def list_(names: tuple[str, ...], db: str) -> None:
    """The fault points of workflows: how often a run passes each, and how many trials that makes.

    Example: python -m evals.faults list sev1-receipt
    """
    with bench(db) as where:
        for one in _chosen(names):
            passed = where.undisturbed(one.packet, f"whole-{one.name}").passed
            click.echo(f"{one.name} ({one.packet.name}): {len(passed)} passes of {len(set(passed))} points")
            for name, count in Counter(passed).items():
                click.echo(f"  {count:5} {name:22} {POINTS[name]}")


@main.command()
@_NAMES
@_DB
@click.option("--most", type=click.IntRange(0), default=0, help="Passes of each workflow, spread evenly; 0: all.")
@click.option("--only", default="", help="Only points whose name begins so, as execution.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File of results to put the rows into.")
def kill(names: tuple[str, ...], db: str, most: int, only: str, out: Path | None) -> None:
    """Kill a worker at each pass of each point, start another one, and see what stands.

    Exit 1 where anything was lost or repeated, where the next process took more than 5 s, or where a workflow was
    killed at fewer than 50 different moments though more were asked for.

    Example: python -m evals.faults kill sev1-receipt --most 60
    """
    rows = []
    for one in _chosen(names):
        began = time.perf_counter()
        rows.append(row(one.name, db, list(_told(one, db, most, only))))
        click.echo(f"{one.name} on {db}: {rows[-1].kills} kills in {time.perf_counter() - began:.0f} s", err=True)
        if out is not None:
            keep(out, rows[-1])
    click.echo(table(rows))
    enough = only or 0 < most < LEAST or all(one.enough for one in rows)
    sys.exit(0 if enough and all(one.holds for one in rows) else 1)


@main.command(name="table")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), default=RESULTS)
def table_(file: Path) -> None:
    """The rows of a file of results, as a table.

    Example: python -m evals.faults table
    """
    click.echo(table(kept(file)))


def _told(one: Workflow, db: str, most: int, only: str) -> Iterator[Trial]:
    for done in trials(one, db, most, only):
        for line in done.found.lines:
            click.echo(f"{one.name}: killed at {done.point}: {line}")
        yield done


@main.command(name="endure")
@click.argument("kind", type=click.Choice(list(DISTURBANCES)))
@_NAMES
@_DB
@click.option("--turns", type=click.IntRange(1), default=10_000, help="How many turns must stand at the end.")
def endure_(kind: str, names: tuple[str, ...], db: str, turns: int) -> None:
    """Many runs while workers are killed at random (random), the database crashes under load (database), the disk is
    full (disk), clocks jump (clocks), or two workers want one lease (leases).

    Example: python -m evals.faults endure random outage-intake --turns 500
    """
    began = time.perf_counter()
    chosen = _chosen(names)
    backend = "postgresql" if kind == "database" else db

    def progress(done: Endured) -> None:
        click.echo(f"{done.turns} turns, {done.disturbed} disturbances, {len(done.found.lines)} found", err=True)

    done = endure(chosen, backend, kind, turns, progress=progress)
    for line in done.found.lines:
        click.echo(line)
    found = done.found
    click.echo(
        f"{kind} on {backend}: {done.turns} turns of {done.runs} runs, {done.disturbed} disturbances, "
        f"{done.starts} starts, {time.perf_counter() - began:.0f} s: "
        f"{len(found.turns)} lost turns{rule_of_three(len(found.turns), done.turns)}, "
        f"{len(found.effects)} repeated effects{rule_of_three(len(found.effects), done.disturbed)}, "
        f"{len(found.admissions)} lost admissions{rule_of_three(len(found.admissions), done.runs)}, "
        f"{found.doubtful} effects in doubt, {len(found.doubts)} unmarked"
    )
    sys.exit(0 if done.holds else 1)


def _chosen(names: tuple[str, ...]) -> list[Workflow]:
    try:
        return [workflow(name) for name in names] if names else workflows()
    except InputError as error:
        raise click.UsageError(str(error)) from error


if __name__ == "__main__":
    main()
