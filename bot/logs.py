"""The log: one line an event on standard error, the same for our own events and for what libraries say.

What people send stands in it here and there, so signs that a terminal would obey are written as what they are.
"""

import contextlib
import logging
import sys
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger


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
        from bot.jobs.storage.troubles import trouble_of  # noqa: PLC0415 (SQLAlchemy, which not every command needs)

        error = record.exc_info[1] if record.exc_info else None
        if error is not None and (trouble := trouble_of(error)):
            record.msg, record.args = f"{record.getMessage()}: {trouble.sentence}", ()
            record.exc_info = record.exc_text = None
        return True


def configure(level: str) -> None:
    """Log events of `level` and above. Secrets never reach an event: callers name what they log."""
    number = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Unfailing(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    # Libraries are heard from WARNING on: discord.py's INFO tells of every reconnect, aiohttp's of every address.
    handler = logging.StreamHandler()
    handler.setFormatter(_Escaping("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(_OneLine())
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler])
    # It tells of each attempt to connect; we tell of the database once.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    # A library's warning holds what it is about: aiohttp's of a header, the header.
    logging.captureWarnings(capture=True)


def _escaped(text: str) -> str:
    r"""Without line ends, escapes, and marks that turn the direction of reading: U+202E becomes `\u202e`."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


_logfmt = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], bool_as_flag=False)


def _line(logger: WrappedLogger, method: str, event: EventDict) -> str:
    return _escaped(_logfmt(logger, method, event))


class _Escaping(logging.Formatter):
    """A record with its trace as one line."""

    def format(self, record: logging.LogRecord) -> str:
        return _escaped(super().format(record))
