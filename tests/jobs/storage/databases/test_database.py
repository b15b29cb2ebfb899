"""Opening the database: fresh, migrated, locked, refused."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.errors import SettingsError
from bot.jobs.engines.opening import Database, open_database
from bot.jobs.model import State
from bot.jobs.storage.databases import database as module
from bot.jobs.storage.databases.database import HEAD
from bot.jobs.storage.databases.database import postgres_url as understood
from bot.jobs.storage.kept_songs import KeptSongs
from bot.jobs.storage.store import Store
from bot.jobs.storage.tables import metadata, uses
from tests.jobs.storage.test_store import NOON, NOW, Announcements, a_job

_REVISION = sa.text("SELECT version_num FROM alembic_version")


async def _do(opened: Database, statement: str) -> None:
    await opened.transactions.write("test", lambda connection: connection.execute(sa.text(statement)))


async def test_a_fresh_database_is_as_the_tables_say(database: dict[str, str], tmp_path: Path) -> None:
    async with open_database(database.get("database_url"), tmp_path) as opened:
        assert await opened.transactions.read(_differences) == []
        assert await opened.transactions.scalar(_REVISION) == HEAD


async def test_the_migrations_lead_to_the_same_tables(
    database: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_create", module._upgrade)
    async with open_database(database.get("database_url"), tmp_path) as opened:
        assert await opened.transactions.read(_differences) == []
        assert await opened.transactions.scalar(_REVISION) == HEAD


async def test_songs_of_the_version_before_are_found_by_their_titles(
    database: dict[str, str], tmp_path: Path
) -> None:
    url, job = database.get("database_url"), a_job(title="\u00c9T\u00c9").moved(State.DONE, NOON)
    async with open_database(url, tmp_path) as opened:
        await Store(opened.transactions, Announcements()).add(job, NOW)  # type: ignore[arg-type]  # nothing runs here
        await opened.transactions.write(
            "went back", lambda connection: command.downgrade(_migrations(connection), "r0001")
        )
    async with open_database(url, tmp_path) as opened:
        kept_songs = KeptSongs(opened.transactions, studio="kie", keep_for=timedelta(days=1))
        assert await kept_songs.search(job.reply.user_id, "\u00e9t") == [job]


def _differences(connection: sa.Connection) -> list[object]:
    def ours(_object: object, name: str | None, kind: str, _reflected: object, _other: object) -> bool:
        return not (kind == "table" and (name or "").startswith("procrastinate"))

    context = MigrationContext.configure(connection, opts={"include_object": ours})
    return list(compare_metadata(context, metadata))


def test_the_newest_migration_is_the_one_that_is_looked_for() -> None:
    scripts = ScriptDirectory(str(Path(module.__file__ or "").with_name("migrations")))
    assert scripts.get_heads() == [HEAD]


async def test_songs_of_the_day_still_count_after_an_upgrade(
    database: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_create", _first_tables)
    row = "INSERT INTO jobs VALUES ('{0}', {1}, 7, 3, '{2}', 1, 0, 5.0, 5.0, '{{}}')"
    states = ("done", "failed", "cancelled", "separating")
    async with open_database(database.get("database_url"), tmp_path) as opened:
        for number, state in enumerate(states):
            await _do(opened, row.format(state, number, state))
    async with open_database(database.get("database_url"), tmp_path) as opened:
        wanted = sa.select(uses).order_by(uses.c.job_id)
        counted = await opened.transactions.read(lambda connection: connection.execute(wanted).all())
        assert [tuple(use) for use in counted] == [("done", 7, 3, 5.0), ("separating", 7, 3, 5.0)]


def _first_tables(connection: sa.Connection) -> None:
    """A database as the first version left it."""
    command.upgrade(_migrations(connection), "r0001")


def _migrations(connection: sa.Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(module.__file__ or "").with_name("migrations")))
    return config


async def test_what_was_written_is_there_the_next_time(database: dict[str, str], tmp_path: Path) -> None:
    async with open_database(database.get("database_url"), tmp_path) as opened:
        await _do(opened, "INSERT INTO facts VALUES ('a', 'b')")
    async with open_database(database.get("database_url"), tmp_path) as opened:
        assert await opened.transactions.scalar(sa.text("SELECT value FROM facts WHERE name = 'a'")) == "b"


async def test_the_database_of_a_newer_version_is_left_alone(
    database: dict[str, str], tmp_path: Path
) -> None:
    url = database.get("database_url")
    async with open_database(url, tmp_path) as opened:
        await _do(opened, "UPDATE alembic_version SET version_num = 'r9999'")
    with pytest.raises(SettingsError, match="belongs to a newer Pianola"):
        async with open_database(url, tmp_path):
            pass


async def test_a_second_process_on_sqlite_is_refused_with_the_way_out(tmp_path: Path) -> None:
    async with open_database(None, tmp_path):
        with pytest.raises(
            SettingsError, match="DATABASE_URL to a Postgres database, which several can share"
        ):
            async with open_database(None, tmp_path):
                pass


async def test_two_processes_on_postgres_start_together(postgres_url: str, tmp_path: Path) -> None:
    async with open_database(postgres_url, tmp_path), open_database(postgres_url, tmp_path):
        pass


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://me@localhost/x", "mysql is not supported"),
        ("nonsense", "not an address"),
        ("postgresql://me:secret@[::1/x", "not an address"),
    ],
)
async def test_an_unusable_address_is_told_without_its_password(tmp_path: Path, url: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told) as caught:
        async with open_database(url, tmp_path):
            pass
    assert "secret" not in caught.value.problem


def test_the_addresses_of_hosts_are_understood() -> None:
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        url = understood(f"{scheme}://me:secret@db.example.com/x?sslmode=require")
        assert url.drivername == "postgresql+psycopg"
        assert url.query == {"sslmode": "require"}


async def test_the_data_is_its_owners_alone(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir(mode=0o755)
    (data_dir / "pianola.sqlite3").touch(mode=0o644)
    async with open_database(None, data_dir) as opened:
        await _do(opened, "INSERT INTO facts VALUES ('a', 'b')")
        found = [data_dir, *data_dir.iterdir()]
        assert {path.name: path.stat().st_mode & 0o077 for path in found} == {path.name: 0 for path in found}


async def test_a_folder_that_holds_what_is_not_ours_is_left_as_it_is(tmp_path: Path) -> None:
    data_dir = tmp_path / "shared"
    data_dir.mkdir(mode=0o755)
    (data_dir / "index.html").touch()
    async with open_database(None, data_dir):
        assert data_dir.stat().st_mode & 0o777 == 0o755


async def test_what_was_forgotten_is_in_no_file(tmp_path: Path) -> None:
    job = a_job(title="A Most Peculiar Title")
    async with open_database(None, tmp_path) as opened:
        store = Store(opened.transactions, Announcements())  # type: ignore[arg-type]  # nothing runs here
        await store.add(job, NOW)
        assert _holds(tmp_path, b"Most Peculiar")
        await store.forget(job.reply.user_id)
        assert not _holds(tmp_path, b"Most Peculiar")


def _holds(folder: Path, words: bytes) -> bool:
    return any(words in path.read_bytes() for path in folder.iterdir())
