"""What was looked at and found, as values: `pianola doctor` prints it, and `/pianola status` shows it to the owner."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from bot.errors import PianolaError
from bot.language import Language


class Grade(Enum):
    """How bad it is: `BROKEN` where the main job cannot run, `WEAK` where something is lost that could be had."""

    FINE = "fine"
    WEAK = "weak"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `template` is a text, unless only a terminal says it, and `values` fill it."""

    grade: Grade
    template: str
    values: dict[str, Any] = field(default_factory=dict)

    def said(self, say: Language) -> str:
        """The finding in somebody's language."""
        values = {
            name: say.error(value) if isinstance(value, PianolaError) else value
            for name, value in self.values.items()
        }
        return say(self.template, **values)
