"""What was looked at and found, as values: `pianola doctor` prints it, and `/pianola status` shows it to the owner."""

from enum import Enum
from typing import Any

import msgspec

from bot.errors import PianolaError
from bot.language import Language, fill


class Grade(Enum):
    """How bad it is: `BROKEN` where the main job cannot run, `WEAK` where something is lost that could be had."""

    FINE = "fine"
    WEAK = "weak"
    BROKEN = "no"


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at. `template` is a text, unless only a terminal says it, and `values` fill it.

    `advice` is what to do about it, for a terminal; `about` names what was looked at, in a word.
    """

    grade: Grade
    template: str
    values: dict[str, Any] = msgspec.field(default_factory=dict)
    advice: str = ""
    about: str = ""

    def said(self, say: Language) -> str:
        """The finding in somebody's language."""
        values = {
            name: say.error(value) if isinstance(value, PianolaError) else value
            for name, value in self.values.items()
        }
        return say(self.template, **values)

    @property
    def advised(self) -> str:
        """What to do, in English; "" where nothing is."""
        return fill(self.advice, self.values)
