"""Forms of instructions to an agent, as patterns over folded or lower-cased text (`instructions` uses them).

The expressions are data: `injections.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

DISGUISED = re.compile(
    r"[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]|[\u0370-\u04ff]|[A-Za-z0-9+/]{24}|(?<!\w)(?:\w[ .]){5}\w(?!\w)"
)
_PART = re.compile(r"@(\w+)@")
_LETTERS = re.compile(r"[^\W\d_]{2,}")


@cache
def forms() -> Mapping[str, re.Pattern[str]]:
    """What a text may be that speaks to an agent, and the expression that shows it."""
    return {name: _compiled("|".join(f"(?:{one})" for one in given)) for name, given in _raw()["forms"].items()}


def suspect(text: str) -> bool:
    """A cheap test for logs, of folded or lower-cased text: it fits every text that a form fits."""
    beginnings, signs = _suspects()
    return signs.search(text) is not None or any(
        word.startswith(beginnings.get(word[:2], ())) for word in set(_LETTERS.findall(text))
    )


@cache
def _suspects() -> tuple[dict[str, tuple[str, ...]], re.Pattern[str]]:
    """Beginnings of suspect words by their first two letters, and the expression for what is no word."""
    given = _raw()["suspect"]
    words: dict[str, tuple[str, ...]] = {}
    for word in given["words"].split():
        words[word[:2]] = (*words.get(word[:2], ()), word)
    return words, re.compile(given["signs"])


@cache
def order() -> re.Pattern[str]:
    """Any order of a kind that agents are given."""
    return _compiled(r"(?:^|[.!?:;,]\s*|\bplease\s+|\bmust\s+|\band\s+|\bnow\s+)@acts@\b\s+\w")


@cache
def _raw() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(files("guardrails").joinpath("injections.yaml").read_text("utf-8"))
    return loaded


def _compiled(expression: str, flags: int = 0) -> re.Pattern[str]:
    """The expression with its parts put in. A folded block of YAML has spaces where its lines end: after `|` only."""
    while found := _PART.search(expression):
        expression = expression.replace(found[0], _raw()["parts"][found[1]])
    return re.compile(expression.replace("| ", "|"), flags)
