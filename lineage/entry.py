"""The lineage entry: a header without content, hashed into the chain, and openings that stand beside it.

A header member that is a commitment is opened by the opening of the same name: `content` members by
their own name, the tool calls by `tool_calls/<index>/args` and `tool_calls/<index>/result`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lineage import merkle
from lineage.canonical import CanonicalError, Json, canonical, canonical_part, digest_bytes, parse_canonical
from lineage.commitment import Opening, commit
from lineage.header import TOOL_CALLS, VERSION, fault, layout, plain_layout, read

GENESIS = "sha256:" + "0" * 64


class EntryError(ValueError):
    """A draft or line that is not an entry. The message names the member and what was expected."""


@dataclass(frozen=True, slots=True)
class Actor:
    type: Literal["agent", "person", "system"]
    id: str
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """The agent, prompt and model behind a turn; the prompt is null for an agent that works by rules."""

    name: str
    prompt: str | None = None
    prompt_version: str | None = None
    prompt_hash: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call with its arguments and result in the clear; the header gets commitments to them."""

    tool: str
    args: Json
    result: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDraft:
    """An entry before it has its place in the chain.

    Hashes are `sha256:<hex>`; `at` is UTC, `YYYY-MM-DDTHH:MM:SSZ`; identifiers have 1 to 200 characters.
    `content` maps a name to a value in the clear; content belongs there and in `tool_calls` only.
    """

    tenant: str
    case: str
    run: str
    kind: str
    at: str
    actor: Actor
    agent: Agent | None = None
    base_revision: str | None = None
    new_revision: str | None = None
    accepted_edits: tuple[str, ...] = ()
    rejected_edits: tuple[str, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    citations: tuple[str, ...] = ()
    policy_version: str | None = None
    opens: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()
    envelope: str | None = None
    content: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A sealed entry. `hash` is the digest of `header`, the canonical bytes that the chain is made of."""

    seq: int
    prev: str
    hash: str
    header: bytes
    openings: Mapping[str, Opening]

    def line(self) -> bytes:
        """One line of `lineage.jsonl`: canonical JSON and a line feed. Raises CanonicalError."""
        content: dict[str, Json] = {
            name: {
                "salt": opening.salt,
                "value": None if opening.value is None else parse_canonical(opening.value),
            }
            for name, opening in self.openings.items()
        }
        header = parse_canonical(self.header)
        return canonical({"seq": self.seq, "hash": self.hash, "header": header, "content": content}) + b"\n"


def seal(draft: EntryDraft, seq: int, prev: str) -> Entry:
    """Gives the draft its place after `prev`, the hash of entry `seq` - 1 (`GENESIS` for entry 0).

    Raises EntryError for a member that breaks the format, CanonicalError for a value that is not JSON.
    """
    content = {name: _commit(name, value) for name, value in draft.content.items()}
    calls: dict[str, Opening] = {}
    for index, call in enumerate(draft.tool_calls):
        for part, value in (("args", call.args), ("result", call.result)):
            name = f"{TOOL_CALLS}{index}/{part}"
            calls[name] = _commit(name, value)
    header = _header(draft, seq, prev, content, calls)
    data = plain_layout(header)
    if data is None:
        problem = fault(header)
        if problem:
            raise EntryError(problem)
        data = layout(header)
    return Entry(seq, prev, digest_bytes(data), data, content | calls)


def parse_line(line: bytes) -> Entry:
    """Reads what `Entry.line` wrote. Raises EntryError for another shape or layout.

    Proves nothing about hash, chain or content: that is `chain.verify_lines`.
    """
    try:
        value: Any = parse_canonical(line.removesuffix(b"\n"))
    except CanonicalError as error:
        raise EntryError(f"line: {error}") from None
    if type(value) is not dict or value.keys() != {"seq", "hash", "header", "content"}:
        raise EntryError("line: expected an object with the members seq, hash, header and content")
    seq, entry_hash, header, content = value["seq"], value["hash"], value["header"], value["content"]
    if type(seq) is not int or type(entry_hash) is not str or type(content) is not dict:
        raise EntryError("line: expected seq an integer, hash a string and content an object")
    data = canonical_part(header)
    _, problem = read(data)
    if problem:
        raise EntryError(problem)
    committed = commitments(header)
    openings = {name: _opening(name, item, committed.get(name, "")) for name, item in content.items()}
    return Entry(seq, header["prev"], entry_hash, data, openings)


def commitments(header: Mapping[str, Any]) -> dict[str, str]:
    """Every commitment of a faultless header, by the name of its opening."""
    committed: dict[str, str] = header["content"].copy()
    for index, call in enumerate(header["tool_calls"]):
        committed[f"{TOOL_CALLS}{index}/args"] = call["args"]
        committed[f"{TOOL_CALLS}{index}/result"] = call["result"]
    return committed


def leaf(entry_hash: str) -> bytes:
    """The Merkle leaf of an entry: over the 32 raw bytes of its hash. Raises ValueError for no hash."""
    return merkle.leaf_hash(bytes.fromhex(entry_hash.removeprefix("sha256:")))


def _header(
    draft: EntryDraft, seq: int, prev: str, content: Mapping[str, Opening], calls: Mapping[str, Opening]
) -> dict[str, Json]:
    return {
        "v": VERSION,
        "tenant": draft.tenant,
        "case": draft.case,
        "run": draft.run,
        "seq": seq,
        "kind": draft.kind,
        "at": draft.at,
        "prev": prev,
        "actor": {"type": draft.actor.type, "id": draft.actor.id, "role": draft.actor.role},
        "agent": _agent(draft.agent) if draft.agent else None,
        "base_revision": draft.base_revision,
        "new_revision": draft.new_revision,
        "accepted_edits": list(draft.accepted_edits),
        "rejected_edits": list(draft.rejected_edits),
        "tool_calls": [
            {
                "tool": call.tool,
                "args": calls[f"{TOOL_CALLS}{index}/args"].commitment,
                "result": calls[f"{TOOL_CALLS}{index}/result"].commitment,
            }
            for index, call in enumerate(draft.tool_calls)
        ],
        "citations": list(draft.citations),
        "policy_version": draft.policy_version,
        "opens": list(draft.opens),
        "closes": list(draft.closes),
        "envelope": draft.envelope,
        "content": {name: opening.commitment for name, opening in content.items()},
    }


def _agent(agent: Agent) -> dict[str, Json]:
    return {
        "name": agent.name,
        "prompt": agent.prompt,
        "prompt_version": agent.prompt_version,
        "prompt_hash": agent.prompt_hash,
        "model": agent.model,
    }


def _commit(name: str, value: Json) -> Opening:
    # Its place in the line, so that what is sealed can also be exported.
    return commit(value, ("content", name, "value"))


def _opening(name: str, item: Any, committed: str) -> Opening:
    if type(item) is not dict or item.keys() != {"salt", "value"}:
        raise EntryError(f"/content/{name}: expected the members salt and value")
    match item["salt"], item["value"]:
        case None, None:
            return Opening(None, None, committed)
        case str(salt), value:
            return Opening(salt, canonical_part(value), committed)
    raise EntryError(f"/content/{name}: expected a salt, or null for salt and value where erased")
