"""The lists of requests that the boundary of outage-intake is tried on, and the disguises that they may carry."""

from __future__ import annotations

import base64
import codecs
import re
from functools import cache
from pathlib import Path

import yaml

from casefile.scenario import BoundaryLine
from guardrails.boundary import Boundary

DATA = Path(__file__).parent / "data"
SCENARIO = Path(__file__).parents[2] / "scenarios" / "outage-intake" / "scenario.yaml"
# Who they are is known from the packet of the case.
NAMES = {
    "customer": ["Ingrid", "Ingrid Solheim", "Wei Ling", "Marek", "Marek Tollefsen", "Oddvar", "Halvorsen"],
    "engineering": ["Tomas"],
    "wide": ["Rupert"],
}
_LOOKALIKE = str.maketrans("aeopcxi", "аеорсхі")
_LEET = str.maketrans("aeiost", "431057")
_DISGUISES = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "leet": lambda text: text.translate(_LEET),
    "spaced": lambda text: "  ".join(" ".join(word) for word in text.split()),
    "dots": lambda text: " ".join(".".join(word) for word in text.split()),
    "zero-width": lambda text: "\u200b".join(text),
    "cyrillic": lambda text: text.translate(_LOOKALIKE),
}


@cache
def outage_boundary() -> Boundary:
    """The boundary of the scenario, with the people of the case."""
    spec = yaml.safe_load(SCENARIO.read_text("utf-8"))
    return Boundary([BoundaryLine.model_validate(line) for line in spec["must_not"]], NAMES)


def requests(name: str) -> list[str]:
    """The requests of a list, disguised where it says so. A first column with the line's id is left out."""
    lines = (DATA / f"{name}.txt").read_text("utf-8").splitlines()
    return [_disguised(line.split(" | ", 1)[-1]) for line in lines if line.strip() and not line.startswith("#")]


def _disguised(line: str) -> str:
    line = line.replace("\\n", "\n")
    match = re.search(r"\{([\w-]+)\} (.*)$", line, re.DOTALL)
    return f"{line[: match.start()]}{_DISGUISES[match[1]](match[2])}" if match else line
