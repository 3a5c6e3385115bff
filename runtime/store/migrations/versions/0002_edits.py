"""Edits and the verdicts of people on them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "edits",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=71), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "seq"),
        sa.UniqueConstraint("tenant", "run", "id"),
    )
    op.create_index("edits_open", "edits", ["tenant", "run", "open", "seq"], unique=False)
    op.create_index("edits_fingerprint", "edits", ["tenant", "run", "fingerprint"], unique=False)
    op.create_table(
        "edit_verdicts",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("edit", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "edit"),
    )


def downgrade() -> None:
    op.drop_table("edit_verdicts")
    op.drop_table("edits")
