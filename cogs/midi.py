"""`/midi`, and "Apps > Make MIDI" on a message: options in, a job opened, and the interaction acknowledged."""

from collections.abc import Sequence

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.asked.interactions import (
    address_part,
    attachment_part,
    seen,
    task_part,
)
from bot.chat.asked.messages import song_in
from bot.chat.asked.opening import open_job
from bot.chat.discord.client import Pianola, offered
from bot.chat.shown.result.key_and_part import LONGEST_TIME, read_times
from bot.chat.shown.song_list import offer
from bot.errors import NothingGivenError, TooMuchGivenError
from bot.jobs.naming import song_title
from bot.jobs.song_part import SongPart
from bot.kie.separation import INSTRUMENTS, STEMS, Separation, plain
from bot.language import language_of, text
from bot.music.view.view import View

_LONGEST_ID = 100
"""Discord's limit for what a line of an autocompletion stands for."""

_SEPARATIONS = [
    app_commands.Choice(name=name, value=kind.value)
    for name, kind in (
        (text("two stems: vocals and the rest"), Separation.TWO_STEMS),
        (text("all stems: drums, bass, guitar …"), Separation.ALL_STEMS),
        (text("one instrument, named as stem"), Separation.ONE_INSTRUMENT),
    )
]

_MOST_OFFERED = 25
"""Discord's limit for autocomplete."""


class Midi(commands.Cog):
    """Takes songs in."""

    def __init__(self, bot: Pianola) -> None:
        self.bot = bot
        self._menu = app_commands.ContextMenu(
            name="Make MIDI",
            callback=self.make_midi,
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=True
            ),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        )

    async def cog_load(self) -> None:
        """Cogs take no context menus by themselves."""
        self.bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take the menu back."""
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command(name="midi", description="Turn a song into MIDI")
    @app_commands.describe(
        song="An audio file (wav, flac, mp3, ogg, m4a …), or a .mid to look at and listen to",
        url="A direct link to an audio file",
        task_id="The id of a kie.ai task: a finished separation, or a piece of music",
        stem="Only this stem of the separation; or what your song is, such as bass",
        separation="How the song is separated",
        start="Only from this time on, such as 1:05",
        end="Only up to this time, such as 2:10",
        private="Only you see the answer",
    )
    @app_commands.rename(start="from", end="to")
    @app_commands.choices(separation=_SEPARATIONS)
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def midi(
        self,
        interaction: discord.Interaction,
        *,
        song: discord.Attachment | None = None,
        url: app_commands.Range[str, 1, 2000] | None = None,
        task_id: app_commands.Range[str, 1, _LONGEST_ID] | None = None,
        stem: app_commands.Range[str, 1, 100] | None = None,
        separation: app_commands.Choice[str] | None = None,
        start: app_commands.Range[str, 1, LONGEST_TIME] | None = None,
        end: app_commands.Range[str, 1, LONGEST_TIME] | None = None,
        private: bool = False,
    ) -> None:
        """Take one song."""
        view = View(0, *read_times(start, end))
        url, task_id, stem = seen(url), seen(task_id), seen(stem)
        given = [way for way in (song, url, task_id) if way]
        if not given:
            raise NothingGivenError
        if len(given) > 1:
            raise TooMuchGivenError
        if song:
            part = attachment_part(song, self.bot.max_song_mb)
        elif url:
            part = address_part(url)
        else:
            part = task_part(task_id or "", self.bot.clock())
        known = await self.bot.kept_songs.separation(interaction.user.id, task_id) if task_id else None
        await self._open(
            interaction,
            [part],
            title=known.title if known else None,
            stem=stem,
            separation_type=Separation(separation.value) if separation else None,
            is_private=private,
            view=None if view.is_usual else view,
        )

    @midi.autocomplete("task_id")
    async def _separations(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        say = language_of(str(interaction.locale))
        return [
            app_commands.Choice(name=offer(found.title, found.used_at, say), value=found.id)
            for found in await offered(self.bot.kept_songs.separations(interaction.user.id, typed))
            if len(found.id) <= _LONGEST_ID
        ]

    @midi.autocomplete("stem")
    async def _stems(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        takes_one_out = interaction.namespace.separation == Separation.ONE_INSTRUMENT
        wanted = plain(typed)
        names = [name for name in (INSTRUMENTS if takes_one_out else STEMS) if wanted in plain(name)]
        return [app_commands.Choice(name=name, value=name) for name in names[:_MOST_OFFERED]]

    async def make_midi(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Take the audio files of a message, several being the stems of one song; or a song that it links to."""
        found = song_in(message, self.bot.max_song_mb, is_own=message.author == self.bot.user)
        # What nobody else was to see is not shown to others by asking once more.
        is_private = message.flags.ephemeral
        await self._open(interaction, found.parts, passed_over=found.passed_over, is_private=is_private)

    async def _open(
        self,
        interaction: discord.Interaction,
        parts: Sequence[SongPart],
        *,
        title: str | None = None,
        stem: str | None = None,
        separation_type: Separation | None = None,
        is_private: bool = False,
        passed_over: Sequence[str] = (),
        view: View | None = None,
    ) -> None:
        await open_job(
            self.bot.desk,
            self.bot.clock,
            interaction,
            title=title or song_title([part.name for part in parts]),
            parts=parts,
            stem=stem,
            separation_type=separation_type,
            is_private=is_private,
            passed_over=passed_over,
            view=view,
        )


async def setup(bot: Pianola) -> None:
    """Called by discord.py when the cog is loaded."""
    await bot.add_cog(Midi(bot))
