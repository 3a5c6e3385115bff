"""Secrets by reference: settings name a file, and what stands in it is read once and shown nowhere."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from runtime.errors import InputError

LEAST_SECRET = 16


def secret_from(file: Path, place: str) -> SecretStr:
    """The secret in a file. Raises InputError, which names the member of the settings that led there (`place`)."""
    try:
        text = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InputError(str(file), place, f"a readable file was expected: {error.strerror}") from error
    if len(text) < LEAST_SECRET:
        raise InputError(str(file), place, f"at least {LEAST_SECRET} characters were expected")
    return SecretStr(text)
