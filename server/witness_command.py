"""`casegate log witness`: offline; the state file is all that the witness keeps."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click

from lineage.keys import KeyFault, KeyFolder, KeySet, Trust
from lineage.log.witness import Seen, WitnessError, follow
from runtime.errors import InputError


def follow_file(file: Path, state: Path, trust: Path | None, data: Path) -> int:
    """Follow an export. The state moves on only where everything holds. Raises InputError for other files."""
    try:
        seen = Seen.read(state.read_bytes()) if state.exists() else Seen()
    except (OSError, WitnessError) as error:
        raise InputError(str(state), "--state", str(error)) from error
    try:
        findings, after = follow(
            file.read_bytes().splitlines(keepends=True), seen, _trust(trust, data), int(time.time())
        )
    except (OSError, WitnessError) as error:
        raise InputError(str(file), "", str(error)) from error
    for finding in findings:
        click.echo(finding)
    if findings:
        click.echo(f"{file}: NOT in order: {len(findings)} finding(s); the state stays at {seen.tree.size} seals")
        return 1
    fresh = state.with_name(f"{state.name}.new")
    fresh.write_bytes(after.write())
    os.replace(fresh, state)
    click.echo(f"{file}: in order: {seen.tree.size} seals seen before, {after.tree.size} now, {len(after.cases)} cases")
    return 0


def _trust(trust: Path | None, data: Path) -> Trust:
    if trust is None:
        return KeyFolder(data / "keys" / "public")
    try:
        return KeySet.read(trust.read_bytes())
    except (OSError, KeyFault) as error:
        raise InputError(str(trust), "--trust", str(error)) from error
