"""Errors to Sentry as well, where SENTRY_DSN is set and the extra `sentry` installed: events of the log, with their traces."""

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from structlog.typing import EventDict

from bot.errors import SettingsError
from bot.logs import without
from bot.version import VERSION

_TAGS: Final = ("job", "user", "server", "logger")

_LAST_SECONDS: Final = 2.0
"""For what is still to be sent at the end."""


def reporter(dsn: str, secrets: Sequence[str], transport: Any = None) -> Callable[[EventDict], None]:
    """What sends one event of the log. `transport` takes the place of the network.

    Raises:
        SettingsError: the extra is not installed, or this is no DSN.
    """
    try:
        import sentry_sdk  # noqa: PLC0415 (an extra, which few install)
        from sentry_sdk.integrations.atexit import AtexitIntegration  # noqa: PLC0415 (see above)
        from sentry_sdk.utils import BadDsn  # noqa: PLC0415 (see above)
    except ImportError:
        raise SettingsError(
            "SENTRY_DSN is set, and sentry-sdk is not installed: pip install 'pianola[sentry]'"
        ) from None

    def hidden(event: Any, _hint: Any) -> Any:
        return json.loads(without(secrets, json.dumps(event, default=str)))

    try:
        sentry_sdk.init(
            dsn=dsn,
            release=f"pianola@{VERSION}",
            transport=transport,
            # Only what the log tells: no values of variables, no requests, nothing of other libraries.
            include_local_variables=False,
            default_integrations=False,
            integrations=[AtexitIntegration(callback=lambda _pending, _timeout: None)],
            max_breadcrumbs=0,
            shutdown_timeout=_LAST_SECONDS,
            before_send=hidden,
        )
    except BadDsn:
        raise SettingsError(
            "SENTRY_DSN: must be an address such as https://key@o1.ingest.sentry.io/2"
        ) from None

    def report(event: EventDict) -> None:
        with sentry_sdk.new_scope() as scope:
            scope.set_level("error")
            for name in _TAGS:
                if event.get(name) is not None:
                    scope.set_tag(name, str(event[name]))
            scope.set_tag("event", str(event["event"]))
            told = {name: str(value) for name, value in event.items() if name not in {"exc_info", "event"}}
            scope.set_context("log", told)
            error = _error_of(event.get("exc_info"))
            if error is None:
                scope.capture_message(str(event["event"]), level="error")
            else:
                scope.capture_exception(error)

    return report


def _error_of(given: Any) -> BaseException | None:
    """The exception of an event, as structlog and logging write it."""
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return _error_of(given[1])
    return sys.exception() if given else None
