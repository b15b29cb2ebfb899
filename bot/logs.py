"""The log: one line an event on standard error, the same for our own events and for what libraries say.

What people send stands in it here and there, so signs that a terminal would obey are written as what they are.
"""

import logging
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger


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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # Libraries are heard from WARNING on: discord.py's INFO tells of every reconnect, aiohttp's of every address.
    handler = logging.StreamHandler()
    handler.setFormatter(_Escaping("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler])


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
