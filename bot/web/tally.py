"""What was turned away at the port, told in one line a minute: a flood fills no log."""

import asyncio
from collections import Counter

import structlog

log = structlog.get_logger(__name__)

EVERY_SECONDS = 60.0


class Tally:
    """Counts by kind. The first of a quiet minute is told at once, those after it together."""

    def __init__(self, every_seconds: float = EVERY_SECONDS) -> None:
        self._every_seconds = every_seconds
        self._counts: Counter[str] = Counter()
        self._seen: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None

    def count(self, kind: str) -> bool:
        """Count one. True: it is the first of its kind in this minute, and may have a line of its own."""
        self._counts[kind] += 1
        is_first = kind not in self._seen
        self._seen.add(kind)
        if self._timer is None:
            self._say()
        return is_first

    def close(self) -> None:
        """Tell what is left, and no more."""
        if self._counts:
            log.info("requests.turned_away", **self._counts)
            self._counts.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _after_a_minute(self) -> None:
        self._timer = None
        self._seen.clear()
        if self._counts:
            self._say()

    def _say(self) -> None:
        log.info("requests.turned_away", **self._counts)
        self._counts.clear()
        self._timer = asyncio.get_running_loop().call_later(self._every_seconds, self._after_a_minute)
