"""A direct message to whoever owns the application."""

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.chat.discord.owner import tell_owner

NO: Any = SimpleNamespace(status=403, reason="no")


class Bot:
    """Knows its application once it is logged in; a message to somebody may fail."""

    def __init__(
        self, *, owner: int | None, team_owner: int | None = None, failure: Exception | None = None
    ) -> None:
        team = SimpleNamespace(owner_id=team_owner) if team_owner else None
        self.application = owner and SimpleNamespace(team=team, owner=SimpleNamespace(id=owner))
        self.failure = failure
        self.told: list[tuple[int, str]] = []

    async def fetch_user(self, user_id: int) -> Any:
        async def send(text: str) -> None:
            if self.failure:
                raise self.failure
            self.told.append((user_id, text))

        return SimpleNamespace(send=send)


@pytest.mark.parametrize(("team_owner", "told"), [(None, 5), (6, 6)])
async def test_the_owner_or_the_one_of_the_team_is_told(team_owner: int | None, told: int) -> None:
    bot: Any = Bot(owner=5, team_owner=team_owner)
    assert await tell_owner(bot, "the disk is full")
    assert bot.told == [(told, "the disk is full")]


async def test_before_the_login_there_is_nobody_to_tell() -> None:
    bot: Any = Bot(owner=None)
    assert not await tell_owner(bot, "the disk is full")


@pytest.mark.parametrize(
    ("failure", "counts_as_told"),
    [
        (discord.Forbidden(NO, {"code": 50_007, "message": "closed"}), True),
        (discord.HTTPException(NO, {"code": 0, "message": "busy"}), False),
        (OSError("no route"), False),
    ],
)
async def test_who_takes_no_messages_is_not_asked_again(failure: Exception, counts_as_told: bool) -> None:
    bot: Any = Bot(owner=5, failure=failure)
    assert await tell_owner(bot, "the disk is full") is counts_as_told
