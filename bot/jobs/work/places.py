"""Places for what only a few can do at once, given out in turns: nobody's many songs stand before others' first."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from bot.jobs.model import Job
from bot.rounds import Rounds, Whose


def whose(job: Job) -> Whose:
    """Who asked for a song, and on which server."""
    return Whose(job.reply.user_id, job.reply.guild_id)


_LEFT_BY_A_SERVER = 4
"""One place of so many: where there are fewer, one server alone would leave some idle."""


class Places:
    """At most `count` places at a time, and `each` of them for one person; None: as many as are left for others.

    All people of one server together leave a quarter of them to the rest of the world.
    """

    def __init__(self, count: int, *, each: int | None = None) -> None:
        """All are free."""
        self._free = count
        self._most_of_a_server = count - count // _LEFT_BY_A_SERVER
        self._each = each
        self._held: Counter[tuple[str, Hashable]] = Counter()
        self._line: dict[asyncio.Future[None], Whose] = {}
        self._rounds = Rounds()

    @asynccontextmanager
    async def place(self, whose: Whose) -> AsyncIterator[bool]:
        """Wait for a place, and keep it until the block is left; tells whether there was any waiting."""
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line[called] = whose
        self._call()
        waits = not called.done()
        try:
            await called
            yield waits
        finally:
            if self._line.pop(called, None) is None:
                # Also of one who was called and cancelled at once.
                self._give_back(whose)

    def has_room(self, whose: Whose) -> bool:
        """Whether there is a place for them now, without any waiting."""
        return bool(self._free) and self._may_have(whose)

    def _call(self) -> None:
        """Give what is free to who is next among those who may have more."""
        while self._free:
            waiting = [(whose, called) for called, whose in self._line.items() if self._may_have(whose)]
            if not waiting:
                return
            called = self._rounds.next_of(waiting)
            self._count(self._line.pop(called), 1)
            if not called.done():
                called.set_result(None)

    def _may_have(self, whose: Whose) -> bool:
        held = self._held["person", whose.person]
        may_person = held < self._each if self._each is not None else held < self._free
        return may_person and self._held["server", whose.server] < self._most_of_a_server

    def _give_back(self, whose: Whose) -> None:
        self._count(whose, -1)
        self._call()

    def _count(self, whose: Whose, taken: int) -> None:
        self._free -= taken
        self._held["person", whose.person] += taken
        if whose.server is not None:
            self._held["server", whose.server] += taken
        self._held = +self._held  # who holds none is forgotten
