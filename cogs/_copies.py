"""A finished song in other forms, for whoever pressed."""

from collections.abc import Callable
from functools import partial

import discord

from bot.chat.discord.client import Pianola
from bot.chat.discord.refusals import is_too_large
from bot.chat.discord.routing import Interaction, Pressed
from bot.chat.shown import modals
from bot.chat.shown.cards import Card, CardFile
from bot.chat.shown.controls import Control
from bot.chat.shown.escaping import as_text
from bot.chat.shown.result import chord_sheet, copies, listening
from bot.chat.shown.result.actions import instruments
from bot.chat.shown.views import view_of
from bot.errors import CopyTooLargeError
from bot.language import Language, language_of
from cogs._songs import in_time, kept, post, presser


async def instrument(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """The file of one instrument, by its place in the menu, with buttons to listen where there is more than that."""
    make = partial(copies.instrument, place=pressed.place)
    await _give(bot, interaction, pressed.job_id, make, place=pressed.place)


async def offer_instruments(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Show whoever pressed which instruments there are to be had."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    job, say = await kept(bot, interaction, pressed.job_id), language_of(str(interaction.locale))
    make = partial(instruments, can_be_heard=await bot.library.can_be_heard(job))
    await post(interaction, await bot.library.made(job, make, say, wanted_by=presser(interaction)))


async def listen(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Let whoever pressed listen to one instrument, or to all others; its place is that of the button.

    Raises:
        SongGoneError: the song is kept no more, or has no such instrument.
        PreviewError: there is nothing to hear in it, or no way to make it heard.
    """
    await interaction.response.defer(ephemeral=True, thinking=True)
    choice = listening.Choice(pressed.page, pressed.action)
    job, say = await kept(bot, interaction, pressed.job_id), language_of(str(interaction.locale))
    song, heard = await bot.library.heard(
        job, choice.of, wanted_by=presser(interaction), most_bytes=interaction.filesize_limit
    )
    await send(interaction, listening.file_of(job, song, heard, choice, say))


async def beside(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Let whoever pressed hear the recording left and the notes right.

    Raises:
        SongGoneError: the song is kept no more.
        SoundGoneError: its recording is not.
        PreviewError: there is no way to make it heard.
    """
    await interaction.response.defer(ephemeral=True, thinking=True)
    job, say = await kept(bot, interaction, pressed.job_id), language_of(str(interaction.locale))
    song, heard = await bot.library.beside(
        job, wanted_by=presser(interaction), most_bytes=interaction.filesize_limit
    )
    await send(interaction, listening.comparison(job, song, heard, say))


async def all_as_zip(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """A file for each instrument."""
    await _give(bot, interaction, pressed.job_id, copies.instruments)


async def csv(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """The notes as a table."""
    await _give(bot, interaction, pressed.job_id, copies.table)


async def chords(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """The chords by bars, as text."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    job, say = await kept(bot, interaction, pressed.job_id), language_of(str(interaction.locale))
    sheet = await bot.library.made(job, chord_sheet.chord_sheet, say, wanted_by=presser(interaction))
    await post(interaction, sheet)


async def ask_quantise(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Ask for a grid."""
    await _ask(bot, interaction, pressed.job_id, modals.quantise, copies.own_tempo)


async def quantised(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """A copy on the grid that was asked for."""
    given = modals.answers(interaction)
    typed = given.get("bpm", "").strip()
    make = partial(
        copies.on_grid,
        grid=modals.read_grid(given.get("grid", "")),
        strength=modals.read_strength(given.get("strength", "")),
        bpm=modals.read_bpm(typed) if typed else None,
    )
    await _give(bot, interaction, pressed.job_id, make)


async def ask_tempo(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Ask for a tempo."""
    await _ask(bot, interaction, pressed.job_id, modals.tempo, copies.likely_tempo)


async def at_tempo(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """A copy at the tempo that was asked for."""
    bpm = modals.read_bpm(modals.answers(interaction).get("bpm", ""))
    await _give(bot, interaction, pressed.job_id, partial(copies.at_tempo, bpm=bpm))


async def _give(
    bot: Pianola, interaction: Interaction, job_id: str, make: copies.Make, *, place: int | None = None
) -> None:
    """Send whoever pressed a copy, for their eyes only: a channel is not flooded. `place` is that of its instrument.

    Raises:
        SongGoneError: the song is kept no more.
        CopyTooLargeError: the file may not be sent here.
    """
    # Before anything is looked up: a long song takes longer than the 3 s that there are.
    await interaction.response.defer(ephemeral=True, thinking=True)
    job, say = await kept(bot, interaction, job_id), language_of(str(interaction.locale))
    file = await bot.library.made(job, make, say, wanted_by=presser(interaction))
    controls: tuple[Control, ...] = ()
    if place is not None and job.instruments != 1 and await bot.library.can_be_heard(job):
        controls = listening.listening(job, place)
    await send(interaction, file, view_of(Card(controls=controls, say=say)))


async def send(interaction: Interaction, file: CardFile, view: discord.ui.View | None = None) -> None:
    """Send a file as the answer that was deferred.

    Raises:
        CopyTooLargeError: the file may not be sent here.
    """
    limit = interaction.filesize_limit
    too_large = CopyTooLargeError(name=file.name, limit_mb=limit // 1024**2)
    if len(file.data) > limit:
        raise too_large
    try:
        # An instrument is called as whoever made a MIDI file pleased: nothing of it is to be drawn or followed.
        told = as_text(file.description)
        await interaction.followup.send(
            told,
            file=file.to_discord(),
            ephemeral=True,
            suppress_embeds=True,
            view=view or discord.utils.MISSING,
        )
    except discord.HTTPException as error:
        if not is_too_large(error):
            raise
        raise too_large from error


async def audio_stems(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Send whoever pressed the audio of the stems, for their eyes only.

    Raises:
        SongGoneError: the song is kept no more.
        StemsGoneError: its stems are.
    """
    await interaction.response.defer(ephemeral=True, thinking=True)
    job, say = await kept(bot, interaction, pressed.job_id), language_of(str(interaction.locale))
    audio = await bot.stem_library.audio(job, interaction.filesize_limit, say, wanted_by=presser(interaction))
    try:
        files = [file.to_discord() for file in audio.files]
        await interaction.followup.send(audio.text, files=files, ephemeral=True)
    except discord.HTTPException as error:
        if not is_too_large(error):
            raise
        await interaction.followup.send(bot.stem_library.links(job, say), ephemeral=True)


async def _ask(
    bot: Pianola,
    interaction: Interaction,
    job_id: str,
    modal: Callable[[str, float | None, Language], discord.ui.Modal],
    likely: copies.Likely,
) -> None:
    """Open a modal with the song's own tempo filled in, where it is found in time.

    Raises:
        SongGoneError: the song is kept no more.
    """
    bpm, say = None, language_of(str(interaction.locale))
    async with in_time():
        job = await kept(bot, interaction, job_id)
        bpm = await bot.library.made(job, likely, say, wanted_by=presser(interaction))
    await interaction.response.send_modal(modal(job_id, bpm, say))
