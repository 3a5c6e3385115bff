"""Prompts are files: a header with name and version, then the text. Loaded by name, known by hash.

The shared ones stand in `prompts/`. A scenario adds to them in `scenarios/<name>/prompts/`, by one rule: the slot
`{{scenario}}` of a shared prompt takes the scenario's `case.md`, and after it the part that has the prompt's own name,
where there is one. A shared prompt without the slot takes nothing. What the model is given is one text with one hash;
its version names every file that it was made of.

An admin of a tenant may put another shared text in force (`runtime.store.setting_rows`); it has the same slot. What an
agent is given comes through `in_force`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from lineage.canonical import digest_bytes
from runtime.errors import ScenarioError
from runtime.model.port import Prompt
from runtime.store import setting_rows
from runtime.store.database import Database
from runtime.store.setting_rows import Version

ROOT = Path(__file__).resolve().parent.parent
PROMPTS, SCENARIOS = ROOT / "prompts", ROOT / "scenarios"
SLOT = "{{scenario}}"
CASE = "case"
_RULE = "---\n"
OWN = "own-"


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    version: str
    text: str


@lru_cache(maxsize=512)
def prompt(name: str, scenario: str = "") -> Prompt:
    """The prompt of that name as an agent of a scenario is given it; without a scenario the shared text alone.

    Its hash is of the text that the model is given. Raises ScenarioError where a file is not there, where its header
    does not fit, or where it asks for a slot that there is not.
    """
    return filled(shared(name), scenario)


@lru_cache(maxsize=128)
def shared(name: str) -> Prompt:
    """The shipped shared text of that name, with its slot. Raises ScenarioError as `prompt` does."""
    found = _read(PROMPTS / f"{name}.md", {"name": name})
    if not slotted(found.text):
        raise ScenarioError(f"prompts/{name}.md: the slot {SLOT} once, or none, was expected")
    return Prompt(name=name, version=found.version, sha256=digest_bytes(found.text.encode()), text=found.text)


def slotted(text: str) -> bool:
    """Whether a shared text has the slot once or not at all, and no other."""
    return text.count(SLOT) <= 1 and "{{" not in text.replace(SLOT, "")


@lru_cache(maxsize=512)
def filled(base: Prompt, scenario: str) -> Prompt:
    """A shared text as an agent of a scenario is given it: with the scenario's parts in its slot."""
    added = _parts_of(scenario, base.name) if scenario and SLOT in base.text else []
    parted = "\n".join(part.text for part in added)
    text = base.text.replace(f"{SLOT}\n\n", f"{parted}\n" if parted else "").replace(SLOT, parted)
    version = "+".join([base.version, *(f"{part.name}.{part.version}" for part in added)])
    return Prompt(name=base.name, version=version, sha256=digest_bytes(text.encode()), text=text)


async def in_force(database: Database, tenant: str, name: str) -> Prompt:
    """The shared text that a tenant has in force. Raises ScenarioError where there is none of that name."""
    base = shared(name)
    found = await setting_rows.in_force(database, tenant, "prompt", name)
    return base if found is None else of_version(found)


def of_version(one: Version) -> Prompt:
    """A stored version as a shared text. Its version says that it is the tenant's own."""
    return Prompt(name=one.name, version=f"{OWN}{one.version}", sha256=one.sha256, text=one.body)


def own_number(version: str) -> int:
    """Which of the tenant's own versions a prompt's version names; 0 for a shipped one."""
    base = version.partition("+")[0]
    return int(base.removeprefix(OWN)) if base.startswith(OWN) else 0


def normal(text: str) -> str:
    """A text as the loader reads it from a file: what is stored and what is exported have the same hash."""
    return text.replace("\r\n", "\n").strip() + "\n"


def as_file(one: Prompt) -> str:
    """A shared text as a file of `prompts/`: the header of the shipped one, with this version, and the text."""
    head = header(one.name) | {"version": one.version}
    lines = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=1000)
    return f"{_RULE}{lines}{_RULE}{one.text}"


def header(name: str) -> dict[str, str]:
    """What the shipped file says about a prompt: name, version, agent, task."""
    head, _ = _split((PROMPTS / f"{name}.md").read_text(encoding="utf-8"))
    return {str(key): str(value) for key, value in yaml.safe_load(head).items()}


def names() -> list[str]:
    """Every shared prompt that there is."""
    return sorted(path.stem for path in PROMPTS.glob("*.md"))


def parts(scenario: str) -> list[str]:
    """The names of the parts that a scenario has."""
    return sorted(path.stem for path in (SCENARIOS / scenario / "prompts").glob("*.md"))


def _parts_of(scenario: str, name: str) -> list[_File]:
    there = parts(scenario)
    unknown = [one for one in there if one not in (CASE, *names())]
    if unknown:
        place = f"scenarios/{scenario}/prompts/{unknown[0]}.md"
        raise ScenarioError(f"{place}: {CASE}, or the name of a shared prompt, was expected")
    if CASE not in there:
        raise ScenarioError(f"scenarios/{scenario}/prompts/{CASE}.md: a scenario has one; it was not found")
    found = []
    for one in (CASE, *([name] if name in there else [])):
        path = SCENARIOS / scenario / "prompts" / f"{one}.md"
        part = _read(path, {"name": one, "scenario": scenario})
        if "{{" in part.text:
            raise ScenarioError(f"scenarios/{scenario}/prompts/{one}.md: a part without a slot was expected")
        found.append(part)
    return found


def _read(path: Path, expected: dict[str, str]) -> _File:
    where = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    try:
        head, body = _split(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError(f"{where}: {error.strerror}") from error
    header = yaml.safe_load(head)
    fits = isinstance(header, dict) and "version" in header and all(header.get(k) == v for k, v in expected.items())
    if not fits:
        wanted = " and ".join(f"{name}: {value}" for name, value in expected.items())
        raise ScenarioError(f"{where}: a header with {wanted} and version: was expected")
    return _File(expected["name"], str(header["version"]), body)


def _split(text: str) -> tuple[str, str]:
    if not text.startswith(_RULE):
        return "", text
    head, _, body = text.removeprefix(_RULE).partition("\n" + _RULE)
    return head, body.strip() + "\n"
