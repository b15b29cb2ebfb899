"""A few notes made into what a song becomes: what is loaded late is then there before anybody waits for it."""

from functools import cache

from bot.music.chords.hear import find_chords
from bot.music.meter.hear import with_heard
from bot.music.roll.draw import draw
from bot.music.song import Note, Song, Track
from bot.music.summary import summarise
from bot.music.write.encode import encode

_BEATS = 64
_BEAT_SECONDS = 0.5


@cache
def rehearse() -> None:
    """Load numpy, Pillow and what else only notes need; once in a process. Takes some 0.2 s: not for the loop."""
    starts = [beat * _BEAT_SECONDS for beat in range(_BEATS)]
    notes = [
        Note(pitch, start, start + _BEAT_SECONDS, 80)
        for beat, start in enumerate(starts)
        for pitch in (48 + 5 * (beat // 4 % 2), 60 + beat % 8)
    ]
    song = with_heard(Song((Track.of(notes),)))
    chords = find_chords(song)
    summarise(song)
    draw(song, chords=chords)
    encode(song, title="", chords=chords)
