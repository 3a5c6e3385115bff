"""Names for people, of what the code names for itself."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from casefile.packet import Packet

_STEPS = {
    "receive": "take the next event",
    "freeze": "freeze the evidence",
    "read": "read it and check it",
    "index": "make it findable",
    "extract": "extract values",
    "check_access": "check rosters and entitlements",
    "retrieve_audit": "retrieve audit records",
    "trace_lineage": "trace earlier clusters",
    "reconcile": "reconcile the sources",
    "compose": "compose the document",
    "challenge": "challenge the draft",
    "check": "check holds and preconditions",
    "converse": "answer in the chat",
    "object_": "enter the objection",
    "object": "enter the objection",
    "review_edits": "apply the verdicts",
    "settle": "settle where it stands",
    "gate": "wait for a person",
    "rest": "rest until something changes",
    "release": "release into the lane",
    "receipt": "sign the receipt",
}
# Steps that are not on the way from evidence to release: what people do between, and the plumbing.
BESIDE = frozenset({"receive", "converse", "object", "object_", "review_edits", "settle", "rest", "index"})


def step_title(name: str) -> str:
    """A step of a graph in words."""
    return _STEPS.get(name, name.replace("_", " "))


def gate_title(name: str) -> str:
    """A gate in words."""
    return name.replace("_", " ")


def person_name(packet: Packet, person: str) -> str:
    """A person of the roster by name."""
    found = packet.person(person)
    return found.name if found is not None and found.name else person


def actor_name(packet: Packet, kind: str, actor: str) -> str:
    """Who did something, as people call him: a person of the roster, an agent by what it is there for, the program."""
    if kind == "person":
        return person_name(packet, actor)
    said = actor.replace("_", " ").capitalize()
    return f"{said} agent" if kind == "agent" else said


def author_name(packet: Packet, author: str) -> str:
    """The same for `agent:drafting`, `person:u-lead`, and the bare id of a person."""
    kind, told, actor = author.partition(":")
    return actor_name(packet, kind, actor) if told else person_name(packet, author)


def listed(words: Sequence[str], last: str = "or") -> str:
    """`a, b or c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def visible(text: str) -> str:
    """A stranger's text with what cannot be seen in it named: no order hides in letters that have no shape."""
    return "".join(letter if _has_a_shape(letter) else f"⟨U+{ord(letter):04X}⟩" for letter in text)


def _has_a_shape(letter: str) -> bool:
    return letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp")
