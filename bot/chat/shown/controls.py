"""What can be pressed or chosen under an answer, as values."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Button:
    """A button that outlives a restart: it names what to do and the job, and nothing else.

    `label` None: the usual one for what it does.
    """

    action: str
    job_id: str
    label: str | None = None
    place: int | None = None
    """Of an instrument, counted from 0; of a sheet from 1."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a menu; label and description within Discord's 100 characters. `value` None: its place, counted from 0."""

    label: str
    description: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu that outlives a restart, of 1 to 25 choices."""

    action: str
    job_id: str
    prompt: str
    choices: tuple[Choice, ...]
    page: int | None = None
    """Tells apart menus of one action under one message."""


Control: TypeAlias = Button | Menu
