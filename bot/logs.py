"""The log: one line an event on standard error, the same for our own events and for what libraries say.

What people send stands in it here and there, so signs that a terminal would obey are written as what they are.
"""

import contextlib
import json
import logging
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, TextIO, cast
from urllib.parse import quote, unquote

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.terminal import shown

Format = Literal["text", "json"]

_REASONS: Final = ("error", "reason", "problem", "detail")
"""What tells why; some exceptions have no words."""

_WHOSE: Final = ("job", "user", "server")

_NO_REASON: Final = "no more is known"

_HIDDEN: Final = "•••"

_SHORTEST_SECRET: Final = 6
"""Characters. Shorter ones would be found in every word."""


class _Unfailing:
    """A stream that is written to where that can be done: a full disk under the log must not stop a song."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            return self._stream.write(text)
        return 0

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()


class _OneLine(logging.Filter):
    """What libraries say of a database that is away, without the 20 kB of their traces."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Called for every record of a library."""
        from bot.jobs.storage.databases.troubles import trouble_of  # noqa: PLC0415 (SQLAlchemy, which not every command needs)

        error = record.exc_info[1] if record.exc_info else None
        if error is not None and (trouble := trouble_of(error)):
            record.msg, record.args = f"{record.getMessage()}: {trouble.sentence}", ()
            record.exc_info = record.exc_text = None
        return True


def configure(
    level: str,
    form: Format = "text",
    *,
    secrets: Sequence[str] = (),
    report: Callable[[EventDict], None] | None = None,
) -> None:
    """Log events of `level` and above. Callers name what they log; `secrets` are taken out of what slips through.

    Errors are handed to `report` as well, as they were logged.
    """
    number = logging.getLevelNamesMapping()[level]
    finish: list[Processor] = [
        *([_reported(report)] if report else []),
        structlog.processors.format_exc_info,
        _tidied,
        _written(form, secrets),
    ]
    start: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*start, *finish],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Unfailing(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    # Libraries are heard from WARNING on: discord.py's INFO tells of every reconnect, aiohttp's of every address.
    handler = logging.StreamHandler(cast("TextIO", _Unfailing(sys.stderr)))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*start, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish],
        )
    )
    handler.addFilter(_OneLine())
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler])
    # It tells of each attempt to connect; we tell of the database once.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    # A library's warning holds what it is about: aiohttp's of a header, the header.
    logging.captureWarnings(capture=True)


def _reported(report: Callable[[EventDict], None]) -> Processor:
    def reported(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        if event.get("level") in {"error", "critical"}:
            report(event)
        return event

    return reported


def _tidied(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """With a reason wherever one is named, and without a server where there is none."""
    for name in _WHOSE:
        if name in event and event[name] is None:
            del event[name]
    for name in _REASONS:
        if name in event and not str(event[name]).strip():
            event[name] = _NO_REASON
    return event


def _written(form: Format, secrets: Sequence[str]) -> Callable[[WrappedLogger, str, EventDict], str]:
    """What makes a line of an event."""
    write: Any = structlog.processors.JSONRenderer(default=str) if form == "json" else _logfmt

    def line(logger: WrappedLogger, method: str, event: EventDict) -> str:
        return without(secrets, shown(write(logger, method, event), keeps_lines=False))

    return line


def without(secrets: Sequence[str], text: str) -> str:
    """A text with each secret hidden, however it is spelt there."""
    for secret in secrets:
        for spelt in _spelt(secret) if len(secret) >= _SHORTEST_SECRET else ():
            text = text.replace(spelt, _HIDDEN)
    return text


def _spelt(secret: str) -> set[str]:
    """How a secret may stand in a line: as it is, in an address, and within quotes."""
    return {secret, unquote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1]}


_logfmt = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], bool_as_flag=False)
