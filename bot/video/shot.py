"""What a video shows: a part of a song, cut out with what is seen of it before and after."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from bot.language import ENGLISH, Language
from bot.music.chords.hear import find_chords
from bot.music.columns import np
from bot.music.roll.labels import drawable
from bot.music.roll.legend import LegendEntry, hues, parts
from bot.music.song import Song, Track
from bot.music.timeline.bar_times import bar_times
from bot.music.view.excerpt import excerpt
from bot.sound.liveliest import liveliest
from bot.video.errors import NothingToSeeError
from bot.video.places import AFTER_SECONDS, BEFORE_SECONDS

MOST_SECONDS = 300.0
"""Five minutes take 48 s of a core, and 115 MB for their sound."""

RING_SECONDS = 2.0
"""What the last note of a song is left to ring out."""

_NEARLY_WHOLE = 1.25
"""A song that is a little longer than the part is shown whole."""


class Which(StrEnum):
    """Which part of a song."""

    LIVELIEST = "liveliest"
    BEGINNING = "beginning"
    WHOLE = "whole"


class NamedChord(NamedTuple):
    """When a chord sounds, and its name."""

    start_seconds: float
    end_seconds: float
    name: str


class Shot(msgspec.Struct, frozen=True):
    """A part of a song and all that is told about it, as the process that draws it needs it. Times count from the song's start."""

    song: Song
    """With the notes that are seen around the part."""
    hues: tuple[int, ...]
    """Of its tracks, as the picture of the whole song has them."""
    legend: tuple[LegendEntry, ...]
    lines: tuple[float, ...]
    """When bars begin, or without bars seconds."""
    chords: tuple[NamedChord, ...]
    """None where nobody is sure of them."""
    title: str
    start_seconds: float
    seconds: float
    song_seconds: float
    locale: str = ENGLISH.locale
    """The language of what is written."""

    @property
    def is_whole(self) -> bool:
        """Whether the song begins and ends in it."""
        return self.start_seconds == 0 and self.seconds >= self.song_seconds

    @property
    def heard(self) -> Song:
        """The notes that sound in it, their times counted from its start."""
        return excerpt(self.song, self.start_seconds, self.seconds)


def can_be_whole(song: Song) -> bool:
    """Whether all of a song may be shown."""
    return 0 < song.duration_seconds + RING_SECONDS <= MOST_SECONDS


def shot(song: Song, title: str, which: Which, seconds: float, say: Language = ENGLISH) -> Shot:
    """A part of about `seconds`, or the whole song: also where it is hardly longer. What is written in it is in one language.

    Raises:
        NothingToSeeError: it has no notes there.
    """
    whole = song.duration_seconds + RING_SECONDS
    if (which is Which.WHOLE and can_be_whole(song)) or whole <= seconds * _NEARLY_WHOLE:
        start, length = 0.0, whole
    else:
        start, length = liveliest(song, seconds) if which is Which.LIVELIEST else 0.0, seconds
    if not excerpt(song, start, length).note_count:
        raise NothingToSeeError
    return _cut(song, title, start, length, say)


def _cut(song: Song, title: str, start: float, seconds: float, say: Language) -> Shot:
    begin, end = start - BEFORE_SECONDS, start + seconds + AFTER_SECONDS
    seen = Song(tuple(_seen(track, begin, end) for track in song.tracks))
    colours = hues(song)
    lines = bar_times(song.bars, begin, end) if song.bars else np.arange(max(0, np.ceil(begin)), end)
    return Shot(
        song=seen,
        hues=colours,
        legend=tuple(parts(seen, say, colours)),
        lines=tuple(lines.tolist()),
        chords=_chords(song, begin, end),
        title=drawable(title, "") if title else "",
        start_seconds=start,
        seconds=seconds,
        song_seconds=song.duration_seconds,
        locale=say.locale,
    )


def _chords(song: Song, begin: float, end: float) -> tuple[NamedChord, ...]:
    """Those that are seen, one for all of a row of like ones."""
    found = find_chords(song)
    if found is None or not found.is_sure:
        return ()
    edges = found.bars.tempo_map.at(np.array([(one.start_ticks, one.end_ticks) for one in found.heard]))
    named: list[NamedChord] = []
    for one, (start, stop) in zip(found.heard, edges.tolist(), strict=True):
        if one.chord is None or stop <= begin or start >= end:
            continue
        name = one.chord.plain_name
        goes_on = bool(named) and named[-1][1:] == (start, name)
        named.append(NamedChord(named.pop().start_seconds if goes_on else start, stop, name))
    return tuple(named)


def _seen(track: Track, begin: float, end: float) -> Track:
    kept = (track.start_seconds < end) & (track.end_seconds > begin)
    return track.with_notes(
        track.pitch[kept], track.start_seconds[kept], track.end_seconds[kept], track.velocity[kept]
    )
