"""What can go wrong with a sheet. The song itself is there all the same."""

from bot.errors import InputError, PianolaError


class SheetError(PianolaError):
    """I couldn't draw the sheet. Its MusicXML opens in any notation program."""


class SheetTooLongError(InputError):
    """This is too much for one sheet. Choose a single instrument, or an excerpt."""
