"""What can go wrong with a sheet. The song itself is there all the same."""

from bot.errors import InputError, PianolaError

TOO_MANY_PAGES = "more pages than a sheet is worth"
"""What the process that draws says to the one that asked."""


class SheetError(PianolaError):
    """I couldn't draw the sheet. Its MusicXML opens in any notation program."""


class SheetTooLongError(InputError):
    """This is too much for one sheet. Choose a single instrument, or an excerpt."""
