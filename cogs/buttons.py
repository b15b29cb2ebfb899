"""What is pressed, chosen and submitted under an answer."""

import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Self, TypeAlias, TypeVar

import discord
from discord.ext import commands

from bot.chat.discord.client import Pianola, errors_told
from bot.chat.shown import cards, copies, modals
from bot.chat.shown.views import CUSTOM_ID, MENU_ID, MODAL_ID
from bot.errors import NotYoursError, PianolaError, TooLateError
from cogs._again import again, all_stems, another_stem, here, two_stems
from cogs._answers import choose_track, go_on
from cogs._songs import ask, delete, give, give_stems, kept, may_manage

Action: TypeAlias = Callable[[Pianola, discord.Interaction[Any], str], Awaitable[None]]

Choose: TypeAlias = Callable[[Pianola, discord.Interaction[Any], str, int], Awaitable[None]]
"""An action with the place of what was chosen, counted from 0."""

_Action = TypeVar("_Action", Action, Choose)


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
        async with errors_told(interaction):
            await _named(_BUTTONS, self.action)(interaction.client, interaction, self.job_id)


class JobMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=MENU_ID):
    """Any of our menus, as something is chosen in it."""

    def __init__(self, menu: discord.ui.Select[Any], action: str, job_id: str) -> None:
        super().__init__(menu)
        self.action = action
        self.job_id = job_id

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
        return cls(item, match["action"], match["job"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what was chosen."""
        async with errors_told(interaction):
            choose = _named(_MENUS, self.action)
            await choose(interaction.client, interaction, self.job_id, int(self.item.values[0]))


class Modals(commands.Cog):
    """Takes submitted modals by their custom id."""

    def __init__(self, bot: Pianola) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Called by discord.py for every interaction."""
        data: dict[str, Any] = dict(interaction.data or {})
        match = re.fullmatch(MODAL_ID, data.get("custom_id", ""))
        if interaction.type is not discord.InteractionType.modal_submit or match is None:
            return
        async with errors_told(interaction):
            await _named(_MODALS, match["action"])(self.bot, interaction, match["job"])


async def _cancel(bot: Pianola, interaction: discord.Interaction[Any], job_id: str) -> None:
    job = await kept(bot, job_id)
    if not may_manage(interaction, job):
        raise NotYoursError
    if not await bot.desk.cancel(job.id):
        raise TooLateError
    card = cards.cancelled(job)
    await interaction.response.edit_message(content=None, embeds=list(card.embeds), attachments=[], view=None)


async def _instrument(bot: Pianola, interaction: discord.Interaction[Any], job_id: str, place: int) -> None:
    await give(bot, interaction, job_id, partial(copies.instrument, place=place))


async def _zip(bot: Pianola, interaction: discord.Interaction[Any], job_id: str) -> None:
    await give(bot, interaction, job_id, copies.instruments)


async def _csv(bot: Pianola, interaction: discord.Interaction[Any], job_id: str) -> None:
    await give(bot, interaction, job_id, copies.table)


async def _ask_quantise(bot: Pianola, interaction: discord.Interaction[Any], job_id: str) -> None:
    await ask(bot, interaction, job_id, modals.quantise)


async def _ask_tempo(bot: Pianola, interaction: discord.Interaction[Any], job_id: str) -> None:
    await ask(bot, interaction, job_id, modals.tempo)


async def _quantised(bot: Pianola, interaction: discord.Interaction[Any], job_id: str) -> None:
    given = modals.answers(interaction)
    typed = given.get("bpm", "").strip()
    make = partial(
        copies.on_grid,
        grid=modals.read_grid(given.get("grid", "")),
        strength=modals.read_strength(given.get("strength", "")),
        bpm=modals.read_bpm(typed) if typed else None,
    )
    await give(bot, interaction, job_id, make)


async def _at_tempo(bot: Pianola, interaction: discord.Interaction[Any], job_id: str) -> None:
    bpm = modals.read_bpm(modals.answers(interaction).get("bpm", ""))
    await give(bot, interaction, job_id, partial(copies.at_tempo, bpm=bpm))


_BUTTONS: dict[str, Action] = {
    "cancel": _cancel,
    "go": go_on,
    "again": again,
    "allstems": all_stems,
    "here": here,
    "twostems": two_stems,
    "zip": _zip,
    "quantise": _ask_quantise,
    "tempo": _ask_tempo,
    "csv": _csv,
    "stems": give_stems,
    "delete": delete,
}

_MENUS: dict[str, Choose] = {
    "instrument": _instrument,
    "stem": another_stem,
    "track": choose_track,
}

_MODALS: dict[str, Action] = {"quantise": _quantised, "tempo": _at_tempo}


def _named(actions: dict[str, _Action], name: str) -> _Action:
    """The action of that name; a message of another version may know others."""
    if name not in actions:
        raise PianolaError(f"no action {name}")
    return actions[name]


async def setup(bot: Pianola) -> None:
    """Called by discord.py when the cog is loaded."""
    bot.add_dynamic_items(JobButton, JobMenu)
    await bot.add_cog(Modals(bot))


async def teardown(bot: Pianola) -> None:
    """Called by discord.py when the cog is taken out."""
    bot.remove_dynamic_items(JobButton, JobMenu)
