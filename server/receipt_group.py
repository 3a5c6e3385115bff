"""`casegate receipt …`: offline, without a database. Nothing but `lineage/` is loaded."""

from __future__ import annotations

import os
from pathlib import Path

import click

from server.exits import answers


@click.group()
def receipt() -> None:
    """Verify a receipt, or make a copy that shows only parts of it.

    Example: casegate receipt verify results/receipt.json --trust results/keys.json
    """


@receipt.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--trust", type=click.Path(path_type=Path), help="Key set to trust; default: the local installation's.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON and nothing else.")
@answers
def verify(file: Path, trust: Path | None, as_json: bool) -> int:
    """Verify a receipt offline: six answers, and whether each is shown, sealed, erased, absent or invalid.

    Keys are never taken from the receipt. Exit code 0 where it is intact, 1 where it is not.

    Example: casegate receipt verify results/receipt.json --trust results/keys.json
    """
    from server.receipt_command import verify_file

    # Read here and not through the settings: those load what a verifier does not need.
    return verify_file(file, trust, Path(os.environ.get("CASEGATE_DATA", ".casegate")), as_json)


@receipt.command("disclose")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--only", multiple=True, required=True, help="What to show: approvals, evidence/2, intent/requested_by …")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The copy to write.")
@answers
def disclose(file: Path, only: tuple[str, ...], out: Path) -> int:
    """Write a copy that proves the whole and shows only the named parts. Needs no key.

    Example: casegate receipt disclose results/receipt.json --only approvals,evidence/0 --out copy.json
    """
    from server.receipt_command import disclose_file

    return disclose_file(file, [path for given in only for path in given.split(",") if path.strip()], out)
