"""A packet that is being made: its files, its people, its timeline, and what must be true of the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from evals.golden.times import utc


class _Dumper(yaml.SafeDumper):
    """Times as people write them."""


_Dumper.add_representer(
    datetime, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:timestamp", utc(value))
)


class Packet:
    """One packet. `expect` takes the lines of contract §3; `write` makes the folder."""

    def __init__(self, scenario: str, case: str, tenant: dict[str, str], as_of: datetime, requested_by: str) -> None:
        self.head: dict[str, Any] = {
            "scenario": scenario,
            "case": case,
            "tenant": tenant,
            "as_of": as_of,
            "requested_by": requested_by,
        }
        self.people: list[dict[str, Any]] = []
        self.sources: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.timeline: list[dict[str, Any]] = []
        self.expect: dict[str, Any] = {}

    def person(self, id: str, name: str, *roles: str, **limits: Any) -> None:  # noqa: A002 - the packet's own word
        """Somebody on the roster."""
        self.people.append({"id": id, "name": name, "roles": list(roles), **limits})

    def source(self, id: str, file: str, data: bytes, system: str, captured_at: datetime | None, **more: Any) -> None:  # noqa: A002
        """A source that is there from the start."""
        self.files[file] = data
        told = {"id": id, "file": file, "system": system}
        self.sources.append({**told, **({"captured_at": captured_at} if captured_at else {}), **more})

    def arrives(self, at: datetime, id: str, file: str, data: bytes, **more: Any) -> None:  # noqa: A002
        """A source that comes later."""
        self.files[file] = data
        self.timeline.append({"at": at, "arrives": {"id": id, "file": file, **more}})

    def says(self, at: datetime, by: str, text: str) -> None:
        """A person in the chat."""
        self.timeline.append({"at": at, "says": {"by": by, "text": text}})

    def decides(
        self, at: datetime, gate: str, by: str, decision: str = "approve", revision: str = "current", **more: Any
    ) -> None:
        """An answer to a gate."""
        self.timeline.append(
            {"at": at, "decides": {"gate": gate, "by": by, "decision": decision, "revision": revision, **more}}
        )

    def asks(self, by: str, told: Sequence[tuple[str, str]], at: Callable[[int], datetime], first: int = 3) -> None:
        """Somebody asks for what the boundary forbids, a minute apart; each (text, refusal) is refused."""
        for n, (text, about) in enumerate(told):
            self.says(at(first + n), by, text)
            self.expects(refusals=[{"about": about}])

    def rejects(self, at: datetime, gate: str, by: str, reason: str, outcome: str) -> None:
        """The right person says no: nothing leaves, and the run rests with that outcome."""
        self.decides(at, gate, by, decision="reject", reason=reason)
        approvals = [{"gate": gate, "by": by, "state": "rejected"}]
        self.expects(status="finished", outcome=outcome, releases=0, approvals=approvals)

    def refuses(self, at: datetime, gate: str, by: str, none_of: str = "") -> None:
        """Somebody answers who may not: it counts for nothing, on that gate or on `none_of` (a regex of gates)."""
        self.decides(at, gate, by)
        self.expects(
            approvals=[{"gate": gate, "by": by, "state": "refused"}],
            approvals_none=[{"gate": none_of or gate, "by": by}],
        )

    def expects(self, **lines: Any) -> None:
        """More of what must be true: lists grow, the rest is set."""
        for name, value in lines.items():
            if isinstance(value, list):
                self.expect[name] = [*self.expect.get(name, []), *value]
            else:
                self.expect[name] = value

    def field(self, match: str, value: Any = None, status: str | None = None) -> None:
        """A field that must stand so."""
        line = {"match": match, "value": value, "status": status}
        self.expects(fields=[{key: one for key, one in line.items() if one is not None}])

    def no_field(self, match: str, value: Any = None, status: str | None = None) -> None:
        """A field that may not stand so."""
        line = {"match": match, "value": value, "status": status}
        self.expects(fields_none=[{key: one for key, one in line.items() if one is not None}])

    def register(self, register: str, about: str, least: int = 1) -> None:
        """An item that must be in a register; several names, parted by |, mean any of them."""
        names = register.split("|")
        place = {"register": names[0]} if len(names) == 1 else {"register_in": names}
        self.expects(registers=[{**place, "min": least, "about": about}])

    def write(self, folder: Path) -> Path:
        """The folder with everything in it."""
        folder.mkdir(parents=True, exist_ok=True)
        told = {**self.head, "people": self.people, "sources": self.sources}
        if self.timeline:
            told["timeline"] = self.timeline
        for name, value in (("packet.yaml", told), ("expect.yaml", self.expect)):
            text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
            (folder / name).write_text(text, encoding="utf-8")
        for name, data in self.files.items():
            (folder / name).write_bytes(data)
        return folder
