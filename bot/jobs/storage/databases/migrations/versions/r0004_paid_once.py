"""What a job pays for, once at a time; and what its time goes by is found among many jobs."""

import sqlalchemy as sa
from alembic import op

revision = "r0004"
down_revision = "r0003"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("pays_for", sa.String(64)))
    _index("ix_jobs_pays_for", ["pays_for"], sa.column("rank") <= 2, unique=True)
    _index("ix_jobs_done", ["pace", "updated_at"], sa.column("state") == "done")


def _index(name: str, columns: list[str], where: sa.ColumnElement[bool], *, unique: bool = False) -> None:
    op.create_index(name, "jobs", columns, unique=unique, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_jobs_done", "jobs")
    op.drop_index("ix_jobs_pays_for", "jobs")
    op.drop_column("jobs", "pays_for")
