"""What is open, what is old, and one person's songs are found without a look at all jobs."""

import sqlalchemy as sa
from alembic import op

revision = "r0005"
down_revision = "r0004"

_RANK = sa.column("rank", sa.SmallInteger)
_SONGS = sa.and_(_RANK >= 5, _RANK <= 6)


def upgrade() -> None:
    op.create_index("ix_jobs_user", "jobs", ["user_id", "created_at"])
    _partial("ix_jobs_songs", _SONGS, "user_id", "created_at", "id", "title")
    _partial(
        "ix_jobs_separations",
        sa.column("separations") != "",
        "user_id",
        "created_at",
        "id",
        "title",
        "separations",
    )
    _partial("ix_jobs_open", _RANK <= 5, "state", "created_at")
    _partial("ix_jobs_ended", _RANK > 5, "updated_at")
    for name in ("ix_jobs_user_id", "ix_jobs_state"):
        op.drop_index(name, "jobs")


def _partial(name: str, where: sa.ColumnElement[bool], *columns: str) -> None:
    op.create_index(name, "jobs", list(columns), sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.create_index("ix_jobs_state", "jobs", ["state"])
    op.create_index("ix_jobs_user_id", "jobs", ["user_id"])
    for name in ("ix_jobs_ended", "ix_jobs_open", "ix_jobs_separations", "ix_jobs_songs", "ix_jobs_user"):
        op.drop_index(name, "jobs")
