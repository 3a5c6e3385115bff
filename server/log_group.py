"""`casegate log …`: the service log of sealed cases, and the witness that stands outside."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from server.exits import answers

_DB = click.option("--db", default="", help="Database URL: sqlite:///FILE or postgresql://…")


@click.group()
def log() -> None:
    """The service log of sealed cases: its signed checkpoint, an export for witnesses, and the witness.

    Example: casegate log export --out log.jsonl && casegate log witness log.jsonl --state witness.json
    """


@log.command("checkpoint")
@_DB
@answers
def checkpoint(db: str) -> int:
    """Print the newest checkpoint, a signed note (C2SP), and on stderr the key in the form that other tools take.

    Example: casegate log checkpoint > checkpoint.txt
    """
    from server.log_command import show_checkpoint

    return asyncio.run(show_checkpoint(db))


@log.command("export")
@click.option("--since", type=click.IntRange(min=0), default=0, help="How many seals the witness has seen.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write.")
@_DB
@answers
def export(since: int, out: Path, db: str) -> int:
    """Write what a witness needs: checkpoint, consistency proof, and the headers of the sealed cases, no content.

    Example: casegate log export --since 120 --out log.jsonl
    """
    from server.log_command import export_log

    return asyncio.run(export_log(since, out, db))


@log.command("witness")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--state", type=click.Path(path_type=Path, dir_okay=False), required=True, help="What was seen so far.")
@click.option("--trust", type=click.Path(path_type=Path), help="Key set to trust; default: the local installation's.")
@answers
def witness(file: Path, state: Path, trust: Path | None) -> int:
    """Follow the log offline: nothing taken back, no case forked or cut, no release without an approval before it.

    Exit code 0 and a new state where all holds, 1 with each finding where not.

    Example: casegate log witness log.jsonl --state witness.json --trust keys.json
    """
    from server.witness_command import follow_file

    return follow_file(file, state, trust, Path(os.environ.get("CASEGATE_DATA", ".casegate")))
