"""`casegate prompts …`: the texts that a tenant's agents are given, as files."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from server.exits import answers


@click.group()
def prompts() -> None:
    """Export the prompts in force as files.

    Example: casegate prompts export --tenant tn-acme-eu --out prompts
    """


@prompts.command("export")
@click.option("--tenant", required=True, help="The tenant whose prompts they are.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the files.")
@click.option("--db", default="", help="Database URL: sqlite:///FILE or postgresql://…")
@answers
def export(tenant: str, out: Path, db: str) -> int:
    """Write every prompt in force, in the form of the shipped files: put into `prompts/`, they are the new defaults.

    Example: casegate prompts export --tenant tn-acme-eu --out prompts
    """
    from server.prompts_command import export_prompts

    return asyncio.run(export_prompts(tenant, out, db))
