"""Secrets by reference: `env:NAME`, `file:path` or `keyring:service/user`. What a reference names is not stored.

What a reference names is read when it is used, so that a secret can be changed without a restart, and is shown nowhere.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from pydantic import SecretStr

from runtime.errors import InputError
from runtime.secret_file import LEAST_SECRET, secret_from

FORM = re.compile(r"env:[A-Z_][A-Z0-9_]{0,127}|file:[^\x00-\x1f]{1,400}|keyring:[\w.@ -]{1,100}/[\w.@ -]{1,100}")
EXPECTED = "env:NAME, file:path or keyring:service/user was expected"


def look_up(reference: str, folder: Path, file: str, place: str) -> SecretStr:
    """The secret that a reference names; a path of `file:` begins at `folder`.

    Raises InputError naming `file` and `place`, never the secret.
    """
    if not FORM.fullmatch(reference):
        raise InputError(file, place, EXPECTED)
    kind, _, name = reference.partition(":")
    if kind == "file":
        return secret_from(folder / name, place)
    found = os.environ.get(name, "").strip() if kind == "env" else _from_keyring(name, file, place)
    if not found:
        raise InputError(file, place, f"{reference} names nothing")
    if len(found) < LEAST_SECRET:
        raise InputError(file, place, f"at least {LEAST_SECRET} characters were expected in {reference}")
    return SecretStr(found)


def _from_keyring(name: str, file: str, place: str) -> str:
    import keyring
    from keyring.errors import KeyringError

    service, _, user = name.partition("/")
    try:
        return (keyring.get_password(service, user) or "").strip()
    except KeyringError as error:
        raise InputError(file, place, f"a keyring that can be read was expected: {type(error).__name__}") from None
