"""Buttons that work after a restart and on every process: their custom id names the action and the job."""

from collections.abc import Sequence

import discord

from bot.chat.cards import Button

CUSTOM_ID = r"pianola:(?P<action>[a-z]+):(?P<job>[0-9a-f]{20})"
"""What `cogs.buttons` listens for; far below Discord's 100 characters."""

_LOOKS = {
    "cancel": ("Cancel", discord.ButtonStyle.secondary),
    "again": ("Try again", discord.ButtonStyle.primary),
}


def view_of(buttons: Sequence[Button]) -> discord.ui.View | None:
    """The buttons as discord.py sends them; None takes older ones away."""
    if not buttons:
        return None
    view = discord.ui.View(timeout=None)
    for button in buttons:
        label, style = _LOOKS[button.action]
        custom_id = f"pianola:{button.action}:{button.job_id}"
        view.add_item(discord.ui.Button(label=label, style=style, custom_id=custom_id))
    # discord.py would keep every view that waits; presses are found by their custom id instead.
    view.stop()
    return view
