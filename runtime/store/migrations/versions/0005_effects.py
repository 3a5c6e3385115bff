"""Effects on systems of the customer."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "effects",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("idempotency_key", sa.String(length=300), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "idempotency_key"),
    )


def downgrade() -> None:
    op.drop_table("effects")
