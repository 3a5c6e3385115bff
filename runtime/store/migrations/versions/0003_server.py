"""The server: accounts, sessions, tokens, rosters by person, clocks of runs."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password", sa.String(length=300)),
        sa.Column("issuer", sa.String(length=300)),
        sa.Column("subject", sa.String(length=300)),
        sa.Column("global_roles", sa.Text(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("issuer", "subject"),
    )
    op.create_table(
        "memberships",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("tenant_name", sa.String(length=300), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "person"),
        sa.UniqueConstraint("account", "tenant"),
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "sign_in_links",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "oidc_states",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=200), nullable=False),
        sa.Column("nonce", sa.String(length=200), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("last_used_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )
    op.create_table(
        "run_people",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "person"),
    )
    op.create_table(
        "run_clocks",
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("behind", sa.BigInteger(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run"),
    )
    op.create_index("sessions_of_account", "sessions", ["account"], unique=False)
    op.create_index("api_tokens_of_account", "api_tokens", ["account"], unique=False)
    op.create_index("run_people_by_person", "run_people", ["tenant", "person", "run"], unique=False)
    op.create_index("runs_by_name", "runs", ["run"], unique=False)
    listed = ["tenant", "clock", "run", "case_id", "scenario", "status", "final", "turn", "gate"]
    op.create_index("runs_listed", "runs", listed, unique=False)
    op.create_index("runs_by_status", "runs", ["status", "gate"], unique=False)
    op.create_index("inbox_unhandled", "inbox", ["handled", "tenant", "run"], unique=False)


def downgrade() -> None:
    op.drop_index("runs_by_name", table_name="runs")
    op.drop_index("runs_listed", table_name="runs")
    op.drop_index("runs_by_status", table_name="runs")
    op.drop_index("inbox_unhandled", table_name="inbox")
    for table in (
        "accounts",
        "memberships",
        "sessions",
        "sign_in_links",
        "oidc_states",
        "api_tokens",
        "run_people",
        "run_clocks",
    ):
        op.drop_table(table)
