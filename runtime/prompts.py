"""Prompts are files in `prompts/`: a header with name and version, then the text. Loaded by name, known by hash."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

from lineage.canonical import digest_bytes
from runtime.errors import ScenarioError
from runtime.model.port import Prompt

PROMPTS = Path(__file__).resolve().parent.parent / "prompts"
_RULE = "---\n"


@lru_cache(maxsize=128)
def prompt(name: str) -> Prompt:
    """The prompt of that name; its hash is of the text that the model is given.

    Raises ScenarioError where the file is not there or its header does not fit.
    """
    path = PROMPTS / f"{name}.md"
    try:
        head, body = _parts(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError(f"prompts/{name}.md: {error.strerror}") from error
    header = yaml.safe_load(head)
    if not isinstance(header, dict) or header.get("name") != name or "version" not in header:
        raise ScenarioError(f"prompts/{name}.md: a header with name: {name} and version: was expected")
    return Prompt(name=name, version=str(header["version"]), sha256=digest_bytes(body.encode()), text=body)


def names() -> list[str]:
    """Every prompt that there is."""
    return sorted(path.stem for path in PROMPTS.glob("*.md"))


def _parts(text: str) -> tuple[str, str]:
    if not text.startswith(_RULE):
        return "", text
    head, _, body = text.removeprefix(_RULE).partition("\n" + _RULE)
    return head, body.strip() + "\n"
