"""The buttons under an answer: cancel, try again."""

import re
from typing import Any, Self

import discord

from bot.chat import cards
from bot.chat.client import Pianola, tell
from bot.chat.opening import open_job
from bot.chat.views import CUSTOM_ID
from bot.errors import NotYoursError, PianolaError, SongGoneError, TooLateError
from bot.jobs.model import Job


class JobButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=CUSTOM_ID):
    """Any of our buttons, as it is pressed."""

    def __init__(self, action: str, job_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"pianola:{action}:{job_id}"))
        self.action = action
        self.job_id = job_id

    @classmethod
    async def from_custom_id(
        cls,
        _interaction: discord.Interaction[Any],
        _item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """Called by discord.py for a press of a message's button."""
        return cls(match["action"], match["job"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button says."""
        bot: Pianola = interaction.client
        try:
            job = await bot.desk.job(self.job_id)
            if job is None:
                raise SongGoneError
            if self.action == "cancel":
                await _cancel(bot, interaction, job)
            elif self.action == "again":
                await _again(bot, interaction, job)
        except PianolaError as error:
            await tell(interaction, error)


async def _cancel(bot: Pianola, interaction: discord.Interaction[Any], job: Job) -> None:
    if interaction.user.id != job.reply.user_id and not interaction.permissions.manage_messages:
        raise NotYoursError
    if not await bot.desk.cancel(job.id):
        raise TooLateError
    card = cards.cancelled(job)
    await interaction.response.edit_message(content=None, embeds=list(card.embeds), attachments=[], view=None)


async def _again(bot: Pianola, interaction: discord.Interaction[Any], job: Job) -> None:
    parts = bot.desk.parts_again(job)
    await open_job(bot.desk, bot.clock, interaction, title=job.title, parts=parts, stem=job.stem)


async def setup(bot: Pianola) -> None:
    """Called by discord.py when the cog is loaded."""
    bot.add_dynamic_items(JobButton)


async def teardown(bot: Pianola) -> None:
    """Called by discord.py when the cog is taken out."""
    bot.remove_dynamic_items(JobButton)
