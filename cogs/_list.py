"""The list of somebody's songs: turned, and a song of it opened or deleted."""

from msgspec.structs import replace

from bot.chat.asked.asker import asker_of
from bot.chat.discord.client import Pianola
from bot.chat.discord.routing import Interaction, Pressed
from bot.chat.shown import song_list
from bot.errors import SongGoneError
from bot.jobs.model import Job, State
from bot.language import language_of
from cogs._songs import post


async def turn(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Show another page."""
    await interaction.response.defer()
    await show_page(bot, interaction, pressed.page)


async def erase(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Delete a song, and go back to its page."""
    await interaction.response.defer()
    if job := await bot.kept_songs.song(interaction.user.id, pressed.job_id):
        await bot.desk.delete(job)
    await show_page(bot, interaction, pressed.page)


async def open_chosen(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Post the song that was chosen."""
    await open_song(bot, interaction, await _chosen(bot, interaction, pressed))


async def ask_to_erase(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Ask whether the song that was chosen is to be deleted."""
    job = await _chosen(bot, interaction, pressed)
    sheet = song_list.question(job, pressed.page, language_of(str(interaction.locale)))
    await interaction.response.edit_message(embed=sheet.embed, view=sheet.view)


async def _chosen(bot: Pianola, interaction: Interaction, pressed: Pressed) -> Job:
    job = await bot.kept_songs.song(interaction.user.id, pressed.values[0])
    if job is None:
        raise SongGoneError
    return job


async def open_song(bot: Pianola, interaction: Interaction, job: Job) -> None:
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


async def show_page(bot: Pianola, interaction: Interaction, number: int) -> None:
    """Show a page of the list in the answer that is deferred already."""
    page = await bot.kept_songs.page(interaction.user.id, number)
    sheet = song_list.listed(page, bot.kept_songs, language_of(str(interaction.locale)))
    await interaction.edit_original_response(embed=sheet.embed, view=sheet.view)
