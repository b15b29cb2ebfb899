"""Everything that can go wrong, as one tree. A class's docstring is the sentence a person reads.

    PianolaError
    ├── SettingsError            the owner's settings; ends the program with one line
    ├── InputError               what the asker sent cannot be used
    │   ├── NothingGivenError, TooMuchGivenError, TooManyFilesError, PageInFileError
    │   ├── AttachmentGoneError, AttachmentUnreadableError, NoAudioInMessageError, MidiAlreadyError
    │   ├── InstrumentMissingError, InstrumentUnknownError, NotSeparatedHereError
    │   ├── MusicUnfinishedError, NobodyAnsweredError, QuestionOverError, PaidForAlreadyError
    │   ├── StemNotFoundError, StemNotMadeError, NoStemsError, StemsGoneError, NoNotesError, SongGoneError, SongDeletedError, NotYoursError, TooLateError
    │   ├── NoServerError, ManagersOnlyError, NumberUnclearError, IntakePausedError, OwnersOnlyError, JobUnknownError, JobUnclearError, NothingToRetryError
    │   ├── TempoUnclearError, CopyTooLargeError, SongTooHeavyError
    │   ├── (bot/audio/errors.py: what a file or an address that was given may be instead of a song)
    │   ├── (bot/jobs/errors.py: what a server's rules and the limits of a day say no to)
    │   ├── (bot/music/errors.py: what a given MIDI file may lack, and parts of a song that are none)
    │   └── (bot/video/errors.py: why there is no video)
    ├── NotesError               what the studio returned as notes cannot be read
    ├── StudioError              the remote API said no, or nothing
    │   ├── TaskLostError
    │   └── (bot/kie/errors.py: one for each documented code)
    ├── NoRoomError              the disk is full
    ├── NothingSavedError        our own database is away or cannot be written
    ├── AnswerBlockedError, AnswerRefusedError, DiscordBusyError    Discord takes no answer
    └── JobTimeoutError          no result within JOB_TIMEOUT_SECONDS

A sentence may hold `{names}`, filled from the keyword arguments. Whatever else an exception carries is for
the log: nothing of it reaches Discord.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import ClassVar

from bot.language import fill


class PianolaError(Exception):
    """Something went wrong on our side. Please try again in a minute."""

    again: ClassVar[bool] = False
    """Whether the very same request may succeed later."""

    def __init__(self, detail: str = "", **values: str | float) -> None:
        """Keep `detail` for the log and `values` for the sentence."""
        super().__init__(detail or type(self).__name__)
        self.detail = detail
        self.values = values

    @property
    def code(self) -> str:
        """The name under which a stored job remembers this error."""
        return type(self).__name__

    @property
    def sentence(self) -> str:
        """What happened and what to do, in English."""
        return self.said(str)

    def said(self, translate: Callable[[str], str]) -> str:
        """What happened and what to do; a `{reason}` is a text like the sentence, and may hold `{names}` as well."""
        values = dict(self.values)
        if isinstance(reason := values.get("reason"), str):
            values["reason"] = fill(translate(reason), self.values)
        return fill(translate(template_of(type(self))), values)


def template_of(error: type[PianolaError]) -> str:
    """The sentence of an error, in one line, with `{names}` for its values."""
    return " ".join((inspect.getdoc(error) or "").split())


def from_code(code: str, values: Mapping[str, str | float]) -> PianolaError:
    """The error that a job's row remembers; a code from another version becomes the plain `PianolaError`."""
    found = _by_code().get(code, PianolaError)
    error = found.__new__(found)
    PianolaError.__init__(error, "", **values)
    return error


def _by_code() -> dict[str, type[PianolaError]]:
    known: dict[str, type[PianolaError]] = {}
    waiting = [PianolaError]
    while waiting:
        kind = waiting.pop()
        known[kind.__name__] = kind
        waiting.extend(kind.__subclasses__())
    return known


class SettingsError(PianolaError):
    """Please check the settings. {problem}."""

    def __init__(self, *problems: str) -> None:
        """Each of `problems` names a setting, what is wrong with it and what would be right, in one line."""
        self.problems = problems
        self.problem = ". ".join(problems)
        super().__init__(self.problem, problem=self.problem)


class InputError(PianolaError):
    """I can't use that."""


class NothingGivenError(InputError):
    """Give me something to listen to: attach a `song`, or give a `url` to an audio file, or a `task_id` of kie.ai: a finished separation, or a piece of music."""


class TooMuchGivenError(InputError):
    """One at a time, please: a `song`, or a `url`, or a `task_id`."""


class TooManyFilesError(InputError):
    """That's too many files ({count}): I take up to {limit} stems of one song."""


class PageInFileError(InputError):
    """`{name}` is a web page under the name of a song. Download the song once more, and listen to it before you send it."""


class AttachmentGoneError(InputError):
    """Discord no longer has `{name}`. Please send the song again."""


class AttachmentUnreadableError(InputError):
    """Discord didn't give me `{name}`. Please try again."""

    again = True


class NoAudioInMessageError(InputError):
    """There is no audio file in that message. Choose a message with a song attached, or use `/midi`."""


class MidiAlreadyError(InputError):
    """That song is MIDI already: the menu and the buttons under it give you its notes."""


class StemNotFoundError(InputError):
    """That separation has no stem called `{stem}`. It has: {stems}."""


class StemNotMadeError(InputError):
    """I separated the song, and none of its stems is called `{stem}`. It has: {stems}."""


class NoNotesError(InputError):
    """I heard no notes in this. Quiet, spoken or very noisy recordings give none; try a clearer song, or a single instrument of it."""


class MusicUnfinishedError(InputError):
    """That song is still being made. Please try again when it is ready."""

    again = True


class InstrumentMissingError(InputError):
    """Tell me which instrument: give its name as `stem`, such as Piano or Lead Vocal."""


class InstrumentUnknownError(InputError):
    """I can't take `{stem}` out of a song. Pick one of the names offered while you type, such as Piano or Lead Vocal."""


class NotSeparatedHereError(InputError):
    """My studio can't separate songs. Leave out `separation`, or send me the stems as files with `/stems`."""


class QuestionOverError(InputError):
    """That was already answered, or I'm no longer waiting for it."""


class PaidForAlreadyError(InputError):
    """This song is already being separated this way. Wait until that's done, so nothing is paid for twice."""


class NobodyAnsweredError(InputError):
    """Nobody answered my question, so I stopped. Nothing was spent."""

    again = True


class NoServerError(InputError):
    """Settings belong to a server I'm installed in. Use this command there."""


class ManagersOnlyError(InputError):
    """Only people who can manage this server (Manage Server) can change that."""


class IntakePausedError(InputError):
    """My owner says “{sentence}”, so I'm not taking new songs right now. Songs in progress will be finished."""


class OwnersOnlyError(InputError):
    """That's only for the people who run me. `/pianola status` tells you how I am."""


class JobUnknownError(InputError):
    """I have no song with the id `{id}`. The id is the letters and digits after # under a failed song, or after `job=` in the log."""


class JobUnclearError(InputError):
    """More than one song has an id that begins with `{id}`. Give more of it; the log has all of it."""


class NothingToRetryError(InputError):
    """That song is over and didn't fail, so there's nothing to try again."""


class NumberUnclearError(InputError):
    """`{given}` isn't a number I can use. Give a whole number from 1 to {most}, or leave the field empty."""


class SongGoneError(InputError):
    """I no longer have this song. Please send it again."""


class SongDeletedError(InputError):
    """This song was deleted meanwhile, so I made nothing of it."""


class HeardNoMoreError(InputError):
    """The studio no longer has what it heard in this song, so I can't change that. Send me the song again."""


class StillListeningError(PianolaError):
    """I'm still listening to this song, and it takes longer than I can wait here. Please try again in a few minutes."""


class NothingLeftError(InputError):
    """That would leave no notes, so I changed nothing."""


class InstrumentNotKnownError(InputError):
    """I know no instrument called `{name}`. Try words like bass, drums, piano, guitar, vocals, violin or flute."""


class InstrumentsUnclearError(InputError):
    """You named {named} instruments for {files} files. Name one for each file, or leave the field empty."""


class OldControlError(InputError):
    """This button is from an older version of me and no longer works. `/midis` opens your songs again."""


class NotYoursError(InputError):
    """Only the person who asked for this song can do that."""


class TooLateError(InputError):
    """It's already done, so there's nothing to cancel."""


class NoStemsError(InputError):
    """These stems can't be chosen one by one. Leave `stem` out to take them all."""


class StemsGoneError(InputError):
    """The studio no longer has the audio of these stems. It keeps them for 14 days."""


class TempoUnclearError(InputError):
    """`{given}` isn't a tempo I can use. Give beats per minute from {slowest} to {fastest}, such as 93 or 128.5."""


class NoBeatError(InputError):
    """I hear no beat in this song. Type in its tempo, in beats per minute."""


class FirstBarUnclearError(InputError):
    """`{given}` isn't a time in this song. Say when its first bar begins, in seconds, such as 1.25."""


class SongTooHeavyError(InputError):
    """This song is too much for me: working on it takes too much time or memory. Send me a part of it."""


class CopyTooLargeError(InputError):
    """`{name}` is larger than the {limit_mb} MB I can send here. Get the instruments one by one, or use `/midis` where larger files are allowed."""


class NoRoomError(PianolaError):
    """My disk is full, so I can't take this song right now. Please try again later."""

    again = True


class NotesError(PianolaError):
    """The notes came back damaged, so there is no MIDI to give you. Please try again."""

    again = True


class StudioError(PianolaError):
    """The studio that transcribes songs gave an odd answer. Please try again in a few minutes."""

    again = True


class TaskLostError(StudioError):
    """The studio no longer knows this task. Please try again."""


class JobTimeoutError(PianolaError):
    """No result came within {time}, so I stopped waiting. Please try again."""

    again = True


class NothingSavedError(PianolaError):
    """I can't save anything right now, so nothing was started or changed. Please try again in a minute."""

    again = True


class AnswerBlockedError(PianolaError):
    """This server's AutoMod, or Discord itself, blocks a word in my answer. Try it in another channel, or in a direct message with me."""


class AnswerRefusedError(PianolaError):
    """Discord doesn't let me answer like that here. Try it in another channel, or in a direct message with me."""


class DiscordBusyError(PianolaError):
    """Discord has too much to do right now. Please try again in a minute."""

    again = True
