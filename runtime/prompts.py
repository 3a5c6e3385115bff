"""Prompts: what is shipped are files in `prompts/` (a header with name and version, then the text); admins of a tenant
may put another text of the same name in force. What an agent is given comes through `in_force`, known by its hash."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

from lineage.canonical import digest_bytes
from runtime.errors import ScenarioError
from runtime.model.port import Prompt
from runtime.store import setting_rows
from runtime.store.database import Database
from runtime.store.setting_rows import Version

PROMPTS = Path(__file__).resolve().parent.parent / "prompts"
_RULE = "---\n"


async def in_force(database: Database, tenant: str, name: str) -> Prompt:
    """The prompt that a tenant's agents are given now. Raises ScenarioError where there is none of that name."""
    shipped = prompt(name)
    found = await setting_rows.in_force(database, tenant, "prompt", name)
    return shipped if found is None else of_version(found)


def of_version(one: Version) -> Prompt:
    """A stored version as a prompt. Its version says that it is the tenant's own."""
    return Prompt(name=one.name, version=f"own-{one.version}", sha256=one.sha256, text=one.body)


def normal(text: str) -> str:
    """A text as the loader reads it from a file: what is stored and what is exported have the same hash."""
    return text.replace("\r\n", "\n").strip() + "\n"


def as_file(one: Prompt) -> str:
    """A prompt as a file of `prompts/`: the header of the shipped one, with this version, and the text."""
    head = header(one.name) | {"version": one.version}
    lines = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=1000)
    return f"{_RULE}{lines}{_RULE}{one.text}"


def header(name: str) -> dict[str, str]:
    """What the shipped file says about a prompt: name, version, agent, task."""
    head, _ = _parts((PROMPTS / f"{name}.md").read_text(encoding="utf-8"))
    return {str(key): str(value) for key, value in yaml.safe_load(head).items()}


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
