"""What can go wrong with a preview. None of it stops a song: the reply comes without the sound."""

from bot.errors import PianolaError


class PreviewError(PianolaError):
    """I could not make a preview to listen to; the MIDI file is complete."""


class NoPreviewError(PreviewError):
    """There is no preview here: {reason}."""


class PreviewsOffError(PreviewError):
    """Previews are off here, so there is nothing to listen to."""


class NothingToHearError(PreviewError):
    """There are no notes in this part of the song, so there is nothing to hear."""


class NoOriginalError(PreviewError):
    """I can't read the recording any more, so I can't play it beside the MIDI."""


class SoundGoneError(PreviewError):
    """The recording of this song is no longer here: it is kept for {hours} hours."""


class PreviewTooLargeError(PreviewError):
    """The preview came out larger than Discord takes; a shorter one will fit."""
