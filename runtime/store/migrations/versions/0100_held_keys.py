"""Keys that people hold themselves: no sealed half, and what they were given to sign."""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0091"


def upgrade() -> None:
    with op.batch_alter_table("person_keys") as batch:
        batch.alter_column("sealed", existing_type=sa.LargeBinary(), nullable=True)
    op.create_table(
        "signing_requests",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("decided_at", sa.String(length=20), nullable=False),
        sa.Column("signed_at", sa.String(length=20), nullable=False),
        sa.Column("until", sa.String(length=20), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "run", "decision"),
    )
    op.create_index("signing_requests_until", "signing_requests", ["until"], unique=False)


def downgrade() -> None:
    op.drop_table("signing_requests")
    # A key that its person holds cannot be sealed here: he gets a new one at his next decision.
    op.execute("DELETE FROM person_keys WHERE sealed IS NULL")
    with op.batch_alter_table("person_keys") as batch:
        batch.alter_column("sealed", existing_type=sa.LargeBinary(), nullable=False)
