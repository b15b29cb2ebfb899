"""Sheet music of a finished song, for whoever pressed."""

from functools import partial

import structlog

from bot.chat.discord.client import Pianola
from bot.chat.discord.routing import Interaction, Pressed
from bot.chat.shown.result import sheets
from bot.errors import OldControlError
from bot.jobs.model import Job
from bot.language import language_of
from bot.score.engraving import Form
from bot.score.errors import SheetError
from cogs._copies import send
from cogs._songs import kept, post, presser

log = structlog.get_logger(__name__)


async def first_page(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """The first page of all instruments, for their eyes only."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    await _show(bot, interaction, pressed.job_id, sheets.ALL)


async def of_instrument(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """The first page of what was chosen, in the place of the one before."""
    await interaction.response.defer()
    await _show(bot, interaction, pressed.job_id, pressed.place)


async def pdf(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """All pages, to print."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    job, sheet = await _sheet(bot, interaction, pressed.job_id, pressed.page)
    pages = await bot.library.engraved(job, sheet.musicxml, Form.PDF, wanted_by=presser(interaction))
    await send(interaction, sheet.file("pdf", pages))


async def musicxml(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """What notation programs open."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    _, sheet = await _sheet(bot, interaction, pressed.job_id, pressed.page)
    await send(interaction, sheet.file("musicxml", sheet.musicxml.encode()))


async def guitar_pro(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """What guitarists' programs open, of a guitar or bass.

    Raises:
        OldControlError: meanwhile its asker said that it is another instrument.
    """
    await interaction.response.defer(ephemeral=True, thinking=True)
    _, sheet = await _sheet(bot, interaction, pressed.job_id, pressed.page)
    if not sheet.score.is_for_strings:
        raise OldControlError(f"instrument {pressed.page} has no strings")
    gp5 = await bot.library.guitar_pro(sheet.score, wanted_by=presser(interaction))
    await send(interaction, sheet.for_guitar_pro(gp5))


async def _show(bot: Pianola, interaction: Interaction, job_id: str, number: int) -> None:
    job, sheet = await _sheet(bot, interaction, job_id, number)
    try:
        page = await bot.library.engraved(job, sheet.musicxml, Form.PICTURE, wanted_by=presser(interaction))
    except SheetError as error:
        log.warning("sheet.not_drawn", job=job_id, error=error.detail)
        await post(interaction, sheet.without_picture(error))
    else:
        await post(interaction, sheet.with_picture(page))


async def _sheet(
    bot: Pianola, interaction: Interaction, job_id: str, number: int
) -> tuple[Job, sheets.Sheet]:
    job, say = await kept(bot, interaction, job_id), language_of(str(interaction.locale))
    make = partial(sheets.sheet, number=number)
    return job, await bot.library.made(job, make, say, wanted_by=presser(interaction))
