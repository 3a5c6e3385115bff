"""`python -m evals.mutants`: plant each fault in a copy of the repository and show which suite catches it."""

from __future__ import annotations

import os
import time

import click

from evals.mutants.hunt import OTHERS, hunt, sound
from evals.mutants.patches import mutants
from evals.mutants.record import RESULTS, Record, patch_hash, write_records


@click.command()
@click.argument("names", nargs=-1)
@click.option("--workers", type=click.IntRange(1, 16), default=min(os.cpu_count() or 1, 4), help="Copies at once.")
@click.option("--skip-sound", is_flag=True, help="Do not run the suites without a fault first.")
@click.option("--named", is_flag=True, help="Try only the suite that each patch names.")
def main(names: tuple[str, ...], workers: int, skip_sound: bool, named: bool) -> None:
    """Plant each fault of evals/mutants/ and show which suite catches it. NAMES are faults; without: all.

    Exit 1 where one is caught by no suite, does not fit the code, or where a suite fails without any fault.
    What each came to is kept in evals/mutants/results.jsonl, as it is found.

    Example: python -m evals.mutants requester-approves cut-tail-unseen
    """
    chosen = [one for one in mutants() if not names or one.name in names]
    unknown = set(names) - {one.name for one in chosen}
    if unknown or not chosen:
        raise click.UsageError(f"no fault of that name: {', '.join(sorted(unknown)) or 'there are none'}")
    began, lost = time.perf_counter(), 0
    suites = [] if skip_sound else list(dict.fromkeys(one.suite for one in chosen))
    for suite, passes in sound(suites):
        lost += not passes
        if not passes:
            click.echo(f"{suite}: fails without any fault; what it catches says nothing")
    for done in hunt(chosen, workers, () if named else OTHERS):
        lost += not done.by
        found = Record(fault=done.mutant.name, by=done.by, problem=done.problem, patch=patch_hash(done.mutant))
        write_records([found], mutants(), RESULTS)
        click.echo(f"{done.mutant.name:32} {done.by or done.problem:48} {done.mutant.what}")
    count = len(chosen)
    bound = f"; missed: {lost} of {count}" if lost else f"; missed: 0 of {count} (≤ {min(3 / count, 1):.1%} at 95 %)"
    click.echo(f"{count} faults in {time.perf_counter() - began:.0f} s{bound}")
    raise SystemExit(1 if lost else 0)


if __name__ == "__main__":
    main()
