"""The tables. Every one carries the tenant, and every query of `RunStore` filters by it (R12)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# The run ledger: what is open is what stands here, whatever a checkpoint says.
runs = Table(
    "runs",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("case_id", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("scenario", String(300), nullable=False),
    Column("packet_sha256", String(71), nullable=False),
    Column("packet", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("outcome", String(200)),
    Column("final", Boolean, nullable=False),
    Column("clock", String(20), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("gate", String(200)),
    Column("gate_opened_at", String(20)),
    Column("lease_owner", String(300)),
    Column("lease_until", BigInteger),
    PrimaryKeyConstraint("tenant", "run"),
)
Index("runs_of_case", runs.c.tenant, runs.c.case_id)

turns = Table(
    "turns",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("key", String(200), nullable=False),
    Column("number", Integer, nullable=False),
    PrimaryKeyConstraint("tenant", "run", "key"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("key", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("at", String(20), nullable=False),
    Column("body", Text, nullable=False),
    Column("handled", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant", "run", "seq"),
    UniqueConstraint("tenant", "run", "key"),
)
Index("inbox_open", inbox.c.tenant, inbox.c.run, inbox.c.handled, inbox.c.seq)

blobs = Table(
    "blobs",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("sha256", String(71), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant", "sha256"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("id", String(200), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("sha256", String(71), nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "run", "id"),
)

# What an agent made of one piece of evidence or of one pass, so that a later turn need not do it again.
work = Table(
    "work",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("name", String(300), nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "run", "name"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("revision", String(200), nullable=False),
    Column("sha256", String(71), nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "run", "seq"),
    UniqueConstraint("tenant", "run", "revision"),
)

# Proposals are never changed; `open` only says that there is no verdict yet, so that the open ones are found at once.
edits = Table(
    "edits",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("id", String(40), nullable=False),
    Column("fingerprint", String(71), nullable=False),
    Column("open", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "run", "seq"),
    UniqueConstraint("tenant", "run", "id"),
)
Index("edits_open", edits.c.tenant, edits.c.run, edits.c.open, edits.c.seq)
Index("edits_fingerprint", edits.c.tenant, edits.c.run, edits.c.fingerprint)

# One verdict for one edit: the primary key is the compare-and-set.
edit_verdicts = Table(
    "edit_verdicts",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("edit", String(40), nullable=False),
    Column("state", String(16), nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "run", "edit"),
)

items = Table(
    "items",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("register", String(30), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("state", String(30), nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "run", "register", "seq"),
)

# `slot` is the compare-and-set: the n-th counting answer of one gate for one content. Answers that count for
# nothing have slots of their own.
decisions = Table(
    "decisions",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("slot", String(400), nullable=False),
    Column("state", String(16), nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "run", "seq"),
    UniqueConstraint("tenant", "run", "slot"),
)

refusals = Table(
    "refusals",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "run", "seq"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("idempotency_key", String(300), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("lane", String(200), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("delivered", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant", "idempotency_key"),
)
Index("outbox_of_run", outbox.c.tenant, outbox.c.run, outbox.c.seq)

# An effect is here before it is sent. The key is what makes it one effect, however often it is tried.
effects = Table(
    "effects",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("idempotency_key", String(300), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "run", "idempotency_key"),
)

# How each outbox row fares on its way out. The row stays as the release wrote it; only what happened to it stands here.
deliveries = Table(
    "deliveries",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("idempotency_key", String(300), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("claimed_until", BigInteger, nullable=False),
    Column("claimed_by", String(300)),
    Column("reason", Text, nullable=False),
    Column("reference", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "idempotency_key"),
)
Index("deliveries_of_run", deliveries.c.tenant, deliveries.c.run)

lineage = Table(
    "lineage",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("case_id", String(200), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("prev", String(71), nullable=False),
    Column("hash", String(71), nullable=False),
    Column("header", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant", "case_id", "seq"),
    UniqueConstraint("tenant", "case_id", "prev", name="lineage_no_fork"),
)

lineage_content = Table(
    "lineage_content",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("case_id", String(200), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("name", String(100), nullable=False),
    Column("salt", String(64)),
    Column("value", LargeBinary),
    PrimaryKeyConstraint("tenant", "case_id", "seq", "name"),
)

lineage_heads = Table(
    "lineage_heads",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("case_id", String(200), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("hash", String(71), nullable=False),
    Column("peaks", Text, nullable=False),
    Column("root", String(64), nullable=False),
    PrimaryKeyConstraint("tenant", "case_id"),
)

lineage_seals = Table(
    "lineage_seals",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("case_id", String(200), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", String(64), nullable=False),
    Column("at", String(20), nullable=False),
    PrimaryKeyConstraint("tenant", "case_id", "size"),
)

# The keys of people, private halves sealed with the installation's key; null: the person holds it, and the service
# never had it. `generation` counts a person's keys.
person_keys = Table(
    "person_keys",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("owner", String(200), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("kid", String(64), nullable=False),
    Column("public", LargeBinary, nullable=False),
    Column("sealed", LargeBinary),
    Column("valid_from", String(20), nullable=False),
    Column("valid_until", String(20), nullable=False),
    Column("revoked_at", String(20)),
    Column("revocation", Text),
    PrimaryKeyConstraint("tenant", "owner", "generation"),
    UniqueConstraint("kid"),
)

# What a person was given to sign with his own key: the exact statement of an answer, until a time of the machine's
# clock; and the signature, once it came. Gone when the decision is stored.
signing_requests = Table(
    "signing_requests",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("decision", String(200), nullable=False),
    Column("owner", String(200), nullable=False),
    Column("kid", String(64), nullable=False),
    Column("answer", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("decided_at", String(20), nullable=False),
    Column("signed_at", String(20), nullable=False),
    Column("until", String(20), nullable=False),
    Column("signature", LargeBinary),
    PrimaryKeyConstraint("tenant", "run", "decision"),
)
Index("signing_requests_until", signing_requests.c.until)

# Which restricted view was opened by whom, once for each opening: a session, or a request of its own.
view_openings = Table(
    "view_openings",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("case_id", String(200), nullable=False),
    Column("about", String(300), nullable=False),
    Column("person", String(200), nullable=False),
    Column("opening", String(71), nullable=False),
    Column("at", String(20), nullable=False),
    PrimaryKeyConstraint("tenant", "case_id", "about", "person", "opening"),
)

# The signed envelope of each decision, stored in the transaction that stores the decision.
envelopes = Table(
    "envelopes",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("decision", String(200), nullable=False),
    Column("sha256", String(71), nullable=False),
    Column("kid", String(64), nullable=False),
    Column("signed_at", String(20), nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant", "run", "decision"),
)
Index("envelopes_of_key", envelopes.c.kid, envelopes.c.signed_at)

receipts = Table(
    "receipts",
    metadata,
    Column("tenant", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("case_id", String(200), nullable=False),
    Column("kid", String(64), nullable=False),
    Column("issued_at", String(20), nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant", "run"),
)
Index("receipts_of_case", receipts.c.tenant, receipts.c.case_id)

# The service log of sealed cases: one row for each leaf, in order, and the state of its tree after each leaf.
seal_log = Table(
    "seal_log",
    metadata,
    Column("place", BigInteger, nullable=False, autoincrement=False),
    Column("tenant", String(200), nullable=False),
    Column("case_id", String(200), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", String(64), nullable=False),
    Column("at", String(20), nullable=False),
    Column("leaf", String(64), nullable=False),
    Column("peaks", Text, nullable=False),
    PrimaryKeyConstraint("place"),
    UniqueConstraint("tenant", "case_id", "size"),
)

log_checkpoints = Table(
    "log_checkpoints",
    metadata,
    Column("size", BigInteger, nullable=False, autoincrement=False),
    Column("kid", String(64), nullable=False),
    Column("note", Text, nullable=False),
    PrimaryKeyConstraint("size"),
)
