"""How many notes are wanted: what a studio of ours is asked for beside kie.ai's own fields."""

from enum import StrEnum


class Strength(StrEnum):
    """How much is taken for a note."""

    FEWER = "fewer"
    USUAL = "usual"
    MORE = "more"
