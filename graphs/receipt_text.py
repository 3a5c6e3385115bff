"""What may stand in a receipt: texts with secrets and personal data masked, values only where they name something."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from guardrails.personal_data import mask_personal
from guardrails.secrets import mask
from lineage.canonical import MAX_INTEGER, Json

# A name of something, as ids, versions, hashes, times and options are: no blank, and no address of a person.
_IDENTIFIER = re.compile(r"[^\s@]{1,200}")


def plain(value: Any) -> Json:
    """The value as JSON without floats, with every text masked: quarantined or personal content stays out."""
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) <= MAX_INTEGER):
        return value
    text = mask(str(value))
    return text if _IDENTIFIER.fullmatch(text) else mask_personal(text)


def plain_members(values: Mapping[str, Any]) -> dict[str, Json]:
    """The same for an object."""
    return {name: plain(value) for name, value in values.items()}


def identifiers(value: Any) -> Json:
    """Of an artifact's value only what names something; None where it is prose or personal."""
    if isinstance(value, bool | int):
        return plain(value)
    if isinstance(value, str):
        named = _IDENTIFIER.fullmatch(value) and mask(value) == value and mask_personal(value) == value
        return value if named else None
    if isinstance(value, list):
        return [one for one in map(identifiers, value) if one is not None] or None
    if isinstance(value, dict):
        return {name: one for name, inner in value.items() if (one := identifiers(inner)) is not None} or None
    return None
