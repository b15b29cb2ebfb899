"""What can be wrong with a MIDI file that somebody gives."""

from bot.errors import InputError


class MidiDamagedError(InputError):
    """This MIDI file is damaged: I can't read its notes. Export it once more, or send me the audio."""


class MidiAmongFilesError(InputError):
    """I take one MIDI file at a time, and no audio beside it. Give it to `/midi` by itself."""


class MidiEmptyError(InputError):
    """There are no notes in this MIDI file. Send me another one, or the audio of the song."""


class MidiTooLongError(InputError):
    """This MIDI file is more than one song: I read up to {limit_mb} MB, {notes} notes and {tracks} tracks. Send me a part of it."""
