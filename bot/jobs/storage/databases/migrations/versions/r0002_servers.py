"""Rules of servers, and the songs that count for limits; those of the last day are taken over from the jobs."""

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"


def upgrade() -> None:
    op.create_table(
        "uses",
        sa.Column("job_id", sa.String(32), primary_key=True),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("opened_at", sa.Float, nullable=False),
    )
    op.create_index("ix_uses_user_id", "uses", ["user_id"])
    op.create_index("ix_uses_guild_id", "uses", ["guild_id"])
    op.execute(
        "INSERT INTO uses (job_id, user_id, guild_id, opened_at) "
        "SELECT id, user_id, guild_id, created_at FROM jobs WHERE state NOT IN ('failed', 'cancelled')"
    )
    op.create_table(
        "servers",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("updated_at", sa.Float, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    for table in ("servers", "uses"):
        op.drop_table(table)
