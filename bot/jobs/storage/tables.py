"""The tables: the truth about jobs. SQLite and Postgres alike."""

from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()

# `document` is the whole Job as JSON; the other columns are what queries and guards ask for. Times are seconds
# since the epoch, because SQLite keeps no time zones.
jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    # A second gateway, or a redelivered event, must not make a second job of one command.
    sa.Column("interaction_id", sa.BigInteger, nullable=False, unique=True),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("guild_id", sa.BigInteger),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("rank", sa.SmallInteger, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
    # The title, folded by `bot.jobs.naming`: SQLite knows the case of ASCII letters only.
    sa.Column("title", sa.Text, nullable=False, server_default=""),
    # The ids of its finished separations, folded, with blanks between them.
    sa.Column("separations", sa.Text, nullable=False, server_default=""),
    # What a job that takes up an earlier one's audio is to pay for; two at once would pay for it twice.
    sa.Column("pays_for", sa.String(64)),
    # Jobs of one pace have the same work done at the same studio; one that waits for an answer has none.
    sa.Column("pace", sa.Text, nullable=False, server_default=""),
)

# Until its separation is done (rank 2 is `separating`); from then on others take it over.
sa.Index(
    "ix_jobs_pays_for",
    jobs.c.pays_for,
    unique=True,
    sqlite_where=jobs.c.rank <= 2,
)

# The newest of one pace among 100,000 jobs: 1 ms, against 300 without. Only those that are done, so that a job's
# many other writes leave it alone.
sa.Index(
    "ix_jobs_done",
    jobs.c.pace,
    jobs.c.updated_at,
    sqlite_where=jobs.c.state == "done",
)


def _rank(value: int) -> sa.ColumnElement[int]:
    # Written into the query itself: a partial index is used for what is surely within it.
    return sa.literal(value, literal_execute=True)


IS_OPEN = jobs.c.rank <= _rank(5)
"""Not at an end: up to `delivering`."""

IS_ENDED = jobs.c.rank > _rank(5)

IS_SONG = sa.and_(jobs.c.rank >= _rank(5), jobs.c.rank <= _rank(6))
"""`delivering` or `done`: the notes are there, and the answer may be. Its preview takes seconds more, and a Discord that
is down a day."""

HAS_SEPARATIONS = jobs.c.separations != sa.literal("", literal_execute=True)


def _partial(name: str, where: sa.ColumnElement[bool], *columns: sa.Column[Any]) -> None:
    sa.Index(name, *columns, sqlite_where=where)


# The newest of one person; of 5,000 songs of theirs those with a word in the title, in their order, without a look at
# the rows.
sa.Index("ix_jobs_user", jobs.c.user_id, jobs.c.created_at)
_partial("ix_jobs_songs", IS_SONG, jobs.c.user_id, jobs.c.created_at, jobs.c.id, jobs.c.title)
_partial(
    "ix_jobs_separations",
    HAS_SEPARATIONS,
    jobs.c.user_id,
    jobs.c.created_at,
    jobs.c.id,
    jobs.c.title,
    jobs.c.separations,
)

# What is under way, and what is old enough to be swept, among 100,000 jobs.
_partial("ix_jobs_open", IS_OPEN, jobs.c.state, jobs.c.created_at)
_partial("ix_jobs_ended", IS_ENDED, jobs.c.updated_at)

# Raw callbacks, kept before they are answered, each with what was read of it but its notes. The digest makes a repeated one
# change nothing.
inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("job_id", sa.String(32), primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True),
    sa.Column("step", sa.String(16), primary_key=True),
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("received_at", sa.Float, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("callback", sa.LargeBinary),
)

# The studio's notes as it sent them, compressed: every file and picture is made from these.
notes = sa.Table(
    "notes",
    metadata,
    sa.Column("job_id", sa.String(32), primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

# When a job is to be looked at next. One row a job, so that many reasons make one look.
wakeups = sa.Table(
    "wakeups",
    metadata,
    sa.Column("job_id", sa.String(32), primary_key=True),
    sa.Column("due_at", sa.Float, nullable=False, index=True),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
)

# Which songs count for the limits of a day. Apart from the jobs, so that deleting a song does not give it back.
uses = sa.Table(
    "uses",
    metadata,
    sa.Column("job_id", sa.String(32), primary_key=True),
    sa.Column("user_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("guild_id", sa.BigInteger, index=True),
    sa.Column("opened_at", sa.Float, nullable=False),
)

# What the managers of a server decided: its Rules as JSON.
servers = sa.Table(
    "servers",
    metadata,
    sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("updated_at", sa.Float, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
)

# How many songs of each kind of separation had notes.
outcomes = sa.Table(
    "outcomes",
    metadata,
    sa.Column("type", sa.String(32), primary_key=True),
    sa.Column("with_notes", sa.Integer, nullable=False),
    sa.Column("without_notes", sa.Integer, nullable=False),
)

# Who was told of the owner's announcement of that moment.
told = sa.Table(
    "told",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("news_at", sa.Float, nullable=False),
)

# Small facts about the program itself, such as which commands Discord was told of.
facts = sa.Table(
    "facts",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)


def on_postgres() -> None:
    """Give each partial index its condition on Postgres too.

    Said with the tables, it would load that dialect into every process: 3 MB and a fortieth of a start.
    """
    for table in metadata.tables.values():
        for index in table.indexes:
            index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]
