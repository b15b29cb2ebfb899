"""Who was told of which announcement."""

import sqlalchemy as sa
from alembic import op

revision = "r0008"
down_revision = "r0007"


def upgrade() -> None:
    op.create_table(
        "told",
        sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("news_at", sa.Float, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("told")
