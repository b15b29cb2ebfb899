"""The stand-in's time, which a test can move forward."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Aware UTC that runs with the monotonic clock, so that only `advance` makes it jump."""

    def __init__(self) -> None:
        self._start = datetime.now(UTC)
        self._began = time.monotonic()
        self._moved = timedelta()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._began) + self._moved

    def advance(self, by: timedelta) -> None:
        """Move forward; tokens, nonces, links and rate limits age at once."""
        if by < timedelta():
            raise ValueError("time only moves forward")
        self._moved += by
