"""Who claimed a delivery: what a worker that died had claimed is taken at once, and not when its claim runs out."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0040"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("claimed_by", sa.String(length=300), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_column("claimed_by")
