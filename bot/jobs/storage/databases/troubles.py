"""What is wrong with the database, as its owner is told: never an address, nor what stands in a file."""

import re
import sqlite3
from collections.abc import Iterator
from typing import Final

import msgspec
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoAnswer


class Trouble(msgspec.Struct, frozen=True):
    """`sentence` begins with the setting that it is about. `passes`: it may be over by itself, and is waited for."""

    sentence: str
    passes: bool = False


AWAY: Final = Trouble("DATABASE_URL: the database cannot be reached", passes=True)

_NO_SUCH_HOST: Final = Trouble(
    "DATABASE_URL: no host is known by the name in this address. Look whether it is spelt right", passes=True
)

HELD: Final = Trouble("DATA_DIR: another program holds the database in it", passes=True)

_WRONG_PASSWORD: Final = Trouble(
    "DATABASE_URL: the database refuses this user or this password. Copy the address once more from where the database is run"
)
_NO_TLS: Final = Trouble(
    "DATABASE_URL: no encrypted connection (TLS) as this address and the server want it. Look at sslmode in the address"
)
_FULL: Final = Trouble(
    "DATABASE_URL: there is no connection left at the database for this program", passes=True
)

_BY_SQLSTATE: Final = {
    "28000": _WRONG_PASSWORD,
    "28P01": _WRONG_PASSWORD,
    "3D000": Trouble(
        "DATABASE_URL: the server has no database of this name. Make it there, or correct the name at the end of the address"
    ),
    "42501": Trouble(
        "DATABASE_URL: this user may not make tables in the schema public. "
        "Let the database's owner run: GRANT CREATE ON SCHEMA public TO that user"
    ),
    "53100": Trouble("DATABASE_URL: the database's disk is full", passes=True),
    "25006": Trouble("DATABASE_URL: the database can only be read at the moment", passes=True),
}

_BY_CLASS: Final = {"08": AWAY, "53": _FULL, "57": AWAY, "58": AWAY, "XX": AWAY}

_WORDS: Final = tuple(
    (re.compile(words, re.IGNORECASE), trouble)
    for words, trouble in (
        (r"resolve host|translate host name|name or service not known|getaddrinfo", _NO_SUCH_HOST),
        (r"SSL SYSCALL|closed the connection", AWAY),
        (
            r"no encryption|SSL off|SSL error|support SSL|SSL (connection )?(is|was) required|certificate",
            _NO_TLS,
        ),
        (r"too many (clients|connections)|connection slots", _FULL),
        (r"starting up|shutting down|recovery mode", AWAY),
        (r"database .+ does not exist|no such database", _BY_SQLSTATE["3D000"]),
        (r"authentication failed|password|role .+ does not exist|pg_hba\.conf", _WRONG_PASSWORD),
    )
)
"""libpq hands out no SQLSTATE for a connection that was not made, only the server's words, with the address among them.
Those in other languages count as a database that is away."""

_BY_SQLITE_CODE: Final = {
    sqlite3.SQLITE_BUSY: HELD,
    sqlite3.SQLITE_FULL: Trouble("DATA_DIR: the disk is full. Make room on it"),
    sqlite3.SQLITE_IOERR: Trouble("DATA_DIR: its disk cannot be read or written. Look whether it is full or broken"),
    sqlite3.SQLITE_READONLY: Trouble("DATA_DIR: the database in it can only be read. Give this program's user the right to write"),
    sqlite3.SQLITE_CORRUPT: Trouble(
        "DATA_DIR: the database in it (pianola.sqlite3) is damaged. Put a copy of it from before in its place, or move it "
        "away: it is made anew, without the songs that were kept in it"
    ),
}  # fmt: skip

_SAME_AS: Final = {
    sqlite3.SQLITE_LOCKED: sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_NOTADB: sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_CANTOPEN: sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM: sqlite3.SQLITE_READONLY,
}


def trouble_of(error: BaseException) -> Trouble | None:
    """What is wrong with the database itself; None where an error tells of something else."""
    for cause in _causes(error):
        if isinstance(cause, sqlite3.Error):
            # The low byte is the kind; the others say where in SQLite it came up.
            code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
            return _BY_SQLITE_CODE.get(_SAME_AS.get(code, code))
        if isinstance(cause, NoAnswer):
            return AWAY
        if hasattr(cause, "sqlstate"):
            return _of_postgres(cause, cause.sqlstate)
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what is beneath it: SQLAlchemy and procrastinate wrap the driver's own."""
    beneath: BaseException | None = error
    while beneath is not None:
        yield beneath
        beneath = beneath.orig if isinstance(beneath, DBAPIError) else beneath.__cause__


def _of_postgres(error: BaseException, sqlstate: str | None) -> Trouble | None:
    if sqlstate:
        return _BY_SQLSTATE.get(sqlstate) or _BY_CLASS.get(sqlstate[:2])
    # Named, because the driver is not imported where SQLite serves.
    if not any(kind.__name__ in {"OperationalError", "InterfaceError"} for kind in type(error).__mro__):
        return None
    return next((trouble for words, trouble in _WORDS if words.search(str(error))), AWAY)
