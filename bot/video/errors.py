"""What can go wrong with a video. The song and its files are complete all the same."""

from bot.errors import InputError, PianolaError


class VideoError(PianolaError):
    """I couldn't make the video. Please try again in a few minutes; the song and its MIDI file are complete."""


class NoVideoError(VideoError):
    """I can't make videos on this machine any more. The song and its MIDI file are complete."""


class NothingToSeeError(InputError):
    """There are no notes in this part of the song, so there is nothing to show."""


class VideoTooLargeError(InputError):
    """The video came out larger than the {limit_mb} MB I can send here. Half a minute of the song will fit."""


class VideoUnderWayError(InputError):
    """I'm still making a video for you. You can ask for the next one as soon as it's there."""


class VideoLineError(InputError):
    """Too many others are waiting for their videos right now. Please try again in a few minutes."""
