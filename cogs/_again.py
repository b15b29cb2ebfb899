"""Another try of a song: the same, another stem of it, or taken apart in another way."""

from collections.abc import Sequence

from msgspec.structs import replace

from bot.chat.asked.opening import open_job
from bot.chat.discord.client import Pianola
from bot.chat.discord.routing import Interaction, Pressed
from bot.chat.shown.rescues import TYPES, other_stems
from bot.errors import SongGoneError
from bot.jobs.model import Job
from bot.jobs.song_part import SongPart
from bot.kie.separation import Separation
from cogs._songs import kept


async def again(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """The same once more, with all that was paid for."""
    job = await kept(bot, interaction, pressed.job_id)
    is_here = bot.another_try.is_here(job)
    await _open(
        bot,
        interaction,
        job,
        await bot.another_try.parts(job, interaction.user.id),
        stem=None if is_here else job.stem,
        kind=None if is_here else job.separation_type,
        is_here=is_here,
    )


async def another_stem(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Another stem of the same separation, by its place in the menu; of a song of several files, that file's alone."""
    job = await kept(bot, interaction, pressed.job_id)
    parts = await bot.another_try.parts(job, interaction.user.id)
    others = other_stems(parts)
    if not 0 <= pressed.place < len(others):
        raise SongGoneError
    number, chosen = others[pressed.place]
    parts = [replace(parts[number], audio_id=chosen.id if chosen else None)]
    made = job.separation_type
    # One instrument goes by a stem's name, which would be chosen once more.
    kind = None if made is Separation.ONE_INSTRUMENT else made
    await _open(bot, interaction, job, parts, kind=kind)


async def all_stems(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """All stems, each of its own."""
    await _separate(bot, interaction, pressed, TYPES["allstems"])


async def two_stems(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Vocals and the rest."""
    await _separate(bot, interaction, pressed, TYPES["twostems"])


async def here(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """The same, by the built-in studio."""
    job = await kept(bot, interaction, pressed.job_id)
    await _open(bot, interaction, job, bot.another_try.parts_here(job), is_here=True)


async def _separate(bot: Pianola, interaction: Interaction, pressed: Pressed, kind: Separation) -> None:
    job = await kept(bot, interaction, pressed.job_id)
    parts = await bot.another_try.parts_anew(job, kind, interaction.user.id)
    await _open(bot, interaction, job, parts, kind=kind)


async def _open(
    bot: Pianola,
    interaction: Interaction,
    job: Job,
    parts: Sequence[SongPart],
    *,
    stem: str | None = None,
    kind: Separation | None = None,
    is_here: bool = False,
) -> None:
    await open_job(
        bot.desk,
        bot.clock,
        interaction,
        title=job.title,
        parts=parts,
        stem=stem,
        separation_type=kind,
        here=is_here,
        is_private=job.reply.is_private,
        passed_over=job.passed_over,
        view=job.view,
    )
