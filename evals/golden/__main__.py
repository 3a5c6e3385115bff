"""`python -m evals.golden --scenario outage-intake --count 20 --seed 1 --out DIR`: packets to try elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from evals.golden.makers import MAKERS, write


@click.command()
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    type=click.Choice(sorted(MAKERS)),
    help="One or several; all where none is named.",
)
@click.option("--count", default=20, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=1, show_default=True)
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False))
def main(scenarios: tuple[str, ...], count: int, seed: int, out: Path) -> None:
    """Make packets with their expectations into a folder.

    Example: python -m evals.golden --scenario outage-intake --count 20 --seed 1 --out packets
    """
    for scenario in scenarios or sorted(MAKERS):
        for number in range(count):
            write(f"{scenario}/{seed}-{number}", out)
        click.echo(f"{scenario}: {count} packets in {out}")


if __name__ == "__main__":
    main()
