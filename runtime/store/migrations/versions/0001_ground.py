"""The ground: runs, evidence, revisions, registers, decisions, outbox, lineage."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "blobs",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=71), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "sha256"),
    )
    op.create_table(
        "decisions",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("slot", sa.String(length=400), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "seq"),
        sa.UniqueConstraint("tenant", "run", "slot"),
    )
    op.create_table(
        "evidence",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=71), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "id"),
    )
    op.create_table(
        "inbox",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(length=20), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("handled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "seq"),
        sa.UniqueConstraint("tenant", "run", "key"),
    )
    op.create_index("inbox_open", "inbox", ["tenant", "run", "handled", "seq"], unique=False)
    op.create_table(
        "items",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("register", sa.String(length=30), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "register", "seq"),
    )
    op.create_table(
        "lineage",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.String(length=200), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("prev", sa.String(length=71), nullable=False),
        sa.Column("hash", sa.String(length=71), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "case_id", "seq"),
        sa.UniqueConstraint("tenant", "case_id", "prev", name="lineage_no_fork"),
    )
    op.create_table(
        "lineage_content",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.String(length=200), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=True),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "case_id", "seq", "name"),
    )
    op.create_table(
        "lineage_heads",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=71), nullable=False),
        sa.Column("peaks", sa.Text(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "case_id"),
    )
    op.create_table(
        "lineage_seals",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "case_id", "size"),
    )
    op.create_table(
        "outbox",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("idempotency_key", sa.String(length=300), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("lane", sa.String(length=200), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "idempotency_key"),
    )
    op.create_index("outbox_of_run", "outbox", ["tenant", "run", "seq"], unique=False)
    op.create_table(
        "refusals",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "seq"),
    )
    op.create_table(
        "revisions",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("revision", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=71), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "seq"),
        sa.UniqueConstraint("tenant", "run", "revision"),
    )
    op.create_table(
        "runs",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.String(length=200), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("scenario", sa.String(length=300), nullable=False),
        sa.Column("packet_sha256", sa.String(length=71), nullable=False),
        sa.Column("packet", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=200), nullable=True),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("clock", sa.String(length=20), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("gate", sa.String(length=200), nullable=True),
        sa.Column("gate_opened_at", sa.String(length=20), nullable=True),
        sa.Column("lease_owner", sa.String(length=300), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "run"),
    )
    op.create_index("runs_of_case", "runs", ["tenant", "case_id"], unique=False)
    op.create_table(
        "turns",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "key"),
    )
    op.create_table(
        "work",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "name"),
    )


def downgrade() -> None:

    op.drop_table("work")
    op.drop_table("turns")
    op.drop_index("runs_of_case", table_name="runs")
    op.drop_table("runs")
    op.drop_table("revisions")
    op.drop_table("refusals")
    op.drop_index("outbox_of_run", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("lineage_seals")
    op.drop_table("lineage_heads")
    op.drop_table("lineage_content")
    op.drop_table("lineage")
    op.drop_table("items")
    op.drop_index("inbox_open", table_name="inbox")
    op.drop_table("inbox")
    op.drop_table("evidence")
    op.drop_table("decisions")
    op.drop_table("blobs")
