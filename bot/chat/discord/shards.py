"""Which of this process' shards are connected. Discord gives each shard a share of the servers."""

import time
from collections.abc import Callable, Collection
from typing import Final

from bot.findings import Finding, Grade
from bot.language import text
from bot.shards import spans

LOST_AFTER_SECONDS: Final = 300.0
"""discord.py 2.7 can retry a dead address for ever; a process without a gateway for so long is better replaced."""

_ONE_LOST_AFTER_SECONDS: Final = 900.0
"""Where others are there: a new process connects them one after the other, 5 s each, and serves none meanwhile."""


class Shards:
    """Nothing is expected before the login."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self.count = 0
        self._wanted: tuple[int, ...] = ()
        self._here: set[int] = set()
        self._away_since: dict[int, float] = {}

    def expect(self, ids: Collection[int], count: int) -> None:
        """These are ours, of so many in all."""
        self._wanted, self.count = tuple(ids), count

    def came(self, shard: int) -> None:
        """Events come through it from here on."""
        self._here.add(shard)
        self._away_since.pop(shard, None)

    def went(self, shard: int) -> None:
        """It is interrupted. Said again at each failed attempt to come back; the first counts."""
        self._here.discard(shard)
        self._away_since.setdefault(shard, self._monotonic())

    @property
    def wanted(self) -> tuple[int, ...]:
        """Those that this process serves."""
        return self._wanted

    @property
    def here(self) -> frozenset[int]:
        """Those that are connected."""
        return frozenset(self._here)

    @property
    def problem(self) -> str | None:
        """Why not all interactions arrive, or None when they do."""
        if self._away_since:
            where = f" ({_named(self._away_since)} of {self.count})" if self.count > 1 else ""
            return f"the connection to Discord is interrupted{where}"
        if not self._wanted or len(self._here) < len(self._wanted):
            how_far = f": {len(self._here)} of {len(self._wanted)} shards" if self._here else ""
            return f"not connected to Discord yet{how_far}"
        return None

    def lost(self) -> dict[int, float]:
        """The shards for which a new process would do better, each with the seconds that it has been away."""
        now = self._monotonic()
        patience = _ONE_LOST_AFTER_SECONDS if self._here else LOST_AFTER_SECONDS
        return {shard: now - since for shard, since in self._away_since.items() if now - since > patience}


def told_of(count: int, here: Collection[int], servers: int) -> Finding | None:
    """What the owner is told of all shards, those of other processes included; None where there is only one."""
    if count < 2:
        return None
    if away := set(range(count)) - set(here):
        told = text("of {count} shards these are not connected: {away}")
        return Finding(Grade.BROKEN, told, {"count": count, "away": spans(away)})
    return Finding(
        Grade.FINE,
        text("all {count} shards are connected, with {servers} servers"),
        {"count": count, "servers": servers},
    )


def _named(shards: Collection[int]) -> str:
    return f"shard{'' if len(shards) == 1 else 's'} {spans(shards)}"
