"""Whether the place for an approver names anybody: what stands there while nobody has approved is no name (R9)."""

from __future__ import annotations

import re

from agents.records import label_of

# Alone, also nothing but a dash, and what JSON and YAML write for nothing; or as the first words of what stands there.
_NOBODY = re.compile(
    r"|(?:no|nil|na|n a|null)|no (?:one|approv\w+|sign\w+|decision|name)\b.*"
    r"|(?:not|none|nobody|tbd|tba|tbc|to be|false|pending|open|outstanding|awaiting|awaits|waiting|unknown"
    r"|unsigned|missing|draft|offen|ausstehend)\b.*"
)


def names_nobody(text: str) -> bool:
    """Whether a text says that nobody approved yet, or says nothing."""
    return _NOBODY.fullmatch(label_of(text)) is not None
