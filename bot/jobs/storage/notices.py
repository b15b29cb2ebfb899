"""What the owner says to all: why no new songs are taken, and news. Kept in the database, so that all processes say the same."""

import msgspec

from bot.clock import Clock, utc_now
from bot.jobs.storage.store import NEWS_LAST, Store

_PAUSE, _NEWS = "intake paused", "news"


class News(msgspec.Struct, frozen=True):
    """One announcement, and when it was made, in seconds since the epoch: the next one is another by that."""

    text: str
    at: float


class Notices:
    """Read anew each time: another process may have written."""

    def __init__(self, store: Store, clock: Clock = utc_now) -> None:
        self._store = store
        self._clock = clock

    async def pause(self, sentence: str) -> None:
        """Take no new songs, and say this instead."""
        await self._store.keep_fact(_PAUSE, sentence)

    async def resume(self) -> bool:
        """Take songs again. False: they were being taken."""
        was_paused = await self.paused() is not None
        await self._store.give_back(_PAUSE)
        return was_paused

    async def paused(self) -> str | None:
        """What is said instead of taking a song; None where songs are taken."""
        return await self._store.fact(_PAUSE, first=True)

    async def announce(self, news: str | None) -> None:
        """Tell everybody this, in the place of what was told before; None: nothing any more."""
        if news is None:
            await self._store.give_back(_NEWS)
        else:
            kept = msgspec.json.encode(News(news, self._clock().timestamp()))
            await self._store.keep_fact(_NEWS, kept.decode())

    async def news(self) -> News | None:
        """What is to be told these days."""
        kept = await self._store.fact(_NEWS)
        if kept is None:
            return None
        news = msgspec.json.decode(kept, type=News)
        is_new = self._clock().timestamp() - news.at < NEWS_LAST.total_seconds()
        return news if is_new else None

    async def is_first_told(self, user_id: int, news: News) -> bool:
        """Whether somebody had not been told of it; from now on they were, in whichever process."""
        return await self._store.tell_once(user_id, news.at)
