"""The tables of connected MCP servers: what each told when it was looked at last, and which tools changed since.

What a connector is, and what its tools were classed as, are settings like any other (`setting_tables`).
"""

from __future__ import annotations

from sqlalchemy import Column, PrimaryKeyConstraint, String, Table, Text

from runtime.store.setting_tables import metadata

__all__ = ["connector_changes", "connector_sightings", "metadata"]

# The last look at a server: its tools, or why it told none.
connector_sightings = Table(
    "connector_sightings",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("connector", String(40), nullable=False),
    Column("at", String(20), nullable=False),
    Column("problem", Text, nullable=False),
    Column("tools", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "connector"),
)

# A tool that was not what somebody looked at. It stays so, also where the server changes it back: `look` is over.
connector_changes = Table(
    "connector_changes",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("connector", String(40), nullable=False),
    Column("tool", String(100), nullable=False),
    Column("look", String(40), nullable=False),
    Column("at", String(20), nullable=False),
    Column("now", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "connector", "tool", "look"),
)
