"""The tables of live signals. A tenant has one stream; places in it (`seq`) are given in the order of commits.

What came in is only ever appended (`signals`). What the clustering makes of it stands apart and may change:
`signal_places` and `signal_clusters`. Times are microseconds since 1970, UTC.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, PrimaryKeyConstraint, String, Table, Text, UniqueConstraint

from runtime.store.account_tables import metadata

__all__ = [
    "metadata",
    "signal_clusters",
    "signal_dead",
    "signal_faults",
    "signal_keys",
    "signal_places",
    "signal_rounds",
    "signal_sources",
    "signal_splits",
    "signal_streams",
    "signals",
]

# How far a tenant's stream has come: `size` signals are in, `placed` of them are clustered, `version` rounds were made.
signal_streams = Table(
    "signal_streams",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("dead", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant"),
)
signal_rounds = Table(
    "signal_rounds",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("placed", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant"),
)

signals = Table(
    "signals",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("source", String(200), nullable=False),
    Column("id", String(300), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("parsed", Text, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "seq"),
    UniqueConstraint("tenant", "source", "id"),
)

# What could not be read, with the reason; the others went on.
signal_dead = Table(
    "signal_dead",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("source", String(200), nullable=False),
    Column("id", String(300), nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("place", String(200), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "seq"),
)

signal_sources = Table(
    "signal_sources",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("source", String(200), nullable=False),
    Column("stored", BigInteger, nullable=False),
    Column("repeated", BigInteger, nullable=False),
    Column("dead", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("last_received", BigInteger, nullable=False),
    Column("complete_through", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "source"),
)

# Typed keys and tenants of placed signals, by time: neighbours are found by a range of one key and never by a scan.
signal_keys = Table(
    "signal_keys",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("key", String(700), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "key", "at", "seq"),
    sqlite_with_rowid=False,
)

# `number` is the cluster, `part` what typed keys alone make of it; `state`: '' | 'bare' (only wording could place it).
signal_places = Table(
    "signal_places",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("part", BigInteger, nullable=False),
    Column("state", String(8), nullable=False),
    PrimaryKeyConstraint("tenant", "seq"),
    sqlite_with_rowid=False,
)
Index("signal_places_of_cluster", signal_places.c.tenant, signal_places.c.number)

# A cluster keeps its number while it grows: that of its first arrival. `gone` names the cluster that took it in.
signal_clusters = Table(
    "signal_clusters",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("gone", BigInteger),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("weight", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("due", Boolean, nullable=False),
    Column("run", String(64)),
    Column("claimed_until", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "number"),
)
Index("signal_clusters_changed", signal_clusters.c.tenant, signal_clusters.c.version)
Index("signal_clusters_heavy", signal_clusters.c.tenant, signal_clusters.c.weight, signal_clusters.c.last_at)
Index(
    "signal_clusters_due",
    signal_clusters.c.tenant,
    sqlite_where=signal_clusters.c.due,
    postgresql_where=signal_clusters.c.due,
)
Index(
    "signal_clusters_with_run",
    signal_clusters.c.tenant,
    sqlite_where=signal_clusters.c.run.is_not(None),
    postgresql_where=signal_clusters.c.run.is_not(None),
)

# What keeps a cluster from its case. Apart from the cluster, whose row is written anew whenever it grows.
# `kind`: 'opening' | 'run'. `place` and `type` hold nothing of the content, `reason` may.
signal_faults = Table(
    "signal_faults",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("type", String(100), nullable=False),
    Column("place", String(200), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("tries", BigInteger, nullable=False),
    Column("again_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "number"),
)

signal_splits = Table(
    "signal_splits",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("by", String(200), nullable=False),
    Column("reason", String(1000), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("members", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "seq"),
)
