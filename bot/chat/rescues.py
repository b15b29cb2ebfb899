"""What else can be tried where a song came to nothing: another stem, another type, another studio."""

from discord.utils import escape_markdown

from bot.chat.cards import told_of_separation
from bot.chat.controls import Button, Choice, Control, Menu
from bot.chat.prices import credits_text
from bot.errors import NoNotesError, PianolaError
from bot.jobs.model import Job, Part
from bot.jobs.studios import Studios
from bot.kie.errors import AudioRefusedError
from bot.kie.separation import Separation
from bot.kie.stems import Stem
from bot.language import Language

TYPES = {"allstems": Separation.ALL_STEMS, "twostems": Separation.TWO_STEMS}
"""The buttons that separate anew, and into what."""

_MOST_CHOICES = 25


def rescues(
    job: Job, error: PianolaError, studios: Studios, say: Language
) -> tuple[list[str], list[Control]]:
    """Sentences to go with the error, and what can be pressed and chosen beside "Try again"."""
    controls: list[Control] = []
    if isinstance(error, AudioRefusedError) and _can_be_done_here(job, studios):
        return [], [Button("here", job.id)]
    if not isinstance(error, NoNotesError) or len(job.parts) != 1 or studios.prices is None:
        return [], controls
    part, told = job.parts[0], told_of_separation(job, say)
    if part.stems:
        told.append(_where_notes_were_looked_for(part, say))
    if others := other_stems(part):
        told.append(say("Another stem of the same separation costs nothing."))
        choices = tuple(_choice(stem, say) for stem in others)
        controls.append(Menu("stem", job.id, say("Try another stem…"), choices))
    if part.upload_url or part.music:
        controls += _other_types(job, studios, say)
    return told, controls


def _can_be_done_here(job: Job, studios: Studios) -> bool:
    has_files = all(part.source or part.upload_url for part in job.parts)
    return studios.here is not None and not studios.beside(job) and has_files


def other_stems(part: Part) -> list[Stem | None]:
    """The stems that were not transcribed, in the order of the menu; None: all of them together."""
    known = [stem for stem in part.stems if stem.id]
    if len(known) == 1 and part.audio_id is None:
        # All of one stem is that stem.
        return []
    others: list[Stem | None] = [stem for stem in known if stem.id != part.audio_id]
    return ([*others[: _MOST_CHOICES - 1], None]) if part.audio_id else others[:_MOST_CHOICES]


def _where_notes_were_looked_for(part: Part, say: Language) -> str:
    names = [stem.name for stem in part.stems if part.audio_id in {None, stem.id}]
    return say("I looked for notes in: {stems}.", stems=escape_markdown(say.list(names)))


def _choice(stem: Stem | None, say: Language) -> Choice:
    if stem is None:
        return Choice(say("All of them together"), say("every stem of the separation"))
    return Choice(stem.name, say("only this stem"))


def _other_types(job: Job, studios: Studios, say: Language) -> list[Control]:
    made = studios.type_for(job)
    return [
        Button(action, job.id, _label(kind, studios, say))
        for action, kind in TYPES.items()
        if kind is not made
    ]


def _label(kind: Separation, studios: Studios, say: Language) -> str:
    price = credits_text((studios.prices or {}).get(kind, 0.0), say)
    if kind is Separation.ALL_STEMS:
        return say("All stems: about {credits}", credits=price)
    return say("Two stems: about {credits}", credits=price)
