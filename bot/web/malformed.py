"""What aiohttp says of requests that are none: a trace for each, of which a count is kept."""

import logging

import structlog
from aiohttp.http_exceptions import HttpProcessingError

from bot.web.tally import Tally

log = structlog.get_logger(__name__)


class _Malformed(logging.Handler):
    """Anything else that is said keeps its trace."""

    def __init__(self, tally: Tally) -> None:
        super().__init__()
        self._tally = tally

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            self._tally.count("malformed")
        elif record.levelno >= logging.WARNING:
            log.error("request.failed", reason=record.getMessage(), exc_info=error)


def logger_for(tally: Tally) -> logging.Logger:
    """The logger to give to an aiohttp server."""
    logger = logging.Logger(__name__)  # noqa: LOG001 (each server has its own, so it is none of the registered)
    logger.addHandler(_Malformed(tally))
    return logger
