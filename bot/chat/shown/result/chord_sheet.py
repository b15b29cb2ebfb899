"""The chords of a song by bars, as text to copy."""

from bot.chat.shown.cards import Card, CardFile
from bot.chat.shown.result.key_and_part import stem_of
from bot.jobs.model import Job
from bot.language import Language
from bot.music.chords.chart import chart
from bot.music.chords.hear import find_chords
from bot.music.song import Song
from bot.music.timeline.bars import Origin

_MOST_CHARACTERS = 1900
"""Discord takes 2000 in a message; what is said around the chords is short."""


def chord_sheet(job: Job, song: Song, say: Language) -> Card:
    """The chords in a message, and where that is too short for them, whole in a text file. Not for the loop."""
    chords = find_chords(song)
    if song.tracks and all(track.is_drums for track in song.tracks if len(track)):
        return Card(content=say("Only drums play here, and drums play no chords."), say=say)
    if chords is None:
        return Card(content=say("I heard too few notes to tell chords from."), say=say)
    if not chords.is_clear:
        return Card(content=say("I hear no clear chords in this song."), say=say)
    told = [say("Heard from the notes, about {share} sure.", share=say.percent(chords.confidence))]
    if chords.bars.origin is Origin.NOBODY:
        told.append(say("I don't know where its bars begin, so the chords stand by time."))
    lines = chart(chords).splitlines()
    head, whole = " ".join(told), "\n".join(lines)
    shown, length = [], len(head)
    for line in lines:
        length += len(line) + 1
        if length > _MOST_CHARACTERS - 10:
            break
        shown.append(line)
    content = "\n".join([head, "```", *shown, "```"])
    if len(shown) == len(lines):
        return Card(content=content, say=say)
    described = say("All chords of the song.")
    file = CardFile(f"{stem_of(job, song)}-chords.txt", f"{whole}\n".encode(), described)
    return Card(content=content, files=(file,), say=say)
