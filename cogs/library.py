"""`/midis`: the songs that a person had transcribed, to be had again."""

import re
from typing import Any, Self

import discord
from discord import app_commands
from discord.ext import commands
from msgspec.structs import replace

from bot.chat.asked.asker import asker_of
from bot.chat.discord.client import Pianola, errors_told
from bot.chat.shown import song_list
from bot.errors import SongGoneError
from bot.jobs.model import Job, State
from bot.language import language_of
from cogs._songs import post


class Library(commands.Cog):
    """Songs that are kept."""

    def __init__(self, bot: Pianola) -> None:
        self.bot = bot

    @app_commands.command(name="midis", description="Your songs: get one again, or delete it")
    @app_commands.describe(song="Only this one: choose it, or type words of its title")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def midis(
        self, interaction: discord.Interaction, song: app_commands.Range[str, 1, 100] | None = None
    ) -> None:
        """Post one song again, made anew from its notes; without one, list them all for who asks."""
        if song is not None:
            await _open(self.bot, interaction, await _wanted(self.bot, interaction.user.id, song))
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        await _show_page(self.bot, interaction, 0)

    @midis.autocomplete("song")
    async def _songs(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        say = language_of(str(interaction.locale))
        return [
            app_commands.Choice(name=song_list.offer(job.title, job.created_at, say), value=job.id)
            for job in await self.bot.kept_songs.search(interaction.user.id, typed)
        ]


class ListButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=song_list.LIST_ID):
    """A button of the list, as it is pressed."""

    def __init__(self, match: re.Match[str]) -> None:
        super().__init__(discord.ui.Button(custom_id=match.string))
        self.action, self.page, self.job_id = match["action"], int(match["page"]), match["job"] or ""

    @classmethod
    async def from_custom_id(
        cls,
        _interaction: discord.Interaction[Any],
        _item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """Called by discord.py for a press of a message's button."""
        return cls(match)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Turn to a page, or delete a song and go back to its page."""
        async with errors_told(interaction):
            await interaction.response.defer()
            bot = interaction.client
            if self.action == "erase" and (
                job := await bot.kept_songs.song(interaction.user.id, self.job_id)
            ):
                await bot.desk.delete(job)
            await _show_page(bot, interaction, self.page)


class ListMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=song_list.LIST_MENU_ID):
    """A menu of the list, as a song is chosen."""

    def __init__(self, menu: discord.ui.Select[Any], match: re.Match[str]) -> None:
        super().__init__(menu)
        self.action, self.page = match["action"], int(match["page"])

    @classmethod
    async def from_custom_id(
        cls,
        _interaction: discord.Interaction[Any],
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """Called by discord.py for a choice in a message's menu."""
        if not isinstance(item, discord.ui.Select):
            raise TypeError(f"{match.string} is no menu")
        return cls(item, match)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Open a song here, or ask whether it is to be deleted."""
        async with errors_told(interaction):
            bot = interaction.client
            job = await bot.kept_songs.song(interaction.user.id, self.item.values[0])
            if job is None:
                raise SongGoneError
            if self.action == "open":
                await _open(bot, interaction, job)
                return
            sheet = song_list.question(job, self.page, language_of(str(interaction.locale)))
            await interaction.response.edit_message(embed=sheet.embed, view=sheet.view)


async def _wanted(bot: Pianola, user_id: int, typed: str) -> Job:
    """The song that was chosen, or of those whose titles hold what was typed the newest.

    Raises:
        SongGoneError: there is none such among those of this person.
    """
    if job := await bot.kept_songs.song(user_id, typed):
        return job
    for job in await bot.kept_songs.search(user_id, typed):
        return job
    raise SongGoneError


async def _open(bot: Pianola, interaction: discord.Interaction[Any], job: Job) -> None:
    """Post a song again, for all who are here; one that was asked for in private stays so."""
    rules = await bot.desk.manners(asker_of(interaction))
    is_private = rules.is_private or job.reply.is_private
    await interaction.response.defer(ephemeral=is_private, thinking=True)
    # As it is here and now, not as it was where it was made.
    reply = replace(job.reply, file_limit=interaction.filesize_limit)
    shown = replace(job, reply=reply, has_preview=rules.has_preview, undelivered=0)
    card = await bot.library.open(shown, language_of(str(interaction.locale)))
    message_id = await post(interaction, card)
    # A result that is still on its way must not be taken for delivered.
    if job.message_id is None and job.state is State.DONE:
        await bot.desk.delivered(job, message_id)


async def _show_page(bot: Pianola, interaction: discord.Interaction[Any], number: int) -> None:
    """Show a page of the list in the answer that is deferred already."""
    page = await bot.kept_songs.page(interaction.user.id, number)
    sheet = song_list.listed(page, bot.kept_songs, language_of(str(interaction.locale)))
    await interaction.edit_original_response(embed=sheet.embed, view=sheet.view)


async def setup(bot: Pianola) -> None:
    """Called by discord.py when the cogs are loaded."""
    bot.add_dynamic_items(ListButton, ListMenu)
    await bot.add_cog(Library(bot))


async def teardown(bot: Pianola) -> None:
    """Called by discord.py when the cogs are taken out."""
    bot.remove_dynamic_items(ListButton, ListMenu)
