"""Exporting the prompts that are in force in a tenant."""

from __future__ import annotations

from pathlib import Path

import click

from runtime import prompts
from runtime.errors import InputError
from runtime.settings import Settings
from runtime.store.database import Database


async def export_prompts(tenant: str, out: Path, db: str) -> int:
    """Write one file a prompt. Raises InputError for a database that is not there, or a folder that is none."""
    url = db or Settings().database_url()
    if not Database.exists(url):
        raise InputError("--db", "", f"a database was expected; there is no {url}")
    database = await Database.open(url)
    try:
        found = [await prompts.in_force(database, tenant, name) for name in prompts.names()]
    finally:
        await database.close()
    try:
        out.mkdir(parents=True, exist_ok=True)
        for one in found:
            (out / f"{one.name}.md").write_text(prompts.as_file(one), encoding="utf-8")
    except OSError as error:
        raise InputError(str(out), "--out", f"a writable folder was expected: {error.strerror}") from error
    own = sum(one.version.startswith("own-") for one in found)
    click.echo(f"{out}: {len(found)} prompts, {own} of them {tenant}'s own")
    return 0
