"""What songs are searched by, and what their time goes by."""

import json

import sqlalchemy as sa
from alembic import op

from bot.jobs.naming import folded

revision = "r0003"
down_revision = "r0002"

_COLUMNS = ("title", "separations", "pace")


def upgrade() -> None:
    for name in _COLUMNS:
        op.add_column("jobs", sa.Column(name, sa.Text, nullable=False, server_default=""))
    connection = op.get_bind()
    jobs = sa.table("jobs", sa.column("id"), sa.column("document"), sa.column("title"))
    # One document at a time: together they may be more than a small host's memory.
    for job_id in connection.scalars(sa.select(jobs.c.id)).all():
        document = connection.scalar(sa.select(jobs.c.document).where(jobs.c.id == job_id))
        title = folded(json.loads(document or "{}").get("title", ""))
        connection.execute(sa.update(jobs).where(jobs.c.id == job_id).values(title=title))


def downgrade() -> None:
    for name in _COLUMNS:
        op.drop_column("jobs", name)
