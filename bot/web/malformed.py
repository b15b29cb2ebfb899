"""Requests that are none: aiohttp says a trace of each, of which a count is kept, and breaks at one kind."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import RawRequestMessage
from yarl import URL

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


@contextmanager
def servers_of_others_told(tally: Tally) -> Iterator[None]:
    """The same for servers that a library opened with no logger of ours, while the block lasts."""
    logger, handler = logging.getLogger("aiohttp.server"), _Malformed(tally)
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = True


def take_what_has_no_target(runner: web.AppRunner) -> None:
    """`CONNECT` to nothing is a request to aiohttp's parser, and breaks what is made of it: it is answered as one to `/`."""
    server = runner.server
    if server is None:
        raise RuntimeError("the runner was not set up")
    make = server.request_factory

    def request_of(message: RawRequestMessage, *given: Any) -> web.BaseRequest:
        if message.url is None:
            message = message._replace(path="/", url=URL("/"))
        return make(message, *given)

    server.request_factory = request_of
