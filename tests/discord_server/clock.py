"""The stand-in's time, which a test can move forward, and stop."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Aware UTC that runs with the monotonic clock, so that only `advance` makes it jump."""

    def __init__(self) -> None:
        self._shown = datetime.now(UTC)
        self._since: float | None = time.monotonic()

    def now(self) -> datetime:
        if self._since is None:
            return self._shown
        return self._shown + timedelta(seconds=time.monotonic() - self._since)

    def advance(self, by: timedelta) -> None:
        """Move forward; tokens, nonces, links and rate limits age at once."""
        if by < timedelta():
            raise ValueError("time only moves forward")
        self._shown += by

    def stop(self) -> None:
        """Stand still from now on, but for `advance`: however slow the machine, no time passes."""
        self._shown, self._since = self.now(), None
