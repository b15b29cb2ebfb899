"""What instruments are called on pages, where a font may lack the letters of some."""

from bot.music.roll.labels import drawable


def on_page(name: str, number: int) -> str:
    """The name as it can be written there; where no word of it is left, its number, counted from 1."""
    return drawable(name, f"Track {number}")


def is_lost(name: str) -> bool:
    """Whether no word of a name can be written there."""
    return bool(name) and not drawable(name, "")
