"""Starts the bot as `tests.process.launch` does; its shards do not wait 5 s for each other, as Discord wants it."""

from bot.chat.discord.client import Pianola
from tests.process.launch import launch


async def _at_once(_bot: Pianola, _shard_id: int | None, *, initial: bool = False) -> None:
    """Nothing is waited for, `initial` or not."""


if __name__ == "__main__":
    setattr(Pianola, "before_identify_hook", _at_once)  # noqa: B010 (mypy knows a method)
    launch()
