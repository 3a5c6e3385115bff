"""How each lane entry fares on its way out: attempts, the next one, and the reason where it cannot leave."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("idempotency_key", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("claimed_until", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "idempotency_key"),
    )
    op.create_index("deliveries_of_run", "deliveries", ["tenant", "run"], unique=False)


def downgrade() -> None:
    op.drop_table("deliveries")
