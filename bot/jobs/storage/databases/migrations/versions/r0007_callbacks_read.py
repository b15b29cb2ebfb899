"""What was read of a callback when it came; NULL is of a version that read the body at every look."""

import sqlalchemy as sa
from alembic import op

revision = "r0007"
down_revision = "r0006"


def upgrade() -> None:
    op.add_column("inbox", sa.Column("callback", sa.LargeBinary))


def downgrade() -> None:
    op.drop_column("inbox", "callback")
