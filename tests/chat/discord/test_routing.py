"""Controls by their custom id: what is not ours is left alone, and what is old is told so."""

import contextlib
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.chat.discord.routing import Pressed, serve
from bot.errors import OldControlError
from tests.chat.press import Press

JOB_ID = "0123456789abcdef0123"


async def pressed(press: Any) -> list[Pressed]:
    served: list[Pressed] = []

    async def handler(_bot: object, _press: object, used: Pressed) -> None:
        served.append(used)

    nothing_is_left = SimpleNamespace(serving=lambda *_press: contextlib.nullcontext())
    bot: Any = SimpleNamespace(unfinished=nothing_is_left)
    await serve(bot, press, {("pianola", "again"): handler})
    return served


async def test_a_control_reaches_the_one_that_serves_it() -> None:
    used = await pressed(Press(f"pianola:again:2:{JOB_ID}"))
    assert used == [Pressed("again", JOB_ID, 2, ("3",))]
    assert used[0].place == 3


@pytest.mark.parametrize("custom_id", ["", "other:again", "pianola:again:2:short", "x" * 100])
async def test_what_another_bot_or_library_calls_its_own_is_left_alone(custom_id: str) -> None:
    press = Press(custom_id)
    assert await pressed(press) == []
    assert press.said == []


async def test_a_command_is_no_control_whatever_it_carries() -> None:
    press = Press(f"pianola:again:{JOB_ID}", discord.InteractionType.application_command)
    assert await pressed(press) == []


async def test_a_control_of_another_version_is_told_to_be_old() -> None:
    press = Press(f"pianola:gone:{JOB_ID}")
    assert await pressed(press) == []
    assert press.said == [OldControlError().sentence]
