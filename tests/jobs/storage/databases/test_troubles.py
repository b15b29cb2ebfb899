"""What is wrong with the database: told in a sentence, waited for where it passes, and seen to be over."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError
from structlog.testing import capture_logs

from bot.errors import SettingsError
from bot.jobs.engines.opening import open_database
from bot.jobs.storage.databases import database as opening
from bot.jobs.storage.databases import postgres, transactions
from bot.jobs.storage.databases.sqlite import DATABASE
from bot.jobs.storage.databases.transactions import Transactions
from bot.jobs.storage.databases.troubles import AWAY, HELD, Trouble, trouble_of
from bot.jobs.storage.tables import facts


@pytest.fixture
async def on_sqlite(tmp_path: Path) -> AsyncIterator[Transactions]:
    async with open_database(None, tmp_path) as opened:
        yield opened.transactions


@contextmanager
def held_by_another_program(folder: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def keep(connection: sa.Connection) -> None:
    connection.execute(sa.insert(facts).values(name="a", value=""))


@pytest.mark.parametrize("content", [b"no database " * 400, b""], ids=["other bytes", "pages gone"])
async def test_a_damaged_file_is_told_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    async with open_database(None, tmp_path):
        pass
    path = tmp_path / DATABASE
    path.write_bytes(content or path.read_bytes()[:100] + b"\xff" * 8192)
    with pytest.raises(
        SettingsError, match=r"^DATA_DIR: the database in it \(pianola.sqlite3\) is damaged\."
    ):
        async with open_database(None, tmp_path):
            pass


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (sqlite3.SQLITE_FULL, "the disk is full"),
        (sqlite3.SQLITE_IOERR_WRITE, "cannot be read or written"),
        (sqlite3.SQLITE_READONLY_DBMOVED, "can only be read"),
        (sqlite3.SQLITE_CANTOPEN, "can only be read"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "another program holds the database"),
    ],
)
def test_the_troubles_of_sqlite_speak_of_its_folder(code: int, told: str) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    trouble = trouble_of(OperationalError("INSERT", {}, error))
    assert trouble is not None
    assert trouble.sentence.startswith("DATA_DIR: ")
    assert told in trouble.sentence


_AT = 'connection failed: connection to server at "203.0.113.9", port 5432 failed: '


@pytest.mark.parametrize(
    ("words", "told", "passes"),
    [
        (_AT + 'FATAL:  password authentication failed for user "me"', "refuses this user", False),
        (_AT + 'FATAL:  role "me" does not exist', "refuses this user", False),
        (_AT + "fe_sendauth: no password supplied", "refuses this user", False),
        (_AT + 'FATAL:  database "songs" does not exist', "no database of this name", False),
        (_AT + "server does not support SSL, but SSL was required", "encrypted connection", False),
        (_AT + "SSL error: certificate verify failed", "encrypted connection", False),
        (
            _AT
            + 'FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "me", database "songs", no encryption',
            "encrypted connection",
            False,
        ),
        (_AT + "FATAL:  sorry, too many clients already", "no connection left", True),
        (_AT + "FATAL:  the database system is starting up", "cannot be reached", True),
        (_AT + "Connection refused", "cannot be reached", True),
        ("failed to resolve host 'db.example.com': Name or service not known", "no host is known", True),
        ("connection timeout expired", "cannot be reached", True),
        ("SSL SYSCALL error: EOF detected", "cannot be reached", True),
    ],
)
def test_the_words_of_a_refused_connection_become_a_sentence(words: str, told: str, passes: bool) -> None:
    trouble = trouble_of(OperationalError("", {}, psycopg.OperationalError(words)))
    assert trouble is not None
    assert told in trouble.sentence
    assert trouble.passes is passes
    assert not {"203.0.113.9", "me", "songs", "db.example.com"} & set(trouble.sentence.split())


def test_what_is_no_trouble_of_the_database_is_none() -> None:
    assert trouble_of(ValueError("connection refused")) is None
    assert trouble_of(OperationalError("", {}, psycopg.errors.UniqueViolation())) is None
    assert trouble_of(OperationalError("", {}, psycopg.ProgrammingError("the cursor is closed"))) is None
    assert trouble_of(OperationalError("", {}, sqlite3.IntegrityError("UNIQUE"))) is None


async def test_a_database_that_is_not_there_on_a_server_is_told(postgres_server: str, tmp_path: Path) -> None:
    url = make_url(postgres_server).set(database="nowhere").render_as_string(hide_password=False)
    with pytest.raises(SettingsError, match=r"^DATABASE_URL: the server has no database of this name"):
        async with open_database(url, tmp_path):
            pass


async def test_a_user_who_may_not_make_tables_is_told(postgres_url: str, tmp_path: Path) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS pianola_guest")
        owner.execute("CREATE ROLE pianola_guest LOGIN PASSWORD 'guest'")
        owner.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        try:
            url = make_url(postgres_url).set(username="pianola_guest", password="guest")
            with pytest.raises(SettingsError, match=r"^DATABASE_URL: this user may not make tables"):
                async with open_database(url.render_as_string(hide_password=False), tmp_path):
                    pass
        finally:
            owner.execute(sql.SQL("DROP ROLE pianola_guest"))


async def test_a_database_that_is_away_at_the_start_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(transactions, "_PATIENCE_SECONDS", 0.0)
    told: list[Trouble | None] = []
    async with open_database(None, tmp_path):
        pass
    with held_by_another_program(tmp_path) as other, capture_logs() as events:
        start = open_database(None, tmp_path, tell=told.append)
        starting = asyncio.create_task(start.__aenter__(), name="start")
        async with asyncio.timeout(20):
            while HELD not in told:  # noqa: ASYNC110 (a thread gives no other sign)
                await asyncio.sleep(0.01)
        assert not starting.done()
        other.execute("ROLLBACK")
        async with asyncio.timeout(20):
            await starting
        await start.__aexit__(None, None, None)
    assert told[0] is HELD
    assert told[-1] is None
    (problem,) = [event["problem"] for event in events if event["event"] == "database.trouble"]
    assert "Pianola waits for it and tries again" in problem
    assert "DATABASE_URL" not in problem


async def test_a_database_that_is_away_at_the_start_is_asked_less_and_less_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 7:
            raise asyncio.CancelledError

    monkeypatch.setattr(opening, "asyncio", SimpleNamespace(sleep=sleep))
    with pytest.raises(asyncio.CancelledError):
        async with open_database("postgresql://u@127.0.0.1:1/x", tmp_path):
            pass
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


async def test_what_nobody_foresaw_at_the_start_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(_connection: sa.Connection) -> None:
        raise ProgrammingError("CREATE", {}, sqlite3.ProgrammingError("no such column"))

    monkeypatch.setattr(opening, "_migrate", cannot)
    with pytest.raises(ProgrammingError):
        async with open_database(None, tmp_path):
            pass


async def test_who_is_waited_for_is_told_soon_of_a_database_that_another_holds(
    on_sqlite: Transactions, tmp_path: Path
) -> None:
    with held_by_another_program(tmp_path) as other:
        work = asyncio.create_task(on_sqlite.write("test", keep), name="work")
        async with asyncio.timeout(3):
            with pytest.raises(SQLAlchemyError):
                await on_sqlite.write("test", keep, first=True)
        assert on_sqlite.trouble is HELD
        assert not work.done()
        other.execute("ROLLBACK")
        async with asyncio.timeout(20):
            await work
    assert on_sqlite.trouble is None
    assert await on_sqlite.scalars(sa.select(facts.c.name)) == ["a"]


async def test_what_merely_works_waits_a_minute_for_whoever_holds_the_database(
    on_sqlite: Transactions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = 0.0
    monkeypatch.setattr(transactions, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + later))
    with held_by_another_program(tmp_path):
        work = asyncio.create_task(on_sqlite.write("test", keep), name="work")
        async with asyncio.timeout(20):
            while on_sqlite.trouble is not HELD:  # noqa: ASYNC110 (a thread gives no other sign)
                await asyncio.sleep(0.01)
        assert not work.done()
        later = 61.0
        async with asyncio.timeout(20):
            with pytest.raises(SQLAlchemyError):
                await work


async def test_a_disk_that_is_full_is_seen_until_something_is_written_again(
    on_sqlite: Transactions, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[Trouble | None] = []
    on_sqlite.tell = told.append

    def large(connection: sa.Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        try:
            connection.execute(sa.insert(facts).values(name="large", value="x" * 1_000_000))
        finally:
            connection.exec_driver_sql("PRAGMA max_page_count = 1000000")

    for _ in range(2):
        with pytest.raises(SQLAlchemyError):
            await on_sqlite.write("test", large)
    await on_sqlite.scalars(sa.select(facts.c.name))
    assert on_sqlite.trouble is not None
    assert "the disk is full" in on_sqlite.trouble.sentence
    await on_sqlite.look()
    assert on_sqlite.trouble is None
    assert [trouble and trouble.sentence for trouble in told if trouble is None] == [None]
    assert "Traceback" not in capsys.readouterr().out


async def test_a_database_that_went_away_is_seen_by_a_look(postgres_url: str, tmp_path: Path) -> None:
    async with open_database(postgres_url, tmp_path) as opened:
        name = make_url(postgres_url).database
        await opened.transactions.look()
        server = make_url(postgres_url).set(database="postgres").render_as_string(hide_password=False)
        with psycopg.connect(server, autocommit=True) as other:
            other.execute(
                sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name or ""))
            )
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            with pytest.raises(SQLAlchemyError):
                await opened.transactions.look()
            assert opened.transactions.trouble is AWAY
            other.execute(
                sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(name or ""))
            )
        await opened.transactions.look()
        assert opened.transactions.trouble is None


def end_connections(url: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_connections_that_died_while_idle_are_replaced_unseen(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = 0.0
    monkeypatch.setattr(postgres, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + later))
    async with open_database(postgres_url, tmp_path) as opened:
        one = sa.select(sa.literal(1))
        await asyncio.gather(*(opened.transactions.scalars(one) for _ in range(4)))
        end_connections(postgres_url)
        later = 2.0
        for _ in range(4):
            assert await opened.transactions.scalars(one) == [1]
            assert await opened.transactions.write("test", lambda found: found.execute(one).scalar()) == 1


async def test_one_question_at_most_is_lost_where_connections_die_in_use(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_TRUSTED_SECONDS", 3600.0)
    async with open_database(postgres_url, tmp_path) as opened:
        one = sa.select(sa.literal(1))
        await asyncio.gather(*(opened.transactions.scalars(one) for _ in range(4)))
        end_connections(postgres_url)
        with pytest.raises(SQLAlchemyError):
            await opened.transactions.scalars(one)
        for _ in range(4):
            assert await opened.transactions.scalars(one) == [1]


class Proxy:
    """Between a program and Postgres; once it `is_frozen` it takes everything and hands nothing on."""

    def __init__(self, there: URL) -> None:
        self._there = there
        self.is_frozen = False
        self._calls: set[asyncio.Task[Any]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    async def hang_up(self) -> None:
        """End what is still open: the driver tries for a minute to cancel what was asked of a frozen server."""
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.wait(self._calls)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if call := asyncio.current_task():
            self._calls.add(call)
        folder, port = self._there.query.get("host"), self._there.port or 5432
        if folder:
            there = asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        else:
            there = asyncio.open_connection(self._there.host, port)
        far_reader, far_writer = await there
        self._writers += [writer, far_writer]
        await asyncio.gather(self._hand_on(reader, far_writer), self._hand_on(far_reader, writer))

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if not self.is_frozen:
                    writer.write(data)
        writer.close()


async def test_a_database_that_answers_nothing_any_more_is_seen(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = make_url(postgres_url)
    proxy = Proxy(address)
    async with await asyncio.start_server(proxy, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        nearer = address.set(host="127.0.0.1", port=port, query={})
        url = nearer.render_as_string(hide_password=False)
        async with open_database(url, tmp_path) as opened:
            monkeypatch.setattr(postgres, "PATIENCE_SECONDS", 0.5)
            proxy.is_frozen = True
            for look in range(8):
                with pytest.raises(SQLAlchemyError) as caught:
                    await opened.transactions.look()
                assert trouble_of(caught.value) == AWAY, look
            assert opened.transactions.trouble == AWAY
            proxy.is_frozen = False
            await opened.transactions.look()
            assert opened.transactions.trouble is None
        await proxy.hang_up()
