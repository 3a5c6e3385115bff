"""Keys that are asked for only near a time stand under its day."""

from alembic import op

revision = "0110"
down_revision = "0101"

DAY = 24 * 3600 * 1_000_000
# The day of a time, rounded down also before 1970; the key of a session stands for all days.
OF_DAY = f"CASE WHEN at < 0 THEN (at - {DAY - 1}) / {DAY} ELSE at / {DAY} END"


def upgrade() -> None:
    op.execute(f"UPDATE signal_keys SET key = ({OF_DAY}) || ' ' || key WHERE key NOT LIKE 's %'")  # noqa: S608  our words


def downgrade() -> None:
    bare = f"substr(key, length(({OF_DAY}) || ' ') + 1)"
    op.execute(f"UPDATE signal_keys SET key = {bare} WHERE key NOT LIKE 's %'")  # noqa: S608  our own words
