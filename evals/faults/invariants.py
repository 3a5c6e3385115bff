"""What must hold after a disturbance: nothing lost, nothing twice, doubt shown. From what `reading` saw, and logs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from evals.faults.reading import Seen

RECOVERY_SECONDS = 5.0
_EFFECT_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
Request = tuple[str, str, str]
_WEIGHING = frozenset({"reconciled", "checked"})


@dataclass(slots=True)
class Found:
    """What a disturbance did, by promise: each line says what was expected and what was found."""

    turns: list[str] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    admissions: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    doubtful: int = 0
    """How many effects were in doubt."""

    @property
    def lines(self) -> list[str]:
        """All of them."""
        return [*self.turns, *self.effects, *self.admissions, *self.doubts]


def promises(acks: Path) -> tuple[set[str], set[tuple[str, str]]]:
    """The runs that were admitted and the events that were accepted, by the worker's own file."""
    lines = [line.split(" ") for line in acks.read_text(encoding="utf-8").splitlines()] if acks.exists() else []
    admitted = {line[1] for line in lines if line[0] == "admitted"}
    return admitted, {(line[1], line[2]) for line in lines if line[0] == "event"}


def kept(acks: Path, now: Mapping[str, Seen]) -> Iterator[str]:
    """What was promised and does not stand: lost admissions."""
    admitted, events = promises(acks)
    for run in sorted(admitted - now.keys()):
        yield f"expected the admitted run {run} in the ledger; found no row"
    for run, key in sorted(events):
        if run in now and not now[run].turns & {f"event:{key}", f"decision:{key}"}:
            yield f"expected the accepted event {key} of {run} on record; found no turn of it"


def grown(before: Mapping[str, Seen], after: Mapping[str, Seen]) -> Iterator[str]:
    """Turns and entries that stood when the process died and do not stand now."""
    for run, was in before.items():
        now = after.get(run)
        if now is None:
            yield f"expected the run {run}, which stood before; found none"
            continue
        lost = was.turns - now.turns
        if lost:
            yield f"expected the committed turns of {run} to stay; lost {sorted(lost)}"
        if now.entries[: len(was.entries)] != was.entries:
            yield f"expected the lineage of {was.case} to begin as it stood before; it begins otherwise"


def chained(seen: Seen) -> Iterator[str]:
    """A chain without a gap or a fork, each entry's hash that of its bytes."""
    for place, (seq, prev, _digest, kind) in enumerate(seen.entries):
        if seq != place or (place and prev != seen.entries[place - 1][2]) or "(" in kind:
            yield f"expected entry {place} of {seen.case} to follow the one before; found seq {seq} ({kind})"
            return


def as_undisturbed(now: Seen, whole: Seen, *, players: int = 1) -> Iterator[str]:
    """Where a run came to rest, against the run that nobody disturbed.

    Of two processes that play the same packet at once, either may be the first to say that a time has come or that a
    person answered. Then every entry is still there as often, and all stand in their order but those of a weighing.
    """
    # That an answer was lost, and what was asked again because of it, is told in the document and on record.
    told = now.interrupted
    kinds = (_but_sent(now.kinds), _but_sent(whole.kinds)) if told else (now.kinds, whole.kinds)
    pairs: dict[str, tuple[object, object]] = {
        "outcome": (now.outcome or now.status, whole.outcome or whole.status),
        "entries": kinds if players == 1 else (_in_part(kinds[0]), _in_part(kinds[1])),
        "revisions": (len(now.revisions), len(whole.revisions)) if told else (now.revisions, whole.revisions),
        "decisions": (now.decided, whole.decided),
        "refusals": (now.refused, whole.refused),
        "lane entries": (len(now.outbox), len(whole.outbox)),
        "receipts": (now.receipts, whole.receipts),
    }
    for what, (found, expected) in pairs.items():
        if found != expected:
            yield f"{now.case}: expected {what} as in the undisturbed run; {_apart(found, expected)}"
    unhandled = [key for key, handled in now.events.items() if not handled]
    if unhandled:
        yield f"{now.case}: expected every event handled; open: {unhandled}"


def _in_part(kinds: list[str]) -> list[str]:
    """What happened, in order, and then all kinds as often as they stand."""
    return [kind for kind in kinds if kind not in _WEIGHING] + sorted(kinds)


def _but_sent(kinds: list[str]) -> list[str]:
    return [kind for kind in kinds if kind != "effect_sent"]


def _apart(found: object, expected: object) -> str:
    if isinstance(found, list) and isinstance(expected, list):
        more, less = Counter(found) - Counter(expected), Counter(expected) - Counter(found)
        return f"found {len(found)} instead of {len(expected)}, more: {dict(more)}, less: {dict(less)}"
    return f"found {found!r}, expected {expected!r}"


def requests(journals: Path) -> list[Request]:
    """What the stub systems of a run were asked to do, by their own logs: system, method, path. Reads are left out."""
    return [(system, one["method"], one["path"]) for system, one in _acts(journals)]


def _applied_requests(journals: Path) -> set[Request]:
    return {(system, one["method"], one["path"]) for system, one in _acts(journals) if one["applies"]}


def _acts(journals: Path) -> list[tuple[str, dict[str, Any]]]:
    lines = [
        (file.stem, orjson.loads(line))
        for file in sorted(journals.glob("*.jsonl"))
        for line in file.read_bytes().splitlines()
    ]
    return [(system, one) for system, one in lines if one["method"] in _EFFECT_METHODS]


def applied(journals: Path) -> Counter[tuple[str, str]]:
    """How often each change was made, by the systems' own logs."""
    found: Counter[tuple[str, str]] = Counter()
    for system, one in _acts(journals):
        if one["applies"]:
            found[system, one["applies"]] += 1
    return found


def once(journals: Path, whole: Path) -> Iterator[str]:
    """Changes that a system made more often than in the undisturbed run."""
    expected = applied(whole)
    for (system, change), count in applied(journals).items():
        if count > max(expected[system, change], 1):
            yield f"expected {system} to make the change {change} once; its own log has it {count} times"


def settled(seen: Seen, journals: Path) -> Iterator[str]:
    """Effects that stand as done and that their system never made, or that nobody settled and nobody marked; and
    requests at the systems that are not on record."""
    made = _applied_requests(journals)
    entries, asked = seen.kinds.count("effect_sent"), len(requests(journals))
    if asked > entries:
        yield f"expected each request on record; the systems of {seen.case} have {asked}, its lineage {entries}"
    for key, state in seen.effects.items():
        if state in ("sent", "planned"):
            yield f"expected {key} settled or marked in doubt; it still stands as {state}"
        system, method, path = seen.asked[key]
        if state == "done" and (journals / f"{system}.jsonl").exists() and (system, method, path) not in made:
            yield f"expected {system} to have made {method} {path}, which stands as done; its own log has it never"


def doubts_marked(seen: Seen, before: Seen | None, then: Sequence[Request], now: Sequence[Request]) -> Iterator[str]:
    """Effects in doubt without an entry that says so, and those that a system was asked for again.

    What was in doubt when the process died (`before`) may not be asked for once more than it was by `then`, nor what
    stood as sent where the system may do it twice. What did not stand so may be asked for once, and what its system
    takes again by its key as often as is on record.
    """
    doubtful = [key for key, state in seen.effects.items() if state == "in_doubt"]
    entries = seen.kinds.count("effect_in_doubt")
    if entries < len(doubtful):
        yield f"expected an entry for each of {doubtful}, in doubt; found {entries}"
    for key in doubtful:
        sent = seen.asked[key]
        stood = before.effects.get(key, "planned") if before is not None else "planned"
        if stood == "sent" and key in seen.repeatable:
            continue
        if now.count(sent) > (1 if stood == "planned" else then.count(sent)):
            yield f"expected {key}, in doubt, not to be sent again; its system has {now.count(sent)} requests"


def taken_once(now: Mapping[str, Seen], taken: Sequence[str]) -> Iterator[str]:
    """Lane entries that the receiver took twice, or never, or that nobody released."""
    released = Counter(key for one in now.values() for key in one.outbox)
    for key, count in (Counter(taken) - released).items():
        yield f"expected the receiver to have taken {key} once; it has it {count} time(s) more"
    for key in released - Counter(taken):
        yield f"expected the released entry {key} at the receiver; its own log has none"
