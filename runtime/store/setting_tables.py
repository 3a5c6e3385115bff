"""The tables of what admins decide: versions of settings, what was said about each, who is suspended, who stands in.

A version is never changed and a mark is never taken back: what is in force is what the last mark says.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from runtime.store.signal_tables import metadata

__all__ = [
    "agent_uses",
    "delegations",
    "edit_origins",
    "metadata",
    "run_pins",
    "setting_marks",
    "setting_versions",
    "suspensions",
]

setting_versions = Table(
    "setting_versions",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sha256", String(71), nullable=False),
    Column("body", Text, nullable=False),
    Column("author", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", String(20), nullable=False),
    PrimaryKeyConstraint("tenant", "kind", "name", "version"),
)

# `seq` counts the marks of one name: two people who act on what they saw at the same time cannot both win.
setting_marks = Table(
    "setting_marks",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("mark", String(20), nullable=False),
    Column("by", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", String(20), nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "kind", "name", "seq"),
)

# Where the lineage names a prompt or a tool, found without reading all of it: written with the entry, and derived.
agent_uses = Table(
    "agent_uses",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("case_id", String(200), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("run", String(64), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("agent", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("version", String(200), nullable=False),
    Column("sha256", String(71), nullable=False),
    Column("refused", Boolean, nullable=False),
    Column("at", String(20), nullable=False),
    PrimaryKeyConstraint("tenant", "case_id", "seq"),
)
Index("agent_uses_of_name", agent_uses.c.tenant, agent_uses.c.kind, agent_uses.c.name, agent_uses.c.at)

# Which prompt an edit of the model came from.
edit_origins = Table(
    "edit_origins",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("edit", String(40), nullable=False),
    Column("name", String(200), nullable=False),
    Column("version", String(200), nullable=False),
    Column("sha256", String(71), nullable=False),
    PrimaryKeyConstraint("tenant", "run", "edit"),
)
Index("edit_origins_of_name", edit_origins.c.tenant, edit_origins.c.name, edit_origins.c.sha256)

# The version of a setting that a run was started with. No row: the shipped default.
run_pins = Table(
    "run_pins",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("tenant", "run", "kind"),
)

# A person, or a role of his, out of use in a tenant. Answers given by it that nothing has come of yet are void.
suspensions = Table(
    "suspensions",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("person", String(200), nullable=False),
    Column("role", String(200), nullable=False),
    Column("since", String(20), nullable=False),
    Column("lifted", String(20)),
    Column("by", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "person", "role", "since"),
)

# A role that a person lends to another one for a time. It caps what a roster may give, and adds to no roster.
delegations = Table(
    "delegations",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("id", String(40), nullable=False),
    Column("giver", String(200), nullable=False),
    Column("taker", String(200), nullable=False),
    Column("role", String(200), nullable=False),
    Column("valid_from", String(20), nullable=False),
    Column("valid_until", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", String(20), nullable=False),
    Column("ended_at", String(20)),
    PrimaryKeyConstraint("tenant", "id"),
)
