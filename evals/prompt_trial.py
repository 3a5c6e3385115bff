"""Trying a prompt's text: the cases of every scenario that uses it, with a model; and whether it was asked at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from casefile.scenario import Scenario
from evals.cases import PacketCase, of_scenario
from evals.expectations import load
from evals.running import judge, play
from graphs import catalogue
from runtime.errors import InputError
from runtime.model.port import ModelPort, Prompt
from runtime.prompts import filled
from tools import packet_folder

# The one prompt that every scenario's pass uses; the others are those of the chat and the edits of a loop.
OF_EVERY_PASS = "extraction"
LOOP = "analyst-copilot-loop"


@dataclass(frozen=True, slots=True)
class Tried:
    """What one case said about the text. `asked` is how often the model was asked with exactly it."""

    suite: str
    case: str
    asked: int
    misses: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the case met everything that it expects."""
        return not self.misses


def scenarios_using(name: str) -> list[Scenario]:
    """The scenarios whose agents are given the prompt of that name."""
    return [one for one in catalogue.all_scenarios() if name == OF_EVERY_PASS or one.pattern == LOOP]


def cases_of(name: str) -> list[PacketCase]:
    """The cases by which a text of that prompt is judged: those of every scenario that uses it."""
    return [case for one in scenarios_using(name) for case in of_scenario(one.short)]


def tried(text: Prompt, cases: list[PacketCase], port: Callable[[], ModelPort]) -> Iterator[Tried]:
    """Play each case with the text in the place of the one in force. `port` makes a model for one case."""
    for case in cases:
        yield _try(text, case, port)


def _try(text: Prompt, case: PacketCase, port: Callable[[], ModelPort]) -> Tried:
    with tempfile.TemporaryDirectory(prefix="casegate-trial-") as scratch:
        out = Path(scratch)
        try:
            played = play(case.path, out, port=port(), prompts={text.name: text})
            found, unsafe = judge(load(case.path / "expect.yaml"), played, with_model=True)
        except (InputError, TimeoutError) as error:
            return Tried(case.suite, case.name, 0, (str(error) or "no result in time",))
        misses = tuple(dict.fromkeys([*(str(one) for one in found), *unsafe]))
        given = filled(text, catalogue.find(packet_folder.load(case.path).packet.scenario).short)
        return Tried(case.suite, case.name, _asked(out / "lineage.jsonl", given.sha256), misses)


def _asked(lineage: Path, sha256: str) -> int:
    headers = [orjson.loads(line)["header"] for line in lineage.read_bytes().splitlines()]
    return sum(1 for one in headers if one["agent"] and one["agent"]["prompt_hash"] == sha256)
