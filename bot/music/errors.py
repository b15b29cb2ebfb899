"""What can be wrong with a MIDI file that somebody gives, and with a part of a song that somebody chooses."""

from bot.errors import InputError


class MidiDamagedError(InputError):
    """This MIDI file is damaged: I can't read its notes. Export it once more, or send me the audio."""


class MidiAmongFilesError(InputError):
    """I take one MIDI file at a time, and no audio beside it. Give it to `/midi` by itself."""


class MidiEmptyError(InputError):
    """There are no notes in this MIDI file. Send me another one, or the audio of the song."""


class MidiTooLongError(InputError):
    """This MIDI file is more than one song: I read up to {limit_mb} MB, {notes} notes and {tracks} tracks. Send me a part of it."""


class TimeUnclearError(InputError):
    """`{given}` isn't a time that I can read. Write minutes and seconds, such as 1:05 or 1:05.5, or only seconds, such as 65."""


class TimesReversedError(InputError):
    """The part can't end at {end} if it begins at {start}. Choose an end that comes after the beginning."""


class PartAfterEndError(InputError):
    """The song is only {length} long, so a part can't begin at {start}. I changed nothing."""


class OnlyDrumsError(InputError):
    """There are only drums in this song, and they stay as they are in every key. I changed nothing."""


class EmptyExcerptError(InputError):
    """There are no notes from {start} to {end}, so I changed nothing. The song is {length} long."""
