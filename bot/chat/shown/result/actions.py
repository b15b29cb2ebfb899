"""What can be pressed and chosen under a finished song: one row of buttons, and one menu for what is rarely wanted."""

from bot.chat.shown.cards import Card
from bot.chat.shown.controls import Button, Choice, Control, Menu
from bot.chat.shown.result.more import more
from bot.jobs.model import Job
from bot.language import Language
from bot.music.names import clean
from bot.music.song import Song
from bot.score.engraving import is_possible

_MOST_CHOICES = 25
_MOST_MENUS = 5
"""Discord's limits for a menu and for a message."""


def controls(job: Job, song: Song, say: Language, lacks: frozenset[str] = frozenset()) -> tuple[Control, ...]:
    """A row of at most five buttons, and the menu; a song of one instrument is that instrument's file.

    `lacks` are actions that this machine has nothing for.
    """
    if not song.tracks:
        return ()
    actions = ["parts", "zip"] if len(song.tracks) > 1 else []
    actions.append("quantise")
    if is_possible():
        actions.append("sheet")
    if not job.is_score and job.can_be_tried_again:  # what nothing heard, nothing could hear better
        actions.append("rerun")
    return (*(Button(action, job.id) for action in actions), more(job, say, lacks))


def instruments(job: Job, song: Song, say: Language, *, can_be_heard: bool) -> Card:
    """The menus of the instruments, of each of which the file can be had, and where it `can_be_heard` the sound."""
    names = track_names(job, song, say)
    choices = [
        Choice(name, say.plural("{count} note", "{count} notes", len(track)), str(place))
        for place, (name, track) in enumerate(zip(names, song.tracks, strict=True))
    ][: _MOST_CHOICES * _MOST_MENUS]
    menus = tuple(
        Menu(
            "instrument", job.id, say("One instrument…"), tuple(choices[first : first + _MOST_CHOICES]), page
        )
        for page, first in enumerate(range(0, len(choices), _MOST_CHOICES))
    )
    told = say("Which one? I'll send you a file of it alone.")
    if can_be_heard and len(song.tracks) > 1:
        told = say(
            "Which one? I'll send you a file of it alone, and you can listen to it or to all the others."
        )
    if left := len(song.tracks) - len(choices):
        told = " ".join(
            [told, say.plural("{count} more is in “All as zip”.", "{count} more are in “All as zip”.", left)]
        )
    return Card(content=told, controls=menus, say=say)


def track_names(_job: Job, song: Song, say: Language) -> list[str]:
    """The names of a song's instruments as they can be shown; what Discord would find blank has a number."""
    return [
        clean(track.name) or say("Instrument {number}", number=place)
        for place, track in enumerate(song.tracks, 1)
    ]
