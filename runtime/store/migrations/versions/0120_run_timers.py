"""When time alone moves a run next stands in the store, so that a restart need not work it out for every run."""

import sqlalchemy as sa
from alembic import op

revision = "0120"
down_revision = "0110"


def upgrade() -> None:
    op.create_table(
        "run_timers",
        sa.Column("tenant", sa.String(200), nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("turn", sa.BigInteger, nullable=False),
        sa.Column("program", sa.String(40), nullable=False),
        sa.Column("due", sa.BigInteger),
        sa.PrimaryKeyConstraint("tenant", "run"),
    )


def downgrade() -> None:
    op.drop_table("run_timers")
