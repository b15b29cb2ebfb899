"""The time of day, handed in where it is used so that tests can move it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]

_SLEWED_SECONDS = 2.0
"""Corrections up to this are followed at once."""

_FOLLOWED_AFTER_SECONDS = 3600.0
"""No song is under way for so long: what was begun by the old time is over."""


def _since_boot() -> float:
    # A machine that slept has grown older too; only Linux tells.
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class SteadyClock:
    """The time of day, going on evenly where somebody sets the machine's clock: it is followed an hour later.

    Two hours forward would end every song that is under way, two hours back would let all of them wait.
    """

    def __init__(
        self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = _since_boot
    ) -> None:
        """`wall` gives seconds since the epoch, `monotonic` those since any moment."""
        self._wall = wall
        self._monotonic = monotonic
        self._offset = wall() - monotonic()
        self._set_at: float | None = None

    def __call__(self) -> datetime:
        """Now, aware, in UTC."""
        now = self._monotonic()
        offset = self._wall() - now
        if abs(offset - self._offset) <= _SLEWED_SECONDS:
            self._offset, self._set_at = offset, None
        elif self._set_at is None:
            self._set_at = now
        elif now - self._set_at > _FOLLOWED_AFTER_SECONDS:
            self._offset, self._set_at = offset, None
        return datetime.fromtimestamp(self._offset + now, UTC)


utc_now: Clock = SteadyClock()
