"""The tables of the server: accounts, sessions, tokens, and what makes cases of a person found at once.

Secrets (session, link, token) stand here only as SHA-256: who reads the database can sign in as nobody.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, PrimaryKeyConstraint, String, Table, Text, UniqueConstraint

from runtime.store.tables import inbox, metadata, runs

__all__ = [
    "accounts",
    "api_tokens",
    "memberships",
    "metadata",
    "oidc_states",
    "run_clocks",
    "run_people",
    "run_timers",
    "sessions",
    "sign_in_links",
]

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(40), nullable=False),
    Column("email", String(320), nullable=False),
    Column("name", String(200), nullable=False),
    Column("password", String(300)),
    Column("issuer", String(300)),
    Column("subject", String(300)),
    Column("global_roles", Text, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("email"),
    UniqueConstraint("issuer", "subject"),
)

# Who an account is on the rosters of a tenant, and the roles that the directory grants there: a packet's roster may
# give fewer, never more. One person of a tenant is one account (R11: two approvals are two people).
memberships = Table(
    "memberships",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("person", String(200), nullable=False),
    Column("account", String(40), nullable=False),
    Column("tenant_name", String(300), nullable=False),
    Column("name", String(300), nullable=False),
    Column("roles", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "person"),
    UniqueConstraint("account", "tenant"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), nullable=False),
    Column("account", String(40), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("hash"),
)
Index("sessions_of_account", sessions.c.account)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("hash", String(64), nullable=False),
    Column("account", String(40), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("hash"),
)

oidc_states = Table(
    "oidc_states",
    metadata,
    Column("hash", String(64), nullable=False),
    Column("verifier", String(200), nullable=False),
    Column("nonce", String(200), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("hash"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", String(40), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("account", String(40), nullable=False),
    Column("name", String(100), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("last_used_at", BigInteger),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("hash"),
)
Index("api_tokens_of_account", api_tokens.c.account)

# The roster of each run, out of its packet: derived, and made again where it is missing.
run_people = Table(
    "run_people",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("person", String(200), nullable=False),
    PrimaryKeyConstraint("tenant", "run", "person"),
)
Index("run_people_by_person", run_people.c.tenant, run_people.c.person, run_people.c.run)

# What the server knows of a run besides its ledger row. `behind` are the seconds by which its clock is behind the
# wall clock: 0 for live cases, the age of the example for demo cases.
run_clocks = Table(
    "run_clocks",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("behind", BigInteger, nullable=False),
    Column("demo", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant", "run"),
)

# When time alone moves a run next, as it stood at this turn and as this version of the program works it out; in seconds
# since 1970 on the run's own clock, none where only people can move it. Derived: made again where it does not match.
run_timers = Table(
    "run_timers",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("turn", BigInteger, nullable=False),
    Column("program", String(40), nullable=False),
    Column("due", BigInteger),
    PrimaryKeyConstraint("tenant", "run"),
)

Index("runs_by_name", runs.c.run)
# All that a list filters and sorts by: a page of it is found without reading a packet.
Index(
    "runs_listed",
    runs.c.tenant,
    runs.c.clock,
    runs.c.run,
    runs.c.case_id,
    runs.c.scenario,
    runs.c.status,
    runs.c.final,
    runs.c.turn,
    runs.c.gate,
)
Index("runs_by_status", runs.c.status, runs.c.gate)
Index("inbox_unhandled", inbox.c.handled, inbox.c.tenant, inbox.c.run)
