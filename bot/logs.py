"""The log: one line an event on standard error, the same for our own events and for what libraries say."""

import logging
import sys

import structlog


def configure(level: str) -> None:
    """Log events of `level` and above. Secrets never reach an event: callers name what they log."""
    number = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(
                key_order=["timestamp", "level", "event"], bool_as_flag=False
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # Libraries are heard from WARNING on: discord.py's INFO tells of every reconnect, aiohttp's of every address.
    logging.basicConfig(
        level=max(number, logging.WARNING), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
