"""What the picture shows, in words, for those who hear it instead of seeing it."""

import numpy as np

from bot.music import names
from bot.music.roll.colours import DRUM_HUE, HUES
from bot.music.roll.labels import clock, grouped
from bot.music.roll.legend import hues
from bot.music.song import Song, Track
from bot.music.summary import note_name

MAX_CHARACTERS = 1024
"""Discord's limit for the description of an attachment."""

_REST_CHARACTERS = len(" And 1000 more instruments.")


def describe(song: Song, title: str) -> str:
    """The alt text of a song's roll: the whole first, then each instrument, as far as 1024 characters go."""
    shown = [(track, hue) for track, hue in zip(song.tracks, hues(song), strict=True) if len(track)]
    text = _whole(song, names.clean(title), len(shown))
    for place, (track, hue) in enumerate(shown):
        line = " " + (_drums(track) if track.is_drums else _instrument(track, hue))
        left = len(shown) - place
        reserve = _REST_CHARACTERS if left > 1 else 0
        if len(text) + len(line) + reserve > MAX_CHARACTERS:
            return f"{text} And {left} more {_plural(left, 'instrument')}."
        text += line
    return text


def _whole(song: Song, title: str, instruments: int) -> str:
    of = f" of {title}" if title else ""
    if not song.note_count:
        return f"Piano roll{of}, without notes."
    return (
        f"Piano roll{of}: {grouped(song.note_count)} {_plural(song.note_count, 'note')}"
        f" of {instruments} {_plural(instruments, 'instrument')} in {clock(song.duration_seconds)},"
        f" time from left to right, pitch from low to high, louder notes brighter.{_busiest(song)}"
    )


def _busiest(song: Song) -> str:
    """Where most notes begin, in tenths of the song; nothing where the song is too short to have parts."""
    duration = song.duration_seconds
    if duration < 20:
        return ""
    starts = np.concatenate([track.start_seconds for track in song.tracks])
    counts, edges = np.histogram(starts, bins=10, range=(0, duration))
    most = int(counts.argmax())
    return f" Busiest from {clock(edges[most])} to {clock(edges[most + 1])}."


def _instrument(track: Track, hue: int) -> str:
    lowest, highest = int(track.pitch.min()), int(track.pitch.max())
    pitches = (
        f"at {note_name(lowest)}"
        if lowest == highest
        else f"between {note_name(lowest)} and {note_name(highest)}"
    )
    count = f"{grouped(len(track))} {_plural(len(track), 'note')}"
    return f"{track.name or 'Unnamed'} in {HUES[hue].name}: {count} {pitches}, {_when(track)}."


def _drums(track: Track) -> str:
    pieces = len(np.unique(track.pitch))
    count = f"{grouped(len(track))} {_plural(len(track), 'hit')} on {pieces} {_plural(pieces, 'piece')}"
    return f"{track.name or 'Drums'} in {DRUM_HUE.name}, in a lane below: {count}, {_when(track)}."


def _when(track: Track) -> str:
    first, last = float(track.start_seconds.min()), float(track.end_seconds.max())
    return f"{clock(first)} to {clock(last)}"


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"
