"""Who opened which restricted view, once for each opening."""

import sqlalchemy as sa
from alembic import op

revision = "0101"
down_revision = "0100"


def upgrade() -> None:
    op.create_table(
        "view_openings",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=300), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("opening", sa.String(length=71), nullable=False),
        sa.Column("at", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "case_id", "about", "person", "opening"),
    )


def downgrade() -> None:
    op.drop_table("view_openings")
