"""Sheet music of a finished song: of all instruments or of one, as a picture, a PDF, MusicXML or for Guitar Pro."""

import msgspec
from msgspec.structs import replace

from bot.chat.shown.cards import Card, CardFile, hidden_with, shortened
from bot.chat.shown.controls import Button, Choice, Menu
from bot.chat.shown.escaping import as_text
from bot.chat.shown.result.actions import track_names
from bot.chat.shown.result.key_and_part import stem_of, told_of_view
from bot.errors import SongGoneError
from bot.jobs.model import Job
from bot.language import Language
from bot.music.names import file_stem
from bot.music.song import Song
from bot.music.timeline.bars import Origin
from bot.score.engraving import has_guitar_pro
from bot.score.errors import SheetError, SheetTooLongError
from bot.score.letters import is_lost, on_page
from bot.score.musicxml import musicxml
from bot.score.score import MOST_NOTES, Score, score_of, with_likely_bars

ALL = 0
"""In the place of an instrument, which are counted from 1."""

_MOST_CHOICES = 25
_MOST_MENUS = 4
"""Discord's limits for a menu and, beside the buttons, for a message."""
_LONGEST_LIST = 300


class Sheet(msgspec.Struct, frozen=True):
    """What is written, what its files are called, what it is of, and the card around its picture."""

    score: Score
    musicxml: str
    stem: str
    picture: str
    told: str
    card: Card

    def with_picture(self, png: bytes) -> Card:
        """The card with the first page."""
        say = self.card.say
        file = CardFile(
            self.picture, png, say("First page of the sheet music. {told}", told=self.told)[:1024]
        )
        return replace(self.card, files=(file,))

    def without_picture(self, error: SheetError) -> Card:
        """The card where the page could not be drawn; its files may still be had."""
        return replace(self.card, content=f"{self.card.content} {self.card.say.error(error)}")

    def file(self, ending: str, data: bytes) -> CardFile:
        """The whole sheet as a file."""
        return CardFile(f"{self.stem}.{ending}", data, self.told)

    def for_guitar_pro(self, gp5: bytes) -> CardFile:
        """The sheet of a guitar or bass as a file for that program, and what is missing in it."""
        told, say = self.told, self.card.say
        if left := self.score.parts[0].unplayable:
            told += " " + say.plural(
                "{count} note can't be played on its strings and is left out.",
                "{count} notes can't be played on its strings and are left out.",
                left,
            )
        return CardFile(f"{self.stem}.gp5", gp5, told)


def sheet(job: Job, song: Song, say: Language, *, number: int) -> Sheet:
    """The sheet of one instrument, or with `ALL` of all. Takes up to seconds: not for the loop.

    Raises:
        SongGoneError: the song has no such instrument.
        SheetTooLongError: it has more notes or bars than a sheet is worth.
    """
    if not 0 <= number <= len(song.tracks):
        raise SongGoneError
    names, place = track_names(job, song, say), number - 1 if number else None
    if (song.note_count if place is None else len(song.tracks[place])) > MOST_NOTES:
        raise SheetTooLongError
    written = with_likely_bars(song)
    score = score_of(written, title=job.title, place=place)
    stem = stem_of(job, song)
    if place is None:
        told = say("Sheet music of all instruments.")
    else:
        told = say("Sheet music of {name}.", name=names[place])
        stem = f"{stem}-{file_stem(names[place]).lower()}"
    lines = [told, *told_of_view(job, song, say), *_told_of_bars(job, song, say)]
    played = song.note_count if place is None else len(song.tracks[place])
    lines += _told_of_notes(played - sum(part.note_count for part in score.parts), say)
    lines += _told_of_names(score, say)
    card = Card(content=" ".join(lines), controls=_controls(job, names, number, say, score), say=say)
    return Sheet(score, musicxml(score), stem, hidden_with(job, "sheet.png"), told, card)


def _told_of_bars(job: Job, song: Song, say: Language) -> list[str]:
    if song.bars is not None and song.bars.origin is not Origin.NOBODY:
        return []
    if job.is_score:  # a given file keeps its own bars: nobody is asked for others
        return [say("The file doesn't say where its bars begin, so that is my guess.")]
    return [say("I'm not sure of its beat. Set it right with “Bars…” under the song, and the sheet follows.")]


def _told_of_notes(left: int, say: Language) -> list[str]:
    if left <= 0:
        return []
    return [
        say.plural(
            "{count} note is too short or too close to another to be written.",
            "{count} notes are too short or too close to others to be written.",
            left,
        )
    ]


def _told_of_names(score: Score, say: Language) -> list[str]:
    told = [say("There is no title on it: none of my fonts has its letters.")] if is_lost(score.title) else []
    pairs = [
        f"{on_page(part.name, place)}: {part.name}"
        for place, part in enumerate(score.parts, 1)
        if is_lost(part.name)
    ]
    if not pairs:
        return told
    names = as_text(shortened(", ".join(pairs), _LONGEST_LIST))
    return [*told, say("None of my fonts has the letters of these: {names}.", names=names)]


def _controls(
    job: Job, names: list[str], number: int, say: Language, score: Score
) -> tuple[Button | Menu, ...]:
    actions = ["pdf", "musicxml"]
    if score.is_for_strings and has_guitar_pro():
        actions.append("guitarpro")
    buttons = tuple(Button(action, job.id, place=number) for action in actions)
    if len(names) < 2:
        return buttons
    choices = [Choice(say("All instruments"), say("The whole score"), str(ALL))]
    choices += [Choice(name, say("Its part alone"), str(place)) for place, name in enumerate(names, 1)]
    pages = [
        tuple(choices[first : first + _MOST_CHOICES]) for first in range(0, len(choices), _MOST_CHOICES)
    ][:_MOST_MENUS]
    prompt = say("Another instrument…")
    return (
        *buttons,
        *(Menu("sheet", job.id, prompt, page, place or None) for place, page in enumerate(pages)),
    )
