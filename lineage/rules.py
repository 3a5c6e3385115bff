"""What the headers of a chain alone must fulfil, whoever wrote them: checked by receipts and by outside witnesses.

* nothing is released without an earlier approval by a person of the same content that had not lapsed, or without
  naming the standing approval that it runs under
* nothing is done in a system without naming the decisions that allow it, each of which stands in that run, or the
  standing approval that it runs under
* one person answers one gate once for one content, and one signed decision is used once
* nobody answers a gate that an earlier header keeps him apart from: who asked for it, proposed it, wrote it or watches
  it, as the gate's own rules have it (R11)
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lineage.canonical import digest

# Kinds of entries.
DECIDED: Final = "decided"
REFUSED: Final = "decision_refused"
LAPSES: Final[Mapping[str, str]] = {"decision_void": "void", "decision_expired": "expired"}
EFFECTS: Final = frozenset({"released"})
ACTS: Final = frozenset({"effect_sent"})
# Gates are opened and closed like items, under a prefix of their own.
GATE: Final = "gate:"
# Whom the duties keep apart from a gate is opened beside it, and closed when that is over.
APART: Final = "~"
_MAX_IDENTIFIER: Final = 200

Header = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that entry `seq` breaks."""

    seq: int
    problem: str


def gate_item(gate: str, action: str | None = None, target: str | None = None) -> str:
    """How a header names a gate that it opens or answers, for one action or target where the gate has several."""
    return _short(GATE + ":".join([gate, action or "", target or ""]).rstrip(":"))


def apart_item(gate: str, person: str) -> str:
    """How a header names somebody who may not answer a gate; `gate` is the gate's item, for one action or for all."""
    return _short(f"{gate}{APART}{person}")


def _short(named: str) -> str:
    return named if len(named) <= _MAX_IDENTIFIER else named[:130] + digest(named)[7:71]


def broken(headers: Sequence[Header | None]) -> list[Broken]:
    """The rules that these headers break, in order. None stands for a sealed header: what it may say is not held
    against the others."""
    found: list[Broken] = []
    record = _Record()
    sealed = False
    for seq, header in enumerate(headers):
        if header is None:
            sealed = True
            record.pass_sealed()
            continue
        kind, envelope = header["kind"], header["envelope"]
        record.keep_apart(header)
        content = (header["run"], header["base_revision"] or "")
        if kind == DECIDED:
            found += [Broken(seq, problem) for problem in record.decide(header, content)]
        elif kind in LAPSES and envelope:
            record.lapse(envelope)
        elif kind in EFFECTS and not header["citations"] and not sealed and not record.stands(content):
            found.append(Broken(seq, f"{kind}: no earlier approval of the same content stands, and none is named"))
        elif kind in ACTS and not sealed and (problem := record.act(header)):
            found.append(Broken(seq, f"{kind}: {problem}"))
    return found


def open_items(headers: Sequence[Header], run: str) -> set[str]:
    """The items of that run that its headers opened and did not close."""
    standing: set[str] = set()
    for header in headers:
        if header["run"] == run:
            standing |= set(header["opens"])
            standing -= set(header["closes"])
    return {item for item in standing if not item.startswith(GATE)}


class _Record:
    """The decisions so far: which stand for which content (run, revision), and who answered which gate."""

    def __init__(self) -> None:
        self._content: dict[str, tuple[str, str]] = {}
        self._answered: dict[tuple[str, str, str, str], str] = {}
        self._used: dict[str, str] = {}
        self._named: set[str] = set()
        self._apart: set[tuple[str, str]] = set()

    def keep_apart(self, header: Header) -> None:
        """Take in whom the duties keep apart from which gate from here on, by run."""
        self._apart |= {(header["run"], item) for item in header["opens"] if item.startswith(GATE)}
        self._apart -= {(header["run"], item) for item in header["closes"]}

    def decide(self, header: Header, content: tuple[str, str]) -> list[str]:
        """Take a decision in; the rules that it breaks."""
        actor, envelope = header["actor"], header["envelope"]
        problems = []
        if actor["type"] != "person":
            problems.append(f"{DECIDED}: by {actor['type']} {actor['id']}, and only persons decide")
        if envelope is None:
            return [*problems, f"{DECIDED}: without a signed envelope"]
        if envelope in self._used:
            problems.append(f"{DECIDED}: by an envelope that was used before")
        if envelope in self._named:
            problems.append(f"{DECIDED}: only after an act that names it")
        for gate in header["closes"]:
            place = (*content, gate, actor["id"])
            if place in self._answered:
                problems.append(
                    f"{DECIDED}: {actor['id']} answers {gate} for the second time; that takes another person"
                )
            self._answered[place] = envelope
            if any((content[0], apart_item(one, actor["id"])) in self._apart for one in _and_wider(gate)):
                problems.append(
                    f"{DECIDED}: {actor['id']} answers {gate}, and an earlier entry keeps him apart from it (R11)"
                )
        self._used[envelope] = content[0]
        self._content[envelope] = content
        return problems

    def lapse(self, envelope: str) -> None:
        """A decision does not stand any more; who made it may answer again."""
        self._content.pop(envelope, None)
        self._answered = {place: one for place, one in self._answered.items() if one != envelope}

    def pass_sealed(self) -> None:
        """A header that is not shown may say that any earlier answer is over, or that somebody is no longer kept apart,
        so neither is held against what comes later."""
        self._answered.clear()
        self._apart.clear()

    def act(self, header: Header) -> str:
        """Why an act in a system is not allowed by what came before it; empty where it is."""
        run, named = header["run"], header["citations"]
        self._named |= set(named)
        if not named and not any(content[0] == run for content in self._content.values()):
            return "no earlier approval in its run stands, and none is named"
        if any(one in self._used and one not in self._content for one in named):
            return "an approval that it names stood no more"
        if any(self._used.get(one, run) != run for one in named):
            return "an approval that it names was given in another run"
        return ""

    def stands(self, content: tuple[str, str]) -> bool:
        """Whether a decision stands for that content."""
        return content in self._content.values()


def _and_wider(gate: str) -> Iterator[str]:
    """The item of an answered gate, and those of the gate for any target and for any action."""
    yield gate
    while ":" in gate.removeprefix(GATE):
        gate = gate.rpartition(":")[0]
        yield gate
