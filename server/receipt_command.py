"""`casegate receipt verify|disclose`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from lineage.keys import KeyFault, KeyFolder, KeySet, Trust
from lineage.receipt.disclose import disclose
from lineage.receipt.form import ReceiptError
from lineage.receipt.report import Report
from lineage.receipt.verify import verify
from runtime.errors import InputError

_MAX_BYTES = 64 * 1024 * 1024


def verify_file(file: Path, trust: Path | None, data: Path, as_json: bool) -> int:
    """Verify, and print the report. 0 intact, 1 not. Raises InputError where a file cannot be read."""
    report = verify(_bytes(file), _trust(trust, data))
    if as_json:
        click.echo(json.dumps(report.json(), indent=2, ensure_ascii=False))
    else:
        for line in _lines(file, report):
            click.echo("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line))
    if not report.intact and trust is None:
        click.echo(f"casegate: trusted were the keys in {data / 'keys'}; name others with --trust", err=True)
    return 0 if report.intact else 1


def disclose_file(file: Path, only: list[str], out: Path) -> int:
    """Write the disclosed copy. Raises InputError where the file or a path cannot be used."""
    try:
        copy = disclose(_bytes(file), only)
    except ReceiptError as error:
        raise InputError(str(file), "", str(error)) from error
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(copy)
    except OSError as error:
        raise InputError(str(out), "--out", f"a file that can be written was expected: {error.strerror}") from error
    click.echo(f"{out}: shows {', '.join(only)}; all else is sealed and still counted")
    return 0


def _trust(trust: Path | None, data: Path) -> Trust:
    if trust is None:
        return KeyFolder(data / "keys" / "public")
    try:
        return KeySet.read(_bytes(trust))
    except KeyFault as error:
        raise InputError(str(trust), "--trust", str(error)) from error


def _bytes(file: Path) -> bytes:
    try:
        if file.stat().st_size > _MAX_BYTES:
            raise InputError(str(file), "", f"at most {_MAX_BYTES} bytes were expected")
        return file.read_bytes()
    except OSError as error:
        raise InputError(str(file), "", f"a file that can be read was expected: {error.strerror}") from error


def _lines(file: Path, report: Report) -> list[str]:
    lines = [f"{file}: {'intact' if report.intact else 'NOT intact'}"]
    lines += [f"  {one.place or 'file'}: {one.text}" for one in report.problems]
    if report.of:
        lines.append(f"case {report.of['case']} · {report.of['scenario']} · {report.of['run']}")
    if report.count:
        lines.append(report.count.line())
    for answer in report.answers:
        counts = [(answer.shown, "shown"), (answer.sealed, "sealed"), (answer.erased, "erased")]
        parts = ", ".join(f"{number} {word}" for number, word in counts if number)
        lines.append(f"{answer.title}: {answer.standing}{f' ({parts})' if parts else ''}")
        lines += [f"  {line}" for line in answer.lines if answer.standing != "invalid"]
    return lines
