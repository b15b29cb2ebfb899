"""What can be pressed or chosen under an answer, as values."""

from typing import TypeAlias

import msgspec


class Button(msgspec.Struct, frozen=True):
    """A button that outlives a restart: it names what to do and the job, and nothing else.

    `label` None: the usual one for what it does.
    """

    action: str
    job_id: str
    label: str | None = None
    place: int | None = None
    """Of an instrument, counted from 0; of a sheet from 1."""


class Choice(msgspec.Struct, frozen=True):
    """One line of a menu; label and description within Discord's 100 characters. `value` None: its place, counted from 0."""

    label: str
    description: str
    value: str | None = None


class Menu(msgspec.Struct, frozen=True):
    """A menu that outlives a restart, of 1 to 25 choices."""

    action: str
    job_id: str
    prompt: str
    choices: tuple[Choice, ...]
    page: int | None = None
    """Tells apart menus of one action under one message."""


Control: TypeAlias = Button | Menu
