"""What the owner announces, told beneath an answer."""

from types import SimpleNamespace
from typing import Any

import discord
import pytest
from sqlalchemy.exc import OperationalError

from bot.chat.discord.news import tell_news

Kind = discord.InteractionResponseType


class _DriverError(Exception):
    sqlstate = "57P01"


AWAY = OperationalError("SELECT 1", {}, _DriverError("terminating connection"))


class Asked:
    """An interaction and the bot's notices, in one."""

    def __init__(self, answered: Kind | None, failure: Exception | None = None) -> None:
        self.response = SimpleNamespace(type=answered)
        self.user = SimpleNamespace(id=5)
        self.notices = self.followup = self
        self.failure = failure
        self.told: list[str] = []

    async def news(self) -> Any:
        if self.failure:
            raise self.failure
        return SimpleNamespace(text="a new version")

    async def is_first_told(self, _user_id: int, _news: object) -> bool:
        return True

    async def send(self, text: str, *, ephemeral: bool) -> None:
        assert ephemeral
        self.told.append(text)


@pytest.mark.parametrize(
    ("answered", "is_told"), [(Kind.channel_message, True), (Kind.modal, False), (None, False)]
)
async def test_news_come_beneath_an_answer_and_only_there(answered: Kind | None, is_told: bool) -> None:
    asked: Any = Asked(answered)
    await tell_news(asked, asked)
    assert asked.told == (["📣 a new version"] if is_told else [])


async def test_a_database_that_is_away_costs_the_news_and_nothing_else() -> None:
    asked: Any = Asked(Kind.channel_message, AWAY)
    await tell_news(asked, asked)
    assert asked.told == []


async def test_a_fault_of_ours_is_not_hidden() -> None:
    asked: Any = Asked(Kind.channel_message, KeyError("a fault of ours"))
    with pytest.raises(KeyError):
        await tell_news(asked, asked)
