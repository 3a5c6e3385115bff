"""A case of the product with text of an attacker in every way in, and nobody who decides anything."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

import yaml

from casefile.packet import Packet
from evals.attack.strings import Names
from evals.attack.ways import FILES
from graphs import catalogue

CHAT = 6
"""How many lines are said in one turn of the chat."""


def bases() -> list[Path]:
    """One case of each scenario: the first by name whose timeline comes to a decision, else the first."""
    found = []
    for scenario in catalogue.all_scenarios():
        cases = sorted(path.parent for path in (catalogue.SCENARIOS / scenario.short).glob("cases/*/packet.yaml"))
        decided = [case for case in cases if any(step.decides for step in _packet(case).timeline)]
        found += [*decided, *cases][:1]
    return found


def names_of(base: Path) -> Names:
    """What the attacker knows of that case."""
    packet = _packet(base)
    scenario = catalogue.find(packet.scenario, str(base))
    gate = next((gate for gate in scenario.gates if gate.opens_when is not None), scenario.gates[0])
    fitting = [person.id for person in packet.people if set(person.roles) & set(gate.roles)]
    signer = (fitting or [packet.requested_by])[0]
    return Names(gate.name, signer, scenario.outcomes[0].name, scenario.lane.id)


def plant(base: Path, folder: Path, lines: Sequence[str], ways: Iterable[str], extra: Iterable[str] = ()) -> Path:
    """Write the packet. `extra` are files that already stand in `folder` and become sources too."""
    shutil.copytree(base, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expect.yaml"))
    wanted = set(ways)
    files = [*extra, *(name for way, write in FILES.items() if way in wanted for name in write(folder, lines))]
    packet = _packet(base)
    described = yaml.safe_load((folder / "packet.yaml").read_text(encoding="utf-8"))
    systems = sorted({source.system for source in packet.sources})
    described["sources"] += [
        {"id": f"x{n}", "file": name, "system": systems[n % len(systems)]} for n, name in enumerate(files)
    ]
    described["timeline"] = _chat(packet, lines) if "chat" in wanted else []
    if "instructions" in wanted:
        described["instructions"] = "\n".join(lines)
    if "names of people" in wanted:
        described["people"] += [{"id": f"u-x{n}", "name": line, "roles": []} for n, line in enumerate(lines)]
    if "prior revision" in wanted:
        prior = {"name": "packet", "fields": {}, "notes": list(lines)}
        (folder / "x-prior.json").write_text(json.dumps(prior), encoding="utf-8")
        described["prior_revisions"] = [
            *described.get("prior_revisions", []),
            {"revision": "x-prior", "file": "x-prior.json"},
        ]
    (folder / "packet.yaml").write_text(yaml.safe_dump(described, allow_unicode=True), encoding="utf-8")
    return folder


def _chat(packet: Packet, lines: Sequence[str]) -> list[dict[str, object]]:
    groups = [lines[at : at + CHAT] for at in range(0, len(lines), CHAT)]
    times = ((packet.as_of + timedelta(seconds=n + 1)).isoformat() for n in range(len(groups)))
    return [
        {"at": at, "says": {"by": packet.requested_by, "text": "\n".join(group)}}
        for at, group in zip(times, groups, strict=True)
    ]


def _packet(base: Path) -> Packet:
    return Packet.model_validate(yaml.safe_load((base / "packet.yaml").read_text(encoding="utf-8")))
