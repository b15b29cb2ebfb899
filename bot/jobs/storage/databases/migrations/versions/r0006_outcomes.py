"""How many songs of each kind of separation had notes."""

import sqlalchemy as sa
from alembic import op

revision = "r0006"
down_revision = "r0005"


def upgrade() -> None:
    op.create_table(
        "outcomes",
        sa.Column("type", sa.String(32), primary_key=True),
        sa.Column("with_notes", sa.Integer, nullable=False),
        sa.Column("without_notes", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("outcomes")
