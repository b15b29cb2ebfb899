"""What the doctor learns of the database: on real files, and from real servers."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from bot.findings import Grade
from bot.jobs.engines.opening import open_database
from bot.jobs.storage.databases.sqlite import DATABASE
from tests.doctor.conftest import examined
from tests.postgres import own_server
from tests.process.bot_process import free_port

HIDDEN = "hidden-word"


async def test_a_database_that_is_still_to_be_made_is_fine(database: dict[str, str], tmp_path: Path) -> None:
    said = await examined("database", {}, data_dir=str(tmp_path / "new"), **database)
    assert said.that("is still to be made").grade is Grade.FINE
    assert said.worst is Grade.FINE
    assert not (tmp_path / "new").exists()


async def test_a_database_that_was_used_is_fine(database: dict[str, str], tmp_path: Path) -> None:
    async with open_database(database.get("database_url"), tmp_path):
        pass
    said = await examined("database", {}, data_dir=str(tmp_path), **database)
    assert said.that("can be read and written").grade is Grade.FINE


async def test_a_database_of_a_newer_version_is_told(database: dict[str, str], tmp_path: Path) -> None:
    async with open_database(database.get("database_url"), tmp_path) as opened:
        await opened.transactions.write(
            "test", lambda c: c.exec_driver_sql("UPDATE alembic_version SET version_num = 'r9999'")
        )
    said = await examined("database", {}, data_dir=str(tmp_path), **database)
    newer = said.that("the database belongs to a newer Pianola")
    assert newer.grade is Grade.BROKEN


async def test_a_folder_where_a_bot_is_at_work_is_told(tmp_path: Path) -> None:
    async with open_database(None, tmp_path):
        said = await examined("database", data_dir=str(tmp_path))
    held = said.that(f"another Pianola is at work in {tmp_path}")
    assert held.grade is Grade.WEAK
    assert "DATABASE_URL" in held.advised


async def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"no database " * 400)
    said = await examined("database", data_dir=str(tmp_path))
    damaged = said.that("DATA_DIR: the database in it (pianola.sqlite3) is damaged")
    assert damaged.grade is Grade.BROKEN
    assert damaged.advised.startswith("Put a copy of it from before in its place")


def sizes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in folder.iterdir()}


async def test_the_doctor_leaves_a_file_as_it_was(tmp_path: Path) -> None:
    async with open_database(None, tmp_path):
        pass
    before = await asyncio.to_thread(sizes, tmp_path)
    await examined("database", data_dir=str(tmp_path))
    assert await asyncio.to_thread(sizes, tmp_path) == before
    with closing(sqlite3.connect(tmp_path / DATABASE)) as file:
        assert "pianola_doctor" not in str(file.execute("SELECT name FROM sqlite_master").fetchall())


async def test_the_doctor_leaves_no_table_behind(postgres_url: str) -> None:
    await examined("database", database_url=postgres_url)
    with psycopg.connect(postgres_url) as connection:
        left = connection.execute("SELECT relname FROM pg_class WHERE relname LIKE 'pianola%'").fetchall()
    assert left == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://me:hidden-word@localhost/x", "DATABASE_URL: mysql is not supported"),
        ("hidden-word", "DATABASE_URL: not an address such as postgresql://"),
        (
            "postgresql://me:hidden-word@127.0.0.1:{port}/songs",
            "DATABASE_URL: the database cannot be reached",
        ),
        ("postgresql://me:hidden-word@nobody.invalid/songs", "DATABASE_URL: no host is known by the name"),
    ],
)
async def test_an_address_that_leads_nowhere_is_told(url: str, words: str) -> None:
    said = await examined("database", database_url=url.format(port=free_port()))
    assert said.that(words).grade is Grade.BROKEN
    assert HIDDEN not in said.all_text


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    """A server of its own that asks `pianola_guest` for a password."""
    with own_server() as (url, _), psycopg.connect(url, autocommit=True) as owner:
        owner.execute("CREATE ROLE pianola_guest LOGIN PASSWORD 'right'")
        owner.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        row = owner.execute("SHOW hba_file").fetchone()
        assert row is not None
        rules = Path(row[0])
        before = rules.read_text()
        rules.write_text(f"local all pianola_guest scram-sha-256\n{before}")
        owner.execute("SELECT pg_reload_conf()")
        yield url


def as_guest(url: str, password: str, **otherwise: str) -> str:
    changed = make_url(url).set(username="pianola_guest", password=password, **otherwise)  # type: ignore[arg-type] # texts only
    return changed.render_as_string(hide_password=False)


async def test_a_wrong_password_is_told_by_a_real_server(guarded: str) -> None:
    said = await examined("database", database_url=as_guest(guarded, HIDDEN))
    wrong = said.that("DATABASE_URL: the database refuses this user or this password")
    assert wrong.grade is Grade.BROKEN
    assert wrong.advised.startswith("Copy the address once more")
    assert HIDDEN not in said.all_text


async def test_a_database_that_is_not_there_is_told_by_a_real_server(guarded: str) -> None:
    said = await examined("database", database_url=as_guest(guarded, "right", database="nowhere"))
    assert said.that("DATABASE_URL: the server has no database of this name").grade is Grade.BROKEN


async def test_a_user_without_rights_is_told_by_a_real_server(guarded: str) -> None:
    said = await examined("database", database_url=as_guest(guarded, "right"))
    refused = said.that("DATABASE_URL: this user may not make tables in the schema public")
    assert refused.grade is Grade.BROKEN
    assert "GRANT CREATE ON SCHEMA public" in refused.advised


@asynccontextmanager
async def over_tcp(url: str) -> AsyncIterator[int]:
    """A port of this machine that leads to a server which listens at a socket file only, and has no TLS."""
    folder = str(make_url(url).query["host"])
    [name] = [name for name in os.listdir(folder) if name.startswith(".s.PGSQL.") and "lock" not in name]  # noqa: PTH208 (at once)

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_in, there_out = await asyncio.open_unix_connection(f"{folder}/{name}")

        async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(4096):
                sink.write(data)
                await sink.drain()
            sink.close()

        await asyncio.gather(copy(reader, there_out), copy(there_in, writer), return_exceptions=True)

    server = await asyncio.start_server(pass_on, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_server_without_encryption_is_told_by_a_real_server(guarded: str) -> None:
    async with over_tcp(guarded) as port:
        said = await examined(
            "database", database_url=f"postgresql://postgres@127.0.0.1:{port}/postgres?sslmode=require"
        )
    refused = said.that("DATABASE_URL: no encrypted connection (TLS)")
    assert refused.grade is Grade.BROKEN
    assert "sslmode" in refused.advised


async def test_connections_that_run_out_are_told(guarded: str) -> None:
    with psycopg.connect(guarded, autocommit=True) as owner:
        owner.execute("GRANT CREATE ON SCHEMA public TO pianola_guest")
        try:
            owner.execute("ALTER ROLE pianola_guest CONNECTION LIMIT 5")
            said = await examined("database", database_url=as_guest(guarded, "right"))
        finally:
            owner.execute("ALTER ROLE pianola_guest CONNECTION LIMIT -1")
            owner.execute("REVOKE CREATE ON SCHEMA public FROM pianola_guest")
    few = said.that("4 connections to the database are left")
    assert few.grade is Grade.WEAK
    assert "up to 9" in few.advised
