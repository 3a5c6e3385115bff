"""Substitutes whom incident leadership wants for an attendee: read from the chat, the room and the ticket.

A wish swaps nobody. It is a checkpoint, and only an approval at its gate puts the substitute into the proposal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from agents.bridge_inputs import Person, Request
from agents.case_view import CaseView
from agents.entries import entries
from agents.records import label_of
from agents.stated_values import spans_of

WANTED, OFFERED, GRANTED = "substitution", "offered_substitute", "substituted"


@dataclass(frozen=True, slots=True)
class Substitution:
    """Who is wanted for whom: `role` and the roster's `who` of the substitute, empty where they are not clear."""

    role: str
    name: str
    who: str
    instead: str
    by: str
    where: str
    text: str

    @property
    def clear(self) -> bool:
        """Whether it says which required role somebody of the roster takes over."""
        return bool(self.role and self.who)

    @property
    def shown(self) -> str:
        """In words, as a wish of leadership."""
        return f"{self.by} wants {self.name} {self._for()}"

    @property
    def told(self) -> str:
        """In words, as what somebody typed into the room."""
        return f"{self.by} names {self.name} {self._for()}"

    def _for(self) -> str:
        role = self.role.replace("_", " ") or "a role that is not clear"
        return f"for {role}" + (f", instead of {self.instead}" if self.instead else "")


def wanted(
    view: CaseView, asked: Request, people: Sequence[Person], everybody: Sequence[Person]
) -> Substitution | None:
    """The last substitution that leadership asked for: in the chat, else in the room or in the ticket."""
    reading = _Reading(view, asked, people, everybody)
    if view.happening.kind == "says":
        said = orjson.loads(view.happening.body)
        told = reading.of(str(said["text"]), str(said["by"]), "chat") if _leads(view, str(said["by"])) else None
        if told is not None:
            return told
    kept = kept_one(view.kept, WANTED)
    return kept if kept is not None else next(reversed(list(reading.documents())), None)


def offered(
    view: CaseView, asked: Request, people: Sequence[Person], everybody: Sequence[Person]
) -> Substitution | None:
    """The last substitute whom anybody typed into the room, himself or another, where role and person are clear.

    An offer is no wish of leadership: it is what leadership can take where a role has nobody.
    """
    told = _Reading(view, asked, people, everybody).offers()
    return next((one for one in reversed(list(told)) if one.clear), None)


def kept_one(kept: Mapping[str, str], name: str) -> Substitution | None:
    """A substitution that an earlier pass remembers."""
    body = kept.get(name)
    return Substitution(**orjson.loads(body)) if body else None


def dumped(one: Substitution) -> str:
    """A substitution, to be remembered."""
    return orjson.dumps(asdict(one)).decode()


def put_in(people: Sequence[Person], everybody: Sequence[Person], one: Substitution) -> list[Person]:
    """The roster with the substitute in the role, for as long as he would be there at all."""
    row = next((p for p in everybody if p.who == one.who), None)
    if row is None:
        return list(people)
    there = [p for p in people if p.role == one.role]
    gone = [p for p in there if not one.instead or p.name == one.instead] or there
    start = min([p.duty.start for p in gone], default=row.duty.start)
    end = max([p.duty.end for p in gone], default=row.duty.end)
    duty = type(row.duty)(one.role, row.who, start, end)
    return [*(p for p in people if p not in gone), Person(one.role, row.name, row.who, row.zone, duty, row.citations)]


def _leads(view: CaseView, name: str) -> bool:
    """Whether somebody, by id or name, belongs to incident leadership."""
    leaders: list[str] = view.scenario.data["leadership"]
    found = [p for p in view.packet.people if name.strip().casefold() in (p.id.casefold(), p.name.casefold())]
    return any(person.holds_at(leaders, view.now) for person in found)


@dataclass(frozen=True, slots=True)
class _Reading:
    view: CaseView
    asked: Request
    people: Sequence[Person]
    everybody: Sequence[Person]

    def offers(self) -> Iterator[Substitution]:
        """What anybody wrote in the room about who could take over."""
        data = self.view.scenario.data
        author = re.compile(data["substitution"]["author"])
        for item in self.view.of(*data["systems"]["room"]):
            for span in spans_of(self.view, item):
                match = author.match(span.text.strip())
                by = match["author"] if match else (span.author.name if span.author is not None else "")
                for said in re.split(r"(?<=[.;!?])\s+", match["text"] if match and by and not span.hidden else ""):
                    told = self.of(said, by.strip(), f"{item.id} {span.locator}")
                    if told is not None:
                        yield told

    def documents(self) -> Iterator[Substitution]:
        """What leadership wrote in the room, and what the ticket has as a request of theirs."""
        words: Mapping[str, Any] = self.view.scenario.data["substitution"]
        systems = self.view.scenario.data["systems"]
        author = re.compile(words["author"])
        for item in self.view.of(*systems["room"]):
            for span in spans_of(self.view, item):
                match = author.match(span.text.strip())
                by = match["author"] if match else (span.author.name if span.author is not None else "")
                if not span.hidden and by and _leads(self.view, by):
                    text = match["text"] if match else span.text
                    told = self.of(text, by.strip(), f"{item.id} {span.locator}")
                    if told is not None:
                        yield told
        for item in self.view.of(*systems["ticket"], *systems["room"]):
            for entry in entries(self.view, item):
                cell, by_cell = entry.first(words["substitute"]), entry.first(words["by"])
                if cell is None or by_cell is None or not _leads(self.view, by_cell.text):
                    continue
                out = entry.first(words["instead"])
                yield self._settled(
                    cell.text.strip(), out.text.strip() if out else "", by_cell.text, item.id, entry.text
                )

    def of(self, text: str, by: str, where: str) -> Substitution | None:
        """The substitution that a sentence asks for, or None."""
        words: Mapping[str, Any] = self.view.scenario.data["substitution"]
        for pattern in words["patterns"]:
            match = re.search(pattern, text, re.IGNORECASE)
            if match is None:
                continue
            name, out = self._name(match["who"], last=True), match["out"].strip()
            if re.fullmatch(words["oneself"], match["who"].strip(), re.IGNORECASE):
                name = self._name(by)
            if name:
                return self._settled(name, out, by, where, text)
        return None

    def _settled(self, name: str, out: str, by: str, where: str, text: str) -> Substitution:
        row = next((p for p in self.everybody if name.casefold() in (p.name.casefold(), p.who)), None)
        gone = self._name(out)
        role = next((p.role for p in self.people if p.name == gone and p.role in self.asked.roles), "")
        role = role or self._role(out)
        return Substitution(
            role, row.name if row else name, row.who if row else "", gone, by, where, text.strip()[:300]
        )

    def _name(self, text: str, *, last: bool = False) -> str:
        """Whom of the roster a text names, by name, family name or address (the first, or the `last` one); else its
        own words where they are a name."""
        names = list(dict.fromkeys(p.name for p in self.everybody))
        families, firsts = [name.split()[-1] for name in names], [name.split()[0] for name in names]
        found: list[tuple[int, str]] = []
        for row in self.everybody:
            family, given = row.name.split()[-1], row.name.split()[0]
            ways = [re.escape(row.name), re.escape(row.who)] + [re.escape(family)] * (families.count(family) == 1)
            # A given name as it is written: "will" and "may" are words.
            alone = [re.escape(given)] * (firsts.count(given) == 1)
            match = re.search(rf"(?<![\w@.])(?:(?i:{'|'.join(ways)})|{'|'.join(alone) or '(?!)'})(?![\w@])", text)
            if match is not None:
                found.append((match.start(), row.name))
        if found:
            return (max if last else min)(found)[1]
        whole = re.search(r"[A-ZÀ-Ý][\w'’-]+(?: [A-ZÀ-Ý][\w'’-]+)+", text)
        return whole[0] if whole else ""

    def _role(self, text: str) -> str:
        known: Mapping[str, list[str]] = self.view.scenario.data["roles"]
        compared = f" {label_of(text)} "
        fitting = [
            (len(name), role)
            for role, names in known.items()
            for name in map(label_of, (role, *names))
            if f" {name} " in compared and role in self.asked.roles
        ]
        return max(fitting, default=(0, ""))[1]
