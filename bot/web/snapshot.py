"""What `/metrics` tells beside what was counted and timed."""

from collections.abc import Mapping

import msgspec

from bot.jobs.storage.census import Census


class Snapshot(msgspec.Struct, frozen=True):
    """What is looked up when it is asked for: the jobs, None while the database is away, and the credits, where known.

    `shards` are those of this process: how many seconds a heartbeat takes, None for one that is not connected.
    """

    census: Census | None = None
    credits_left: float | None = None
    servers: int = 0
    shards: Mapping[int, float | None] = msgspec.field(default_factory=dict)
