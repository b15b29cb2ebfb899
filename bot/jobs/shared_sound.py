"""Sound at a studio of ours that several people's songs hang on: it goes with the song of whoever gave it, and breaks off nobody's try."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from bot.jobs.model import Job, State
from bot.jobs.storage.store import Store
from bot.jobs.work.studios import Studios

_LEAVING: Final = "sound leaving "

RECENT: Final = 500
"""Songs of a person that may share their sound: each further try of one does. It is kept for a day by default."""


class SharedSound:
    """Lets go of what a studio of ours has of deleted songs."""

    def __init__(self, store: Store, studios: Studios) -> None:
        self._store = store
        self._studios = studios

    async def let_go(self, gone: Sequence[Job]) -> None:
        """What deleted songs of one person leave behind goes: at once, or with the tries of others that need it just now.

        Another song of the same person keeps its sound; what is somebody else's stays with them.
        """
        ours = [part for job in gone if self._studios.is_ours(job) for part in job.parts]
        if not ours:
            return
        kept = uploads_of(await self._store.recent_of({gone[0].reply.user_id}, RECENT))
        await self._studios.forget_notes([part for part in ours if part.is_borrowed])
        own = [part for part in ours if not part.is_borrowed and part.upload_url not in kept]
        needed = await self._needed()
        for url in {part.upload_url for part in own if part.upload_url} & needed:
            await self._store.keep_fact(_name_of(url), url)
        await self._studios.forget_parts([part for part in own if part.upload_url not in needed])

    async def look(self) -> None:
        """Let go of what was needed when it was to go, and is no more."""
        leaving = await self._store.facts_named(_LEAVING)
        if not leaving:
            return
        needed = await self._needed()
        for name, url in leaving.items():
            if url not in needed:
                await self._studios.forget_uploads([url])
                await self._store.drop_fact(name)

    async def _needed(self) -> set[str]:
        """The uploads of which notes are still to be made."""
        under_way = await self._store.under_way()
        return uploads_of([job for job in under_way if job.state.rank < State.RENDERING.rank])


def uploads_of(jobs: Sequence[Job]) -> set[str]:
    """Where the studio has the sound of these songs."""
    return {part.upload_url for job in jobs for part in job.parts if part.upload_url}


def _name_of(url: str) -> str:
    # Facts have names of at most 64 characters.
    return _LEAVING + blake2b(url.encode(), digest_size=16).hexdigest()
