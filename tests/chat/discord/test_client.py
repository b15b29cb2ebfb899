"""What the client does with errors that come out of our own code."""

import pytest

from bot.chat.discord.client import offered


async def test_while_one_types_a_fault_of_ours_is_not_taken_for_a_database_that_is_away() -> None:
    async def look() -> list[str]:
        raise KeyError("a fault of ours")

    with pytest.raises(KeyError, match="a fault of ours"):
        await offered(look())
