"""What a check found: one rule, one place, one effect. Checks return lists of these and decide nothing."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found.

    `rule` is the id of the check's rule (`secret`, `instruction-in-evidence`), `place` where it stands
    (evidence id and locator, or `chat turn 4`), `effect` what the run does about it, `text` a short
    excerpt in which every secret and personal value is masked, `detail` more facts, masked as well.
    """

    rule: str
    place: str
    effect: str
    text: str = ""
    detail: dict[str, str] = field(default_factory=dict)


def place_of(evidence: str, locator: str) -> str:
    """The place of a span as findings name it: evidence id, a blank, the locator."""
    return f"{evidence} {locator}".strip()


def excerpt(text: str, limit: int = 160) -> str:
    """`text` on one line, cut to `limit` characters. The caller masks before it cuts."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
