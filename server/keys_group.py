"""`casegate keys …`: the keys of this installation and of its people."""

from __future__ import annotations

import asyncio

import click

from server.exits import answers

_DB = click.option("--db", default="", help="Database URL: sqlite:///FILE or postgresql://…")


@click.group()
def keys() -> None:
    """Show, rotate or revoke the keys that sign receipts, decisions and the service log.

    Example: casegate keys show
    """


@keys.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print the public key set, as auditors take it.")
@_DB
@answers
def show(as_json: bool, db: str) -> int:
    """Show every public key with its validity; of a revoked one, what it signed afterwards. Makes missing ones.

    Example: casegate keys show --json > keys.json
    """
    from server.keys_command import show_keys

    return asyncio.run(show_keys(as_json, db))


@keys.command("rotate")
@click.argument("whose")
@click.option("--tenant", default=None, help="The tenant of a person.")
@_DB
@answers
def rotate(whose: str, tenant: str | None, db: str) -> int:
    """Make a new key for `receipt`, `log`, or a person. The old one ends after an overlap of seven days.

    Example: casegate keys rotate receipt
    """
    from server.keys_command import rotate_key

    return asyncio.run(rotate_key(whose, tenant, db))


@keys.command("revoke")
@click.argument("kid")
@click.option("--reason", required=True, help="Why; it is published with the key.")
@_DB
@answers
def revoke(kid: str, reason: str, db: str) -> int:
    """Revoke a key from now on. What it signed before stands.

    Example: casegate keys revoke KID --reason "laptop lost"
    """
    from server.keys_command import revoke_key

    return asyncio.run(revoke_key(kid, reason, db))
