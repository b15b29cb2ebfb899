"""Buttons and menus of a job: their custom id names the action and the job."""

from typing import Any, TypeVar

import discord

from bot.chat.shown.cards import Card
from bot.chat.shown.controls import Button, Menu
from bot.chat.shown.custom_ids import JOB, JOB_MENU, CustomId
from bot.language import Language, text

_Asked = TypeVar("_Asked", discord.ui.View, discord.ui.Modal)

LOOKS = {
    "cancel": (text("Cancel"), discord.ButtonStyle.secondary),
    "go": (text("Go on"), discord.ButtonStyle.success),
    "gotwo": (text("Two stems instead"), discord.ButtonStyle.secondary),
    "allstems": (text("All stems"), discord.ButtonStyle.secondary),
    "twostems": (text("Two stems"), discord.ButtonStyle.secondary),
    "here": (text("Transcribe it here"), discord.ButtonStyle.primary),
    "again": (text("Try again"), discord.ButtonStyle.secondary),
    "rerun": (text("Run again"), discord.ButtonStyle.secondary),
    "parts": (text("One instrument…"), discord.ButtonStyle.secondary),
    "zip": (text("All as zip"), discord.ButtonStyle.secondary),
    "solo": (text("Listen"), discord.ButtonStyle.secondary),
    "without": (text("Listen to the rest"), discord.ButtonStyle.secondary),
    "sheet": (text("Sheet"), discord.ButtonStyle.secondary),
    "pdf": (text("PDF"), discord.ButtonStyle.secondary),
    "musicxml": (text("MusicXML"), discord.ButtonStyle.secondary),
    "guitarpro": (text("Guitar Pro"), discord.ButtonStyle.secondary),
    "quantise": (text("Quantised…"), discord.ButtonStyle.secondary),
    "videobegin": (text("From the beginning"), discord.ButtonStyle.secondary),
    "videoall": (text("The whole song"), discord.ButtonStyle.secondary),
    "delete": (text("Delete…"), discord.ButtonStyle.secondary),
    "erase": (text("Delete for good"), discord.ButtonStyle.danger),
    "keep": (text("Keep it"), discord.ButtonStyle.secondary),
}

_QUESTION = ("erase", "keep")
_APART = {"delete", *_QUESTION}
_LAST_ROW = 4
"""Discord has five rows; nobody hits a button there who meant another."""


def view_of(card: Card, asks_to_delete: str | None = None) -> discord.ui.View | None:
    """The controls of a card as discord.py sends them; None takes older ones away. `asks_to_delete`: with the question of that job."""
    if not card.controls:
        return None
    view = discord.ui.View(timeout=None)
    for control in card.controls:
        view.add_item(_menu(control) if isinstance(control, Menu) else _button(control, card.say))
    if asks_to_delete:
        return _with_apart(view, asks_to_delete, _QUESTION, card.say)
    return answered_by_id(view)


def asks_to_delete(message: discord.Message, job_id: str) -> bool:
    """Whether the question stands in a message."""
    return str(CustomId(JOB, "erase", job_id=job_id)) in _ids(message)


def asking_to_delete(message: discord.Message, job_id: str, say: Language) -> discord.ui.View:
    """The controls of a message, with the question in the place of the button that led to it."""
    return _with_last_row(message, job_id, _QUESTION, say)


def not_deleted(message: discord.Message, job_id: str, say: Language) -> discord.ui.View:
    """The controls of a message as they were before the question; a menu that led to it is there still."""
    is_in_menu = str(CustomId(JOB_MENU, "more", job_id=job_id)) in _ids(message)
    return _with_last_row(message, job_id, () if is_in_menu else ("delete",), say)


def _with_last_row(
    message: discord.Message, job_id: str, actions: tuple[str, ...], say: Language
) -> discord.ui.View:
    return _with_apart(discord.ui.View.from_message(message, timeout=None), job_id, actions, say)


def _ids(message: discord.Message) -> set[str | None]:
    rows = (row for row in message.components if isinstance(row, discord.ActionRow))
    return {child.custom_id for row in rows for child in row.children}


def _with_apart(
    view: discord.ui.View, job_id: str, actions: tuple[str, ...], say: Language
) -> discord.ui.View:
    apart = {str(CustomId(JOB, action, job_id=job_id)) for action in _APART}
    for item in view.children:
        if isinstance(item, discord.ui.Button) and item.custom_id in apart:
            view.remove_item(item)
    for action in actions:
        view.add_item(_button(Button(action, job_id), say))
    return answered_by_id(view)


def answered_by_id(asked: _Asked) -> _Asked:
    """A view or modal that discord.py sends and does not keep: what is answered is found by its custom id."""
    asked.stop()
    return asked


def _button(button: Button, say: Language) -> discord.ui.Button[Any]:
    label, style = LOOKS[button.action]
    custom_id = CustomId(JOB, button.action, button.place, button.job_id)
    row = _LAST_ROW if button.action in _APART else None
    return discord.ui.Button(label=button.label or say(label), style=style, custom_id=str(custom_id), row=row)


def _menu(menu: Menu) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(
            label=choice.label, value=choice.value or str(place), description=choice.description
        )
        for place, choice in enumerate(menu.choices)
    ]
    custom_id = CustomId(JOB_MENU, menu.action, menu.page, menu.job_id)
    return discord.ui.Select(custom_id=str(custom_id), placeholder=menu.prompt, options=options)
