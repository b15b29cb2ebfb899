"""`/pianola owner`: for who runs the bot. Discord can hide whole commands only, so others see it and are told."""

from typing import Any

import discord
from discord import app_commands

from bot.chat.discord.client import Pianola, tell
from bot.chat.shown.pianola import owner
from bot.errors import NothingToRetryError, OwnersOnlyError
from bot.jobs.model import State
from bot.language import Language, language_of

_Asked = discord.Interaction[Pianola]

_Id = app_commands.Range[str, 4, 32]
"""Eight signs stand under a failed song; all of them are 20."""

_Sentence = app_commands.Range[str, 1, 300]
"""It is read beneath something else."""


class Owner(app_commands.Group):
    """Answers for the eyes of who asks, if they own the application or are in its team."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Called by discord.py before each command of the group."""
        if interaction.client.belongs_to(interaction.user.id):
            return True
        await tell(interaction, OwnersOnlyError())
        return False

    @app_commands.command(name="today", description="The last 24 hours in numbers")
    async def today(self, interaction: _Asked) -> None:
        """Count."""
        bot, say = interaction.client, await _begun(interaction)
        day, studio = await bot.watch.day(), await bot.watch.studio()
        _, servers = await bot.reach()
        card = owner.today(day, studio, servers, say)
        await interaction.edit_original_response(embed=card)

    @app_commands.command(name="job", description="How a song is, and why")
    @app_commands.describe(job_id="What stands after # under a failed song, or after job= in the log")
    @app_commands.rename(job_id="id")
    async def job(self, interaction: _Asked, job_id: _Id) -> None:
        """Show one."""
        say = await _begun(interaction)
        job = await interaction.client.desk.named(job_id)
        await interaction.edit_original_response(embed=owner.job_card(job, say))

    @app_commands.command(name="retry", description="Try a failed song once more, or look at one in progress")
    @app_commands.describe(job_id="What stands after # under a failed song, or after job= in the log")
    @app_commands.rename(job_id="id")
    async def retry(self, interaction: _Asked, job_id: _Id) -> None:
        """Let a failed one begin anew for who asked for it; wake one that seems stuck."""
        bot, say = interaction.client, await _begun(interaction)
        job = await bot.desk.named(job_id)
        if not job.state.is_final:
            await bot.desk.look(job)
            await _answer(interaction, say("That song is in progress. I'm looking at it now."))
            return
        if job.state is not State.FAILED:
            raise NothingToRetryError
        parts = await bot.another_try.parts(job, job.reply.user_id)
        again = await bot.desk.retry(job, parts, interaction.id, here=bot.another_try.is_here(job))
        if again is not None:
            told = say(
                "I'm trying it again, as {id}. Who asked for it gets the answer as a new message.",
                id=f"`{again.id}`",
            )
            await _answer(interaction, told)

    @app_commands.command(
        name="pause", description="Take no new songs for now; those in progress are finished"
    )
    @app_commands.describe(text="What people are told instead")
    async def pause(self, interaction: _Asked, text: _Sentence) -> None:
        """Take no songs in, in any process, until it is resumed."""
        say = await _begun(interaction)
        await interaction.client.notices.pause(text)
        told = say(
            "I take no new songs until `/pianola owner resume`. Whoever sends one is told: {text}", text=text
        )
        await _answer(interaction, told)

    @app_commands.command(name="resume", description="Take new songs again")
    async def resume(self, interaction: _Asked) -> None:
        """End the pause."""
        say = await _begun(interaction)
        was_paused = await interaction.client.notices.resume()
        told = say("I'm taking songs again.") if was_paused else say("I wasn't paused. I'm taking songs.")
        await _answer(interaction, told)

    @app_commands.command(name="announce", description="Tell everybody something once, for a week")
    @app_commands.describe(text="One or two sentences. Empty: stop telling")
    async def announce(self, interaction: _Asked, text: _Sentence | None = None) -> None:
        """Put a sentence beneath each person's next answer, and into the status."""
        say = await _begun(interaction)
        await interaction.client.notices.announce(text)
        told = (
            say("For a week, each person sees this once under their next command, and in `/pianola status`.")
            if text
            else say("Nothing is announced any more.")
        )
        await _answer(interaction, told)


async def _begun(interaction: _Asked) -> Language:
    """The language of an answer that may take longer than 3 s."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    return language_of(str(interaction.locale))


async def _answer(interaction: _Asked, told: str) -> None:
    await interaction.edit_original_response(content=told)
