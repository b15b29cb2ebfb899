"""From what was pressed, chosen or submitted to the function that serves it, by the custom id alone.

discord.py keeps views and modals in memory and forgets them with the process; a custom id stays as long as its message.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

import discord
import msgspec

from bot.chat.discord.client import Pianola, errors_told, note_asker
from bot.chat.shown.custom_ids import CustomId, read
from bot.errors import OldControlError

Interaction: TypeAlias = discord.Interaction[Any]

_ASKED = {discord.InteractionType.component, discord.InteractionType.modal_submit}


class Pressed(msgspec.Struct, frozen=True):
    """A control as it was used: what its custom id says, and in a menu the values of what was chosen."""

    action: str
    job_id: str
    page: int
    values: tuple[str, ...] = ()

    @property
    def place(self) -> int:
        """The place of what was chosen, counted from 0, where a menu's values are places."""
        return int(self.values[0])


Handler: TypeAlias = Callable[[Pianola, Interaction, Pressed], Awaitable[None]]

Routes: TypeAlias = Mapping[tuple[str, str], Handler]
"""Handlers by subject and action."""


async def serve(bot: Pianola, interaction: Interaction, routes: Routes) -> None:
    """Let the one that is meant serve an interaction; what goes wrong is told. Other bots' and commands' are not ours."""
    if interaction.type not in _ASKED:
        return
    data: dict[str, Any] = dict(interaction.data or {})
    custom_id = read(str(data.get("custom_id", "")))
    if custom_id is None:
        return
    note_asker(interaction, **({"job": custom_id.job_id} if custom_id.job_id else {}))
    async with errors_told(interaction), bot.unfinished.serving(interaction, custom_id.job_id):
        await _handler(routes, custom_id)(bot, interaction, _pressed(custom_id, data))


def _handler(routes: Routes, custom_id: CustomId) -> Handler:
    """Raises OldControlError for a control that another version made and this one does not know."""
    try:
        return routes[custom_id.subject, custom_id.action]
    except KeyError:
        raise OldControlError(f"no route for {custom_id.subject}:{custom_id.action}") from None


def _pressed(custom_id: CustomId, data: Mapping[str, Any]) -> Pressed:
    values = tuple(map(str, data.get("values", ())))
    return Pressed(custom_id.action, custom_id.job_id or "", custom_id.page or 0, values)
