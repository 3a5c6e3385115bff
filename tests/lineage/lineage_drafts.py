"""Chains for the tests of entry and chain."""

from lineage import merkle
from lineage.chain import Head, Row
from lineage.entry import GENESIS, Actor, Agent, Entry, EntryDraft, ToolCall, leaf, seal


def sha(number: int) -> str:
    return f"sha256:{number:064x}"


def draft(number: int = 0, **changes) -> EntryDraft:
    members = {
        "tenant": "north",
        "case": "case-1",
        "run": "run-1",
        "kind": "edit_proposed",
        "at": "2024-02-29T10:00:00Z",
        "actor": Actor("agent", "drafting", "author"),
        "agent": Agent("drafting", "compose", "3", sha(5), "model-large"),
        "base_revision": sha(number),
        "accepted_edits": ("edit-1",),
        "tool_calls": (ToolCall("read_table", {"source": "ledger"}, [["Füllstand", 12], None]),),
        "citations": (sha(7), sha(8)),
        "policy_version": "4",
        "opens": ("objection-1",),
        "content": {"proposal": {"text": f"Delivery {number} is confirmed.", "span": number}, "note": None},
    }
    return EntryDraft(**members | changes)


def chain(*drafts: EntryDraft) -> list[Entry]:
    entries: list[Entry] = []
    for seq, each in enumerate(drafts):
        entries.append(seal(each, seq, entries[-1].hash if entries else GENESIS))
    return entries


def rows_of(entries: list[Entry]) -> list[Row]:
    return [Row.of(entry) for entry in entries]


def head_of(entries: list[Entry]) -> Head:
    root = merkle.root(leaf(entry.hash) for entry in entries)
    return Head(len(entries), entries[-1].hash if entries else GENESIS, root.hex())
