"""What a store's inbox holds."""

from bot.jobs.storage.store import Store


async def bodies(store: Store, job_id: str, part: int, step: str) -> list[bytes]:
    """The raw callbacks of one task, the oldest first."""
    return [await store.inbox.body(kept) for kept in await store.inbox.of(job_id, part, step)]
