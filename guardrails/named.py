"""The words that stand for a scenario's own things: entries of a word list in their folded form, and the names of a case.

Names are words of chat and evidence, so they widen the shared groups ("customer") and never what is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from guardrails.plain_text import folded


def with_names(groups: Mapping[str, tuple[str, ...]], names: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The groups with the names of the case among their words."""
    made = {name: tuple(words) for name, words in groups.items()}
    for group, extra in names.items():
        made[group] = (*made.get(group, ()), *_named(extra))
    return made


def _named(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        if entry := folded_entry(name):
            yield from (entry, entry + "s")


def folded_entry(entry: str) -> str:
    """An entry of a word list as it is looked for: folded, without hyphens."""
    return " ".join(folded(entry.replace("-", " ")).split())
