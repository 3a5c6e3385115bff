"""Connected MCP servers: what each told last, and which of its tools changed since somebody looked at them."""

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0080"


def upgrade() -> None:
    op.create_table(
        "connector_sightings",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("connector", sa.String(length=40), nullable=False),
        sa.Column("at", sa.String(length=20), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("tools", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "connector"),
    )
    op.create_table(
        "connector_changes",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("connector", sa.String(length=40), nullable=False),
        sa.Column("tool", sa.String(length=100), nullable=False),
        sa.Column("look", sa.String(length=40), nullable=False),
        sa.Column("at", sa.String(length=20), nullable=False),
        sa.Column("now", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "connector", "tool", "look"),
    )


def downgrade() -> None:
    op.drop_table("connector_changes")
    op.drop_table("connector_sightings")
