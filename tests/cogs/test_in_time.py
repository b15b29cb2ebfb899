"""A press has to be acknowledged within 3 s, however long its song takes to be looked up."""

import asyncio
from typing import Any, cast
from unittest.mock import AsyncMock, Mock

import discord
import pytest

from bot.chat.discord.routing import serve
from bot.chat.discord.unfinished import Unfinished
from bot.chat.shown.custom_ids import JOB, JOB_MENU, CustomId
from bot.chat.shown.result.videos import Videos
from bot.jobs.model import new_job_id
from cogs import _again
from cogs.controls import ROUTES

CONTROLS = [
    (subject, action)
    for (subject, action), handler in ROUTES.items()
    # Another try is kept before it is acknowledged: Discord fixes then who sees its answer.
    if subject in {JOB, JOB_MENU} and handler.__module__ != _again.__name__
]


async def _never(*_: object) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(("subject", "action"), CONTROLS)
async def test_it_is_acknowledged_while_the_database_answers_nothing(
    subject: str, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs._songs._HINT_SECONDS", 0.0)
    acknowledged = asyncio.Event()

    async def acknowledge(*_: object, **_options: object) -> None:
        acknowledged.set()

    response = Mock(is_done=lambda: False)
    for way in ("defer", "send_modal", "send_message"):
        setattr(response, way, AsyncMock(side_effect=acknowledge))
    values = ["csv" if action == "more" else "0"]
    interaction = Mock(
        type=discord.InteractionType.component,
        data={"custom_id": str(CustomId(subject, action, job_id=new_job_id())), "values": values},
        response=response,
        locale="en-GB",
    )
    unfinished = Unfinished(Mock(), Mock(), Mock(), Mock())
    bot = Mock(desk=Mock(job=_never), library=Mock(videos=Videos(seconds=30)), unfinished=unfinished)
    serving = asyncio.create_task(serve(bot, cast("Any", interaction), ROUTES))
    try:
        async with asyncio.timeout(5):
            await acknowledged.wait()
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
