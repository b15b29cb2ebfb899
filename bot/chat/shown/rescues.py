"""What else can be tried where a song came to nothing: another stem, another type, another studio."""

from collections.abc import Sequence

from bot.chat.shown.cards import one_line, shortened, told_of_separation
from bot.chat.shown.controls import Button, Choice, Control, Menu
from bot.chat.shown.escaping import as_text
from bot.chat.shown.prices import credits_text
from bot.errors import NoNotesError, PianolaError, StemNotMadeError
from bot.jobs.model import Job
from bot.jobs.naming import part_names
from bot.jobs.song_part import SongPart
from bot.jobs.work.studios import Studios
from bot.kie.errors import AudioRefusedError
from bot.kie.separation import Separation
from bot.kie.stems import Stem
from bot.language import Language

TYPES = {"allstems": Separation.ALL_STEMS, "twostems": Separation.TWO_STEMS}
"""The buttons that separate anew, and into what."""

_MOST_CHOICES = 25
"""Discord's limit for a menu; the files of a song have equal shares of it."""

_LONGEST_LABEL, _LONGEST_FILE = 100, 40
"""Characters of a choice, by Discord's limit, and of the file's name in it."""


def rescues(
    job: Job, error: PianolaError, studios: Studios, say: Language
) -> tuple[list[str], list[Control]]:
    """Sentences to go with the error, and what can be pressed and chosen beside "Try again"."""
    if isinstance(error, AudioRefusedError) and _can_be_done_here(job, studios):
        return [], [Button("here", job.id)]
    if not isinstance(error, NoNotesError | StemNotMadeError) or studios.prices is None:
        return [], []
    told: list[str] = told_of_separation(job, say)
    controls: list[Control] = []
    is_silent = isinstance(error, NoNotesError)
    if is_silent and all(part.stems for part in job.parts):
        told.append(_where_notes_were_looked_for(job, say))
    if others := other_stems(job.parts):
        told.append(say("Another stem of the same separation costs nothing."))
        choices = tuple(_choice(job, number, stem, say) for number, stem in others)
        controls.append(Menu("stem", job.id, say("Try another stem…"), choices))
    if is_silent and all(part.upload_url or part.music for part in job.parts):
        controls += _other_types(job, studios, say)
    return told, controls


def _can_be_done_here(job: Job, studios: Studios) -> bool:
    has_files = all(part.source or part.upload_url for part in job.parts)
    return studios.here is not None and not studios.beside(job) and has_files


def other_stems(parts: Sequence[SongPart]) -> list[tuple[int, Stem | None]]:
    """What was not transcribed by itself, in the order of the menu: a part's number and its stem, or None for all of them."""
    room = _MOST_CHOICES // len(parts)
    return [(number, stem) for number, part in enumerate(parts) for stem in _other_stems_of(part, room)]


def _other_stems_of(part: SongPart, room: int) -> list[Stem | None]:
    known = [stem for stem in part.stems if stem.id]
    if len(known) == 1 and part.audio_id is None:
        # All of one stem is that stem.
        return []
    others: list[Stem | None] = [stem for stem in known if stem.id != part.audio_id]
    return [*others[: room - 1], None] if part.audio_id else others[:room]


def _where_notes_were_looked_for(job: Job, say: Language) -> str:
    """The stems of a song of one file; else the files, each of which may have a dozen."""
    names = _files(job)
    if len(job.parts) == 1:
        (part,) = job.parts
        names = [stem.name for stem in part.stems if part.audio_id in {None, stem.id}]
    return say("I looked for notes in: {stems}.", stems=as_text(say.list(names)))


def _choice(job: Job, number: int, stem: Stem | None, say: Language) -> Choice:
    if stem is None:
        label, told = say("All of them together"), say("every stem of the separation")
    else:
        label, told = stem.name, say("only this stem")
    if len(job.parts) > 1:
        label = shortened(f"{shortened(_files(job)[number], _LONGEST_FILE)} · {label}", _LONGEST_LABEL)
    return Choice(label, told)


def _files(job: Job) -> list[str]:
    return part_names([one_line(part.name) for part in job.parts])


def _other_types(job: Job, studios: Studios, say: Language) -> list[Control]:
    made, prices = studios.type_for(job), studios.prices or {}
    return [
        Button(action, job.id, _label(kind, prices.get(kind, 0.0) * len(job.parts), say))
        for action, kind in TYPES.items()
        if kind is not made
    ]


def _label(kind: Separation, price: float, say: Language) -> str:
    credits_ = credits_text(price, say)
    if kind is Separation.ALL_STEMS:
        return say("All stems: about {credits}", credits=credits_)
    return say("Two stems: about {credits}", credits=credits_)
