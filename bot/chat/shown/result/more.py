"""What is rarely wanted of a finished song: the lines of its "More…" menu. Each is served as a button of that action would be."""

from collections.abc import Callable

import msgspec

from bot.chat.shown.controls import Choice, Menu
from bot.chat.shown.result.stem_audio import has_stem_audio
from bot.chat.shown.views import LOOKS
from bot.jobs.model import Job
from bot.kie.strength import Strength
from bot.language import Language, text

STRENGTHS = {f"notes-{strength}": strength for strength in Strength}
"""Actions, and how many notes they make a song have."""

_ORDER = list(Strength)


class _Line(msgspec.Struct, frozen=True):
    action: str
    label: str
    told: str
    applies: Callable[[Job], bool] = lambda _: True


def _steps(to: Strength, by: int) -> Callable[[Job], bool]:
    """Whether `to` is the next strength up or down."""

    def applies(job: Job) -> bool:
        is_next = _ORDER.index(to) - _ORDER.index(job.strength) == by
        return job.can_be_retold and job.has_strengths and is_next

    return applies


def _is_heard(job: Job) -> bool:
    """A file that was given keeps its own bars."""
    return not job.is_score


_FEWER = text("Fewer notes"), text("Leaves out what is faint or uncertain")
_MORE = text("More notes"), text("Takes in what is faint or uncertain")

BESIDE, VIDEO = "beside", "video"


def _can_be_compared(job: Job) -> bool:
    """In another key, nothing would fit together."""
    return not (job.view and job.view.semitones)


_LINES = (
    _Line(VIDEO, text("Video"), text("Half a minute to watch and share, notes and sound")),
    _Line("bars", text("Bars…"), text("Where its bars begin, how many beats they have, how fast"), _is_heard),
    _Line("view", text("Key and part…"), text("Higher or lower, or only from one time to another")),
    _Line("tempo", text("Tempo…"), text("The same notes, with bar lines at your tempo")),
    _Line("chords", text("Chords"), text("The chords by bars, as text to copy")),
    _Line("csv", text("CSV"), text("Every note as a line of a table")),
    *(_Line(f"notes-{to}", *_MORE, _steps(to, 1)) for to in Strength),
    *(_Line(f"notes-{to}", *_FEWER, _steps(to, -1)) for to in Strength),
    _Line("said", text("It is a…"), text("Say what an instrument really is")),
    _Line(
        BESIDE,
        text("Beside the original"),
        text("Listen: the recording on the left, my notes on the right"),
        _can_be_compared,
    ),
    _Line("stems", text("Audio stems"), text("The sound of each instrument alone"), has_stem_audio),
    _Line("delete", LOOKS["delete"][0], text("This answer, and all that I keep of the song")),
)


def more(job: Job, say: Language, lacks: frozenset[str] = frozenset()) -> Menu:
    """The menu of what can be done with this job. `lacks` are actions that this machine has nothing for."""
    choices = tuple(
        Choice(say(line.label), say(line.told), line.action)
        for line in _LINES
        if line.applies(job) and line.action not in lacks
    )
    return Menu("more", job.id, say("More…"), choices)
