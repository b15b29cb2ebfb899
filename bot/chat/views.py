"""Buttons and menus that work after a restart and on every process: their custom id names the action and the job."""

from collections.abc import Sequence
from typing import Any

import discord

from bot.chat.controls import Button, Control, Menu

_JOB = r"(?P<job>[0-9a-f]{20})"

CUSTOM_ID = rf"pianola:(?P<action>[a-z]+):{_JOB}"
"""What `cogs.buttons` listens for; far below Discord's 100 characters."""

MENU_ID = rf"pianola-menu:(?P<action>[a-z]+):{_JOB}"
MODAL_ID = rf"pianola-modal:(?P<action>[a-z]+):{_JOB}"

_LOOKS = {
    "cancel": ("Cancel", discord.ButtonStyle.secondary),
    "again": ("Try again", discord.ButtonStyle.primary),
    "zip": ("All as zip", discord.ButtonStyle.secondary),
    "quantise": ("Quantised…", discord.ButtonStyle.secondary),
    "tempo": ("Tempo…", discord.ButtonStyle.secondary),
    "csv": ("CSV", discord.ButtonStyle.secondary),
    "delete": ("Delete", discord.ButtonStyle.danger),
}


def view_of(controls: Sequence[Control]) -> discord.ui.View | None:
    """The controls as discord.py sends them; None takes older ones away."""
    if not controls:
        return None
    view = discord.ui.View(timeout=None)
    for control in controls:
        view.add_item(_menu(control) if isinstance(control, Menu) else _button(control))
    # discord.py would keep every view that waits; presses are found by their custom id instead.
    view.stop()
    return view


def _button(button: Button) -> discord.ui.Button[Any]:
    label, style = _LOOKS[button.action]
    custom_id = f"pianola:{button.action}:{button.job_id}"
    return discord.ui.Button(label=label, style=style, custom_id=custom_id)


def _menu(menu: Menu) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(label=choice.label, value=str(place), description=choice.description)
        for place, choice in enumerate(menu.choices)
    ]
    custom_id = f"pianola-menu:{menu.action}:{menu.job_id}"
    return discord.ui.Select(custom_id=custom_id, placeholder=menu.prompt, options=options)
