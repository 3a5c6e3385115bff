"""Prompts are files: a header with name and version, then the text. Loaded by name, known by hash.

The shared ones stand in `prompts/`. A scenario adds to them in `scenarios/<name>/prompts/`, by one rule: the slot
`{{scenario}}` of a shared prompt takes the scenario's `case.md`, and after it the part that has the prompt's own name,
where there is one. A shared prompt without the slot takes nothing. What the model is given is one text with one hash;
its version names every file that it was made of.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from lineage.canonical import digest_bytes
from runtime.errors import ScenarioError
from runtime.model.port import Prompt

ROOT = Path(__file__).resolve().parent.parent
PROMPTS, SCENARIOS = ROOT / "prompts", ROOT / "scenarios"
SLOT = "{{scenario}}"
CASE = "case"
_RULE = "---\n"


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
    shared = _read(PROMPTS / f"{name}.md", {"name": name})
    if shared.text.count(SLOT) > 1 or "{{" in shared.text.replace(SLOT, ""):
        raise ScenarioError(f"prompts/{name}.md: the slot {SLOT} once, or none, was expected")
    added = _parts_of(scenario, name) if scenario and SLOT in shared.text else []
    filled = "\n".join(part.text for part in added)
    text = shared.text.replace(f"{SLOT}\n\n", f"{filled}\n" if filled else "").replace(SLOT, filled)
    version = "+".join([shared.version, *(f"{part.name}.{part.version}" for part in added)])
    return Prompt(name=name, version=version, sha256=digest_bytes(text.encode()), text=text)


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
