"""The notes of an excerpt of a song."""

import math
from collections.abc import Sequence

from bot.music.columns import np
from bot.music.song import Song, Track

_LEAST_REST_SECONDS = 0.03
"""What rings on for less than this after the cut is left out: it would be a click."""

_TOGETHER_SECONDS = 0.03
"""A drum hit so little before the cut is struck at it, and what begins so little before the end is left out: nobody who
names a time means the first note of the bar that it begins or ends with to be lost or to be a click."""


def excerpt(song: Song, start_seconds: float, seconds: float) -> Song:
    """The notes of `seconds` from `start_seconds` on as a song of their own, their times counted from there."""
    return Song(excerpts(song.tracks, start_seconds, start_seconds + seconds))


def excerpts(
    tracks: Sequence[Track], begin: float, end: float = math.inf, *, zero: float | None = None
) -> tuple[Track, ...]:
    """The notes from the second `begin` to `end`, their times counted from `zero`, or else from `begin`.

    A note that sounds at a cut begins or ends there; a drum hit that is past stays past.
    """
    return tuple(_excerpt(track, begin, end, begin if zero is None else zero) for track in tracks)


def _excerpt(track: Track, begin: float, end: float, zero: float) -> Track:
    start, stop = track.start_seconds, track.end_seconds
    sounds_on = np.zeros(len(track), np.bool_) if track.is_drums else stop - begin >= _LEAST_REST_SECONDS
    begins = start >= begin - (_TOGETHER_SECONDS if track.is_drums else 0)
    kept = (start < end - _TOGETHER_SECONDS) & (begins | sounds_on)
    starts = np.maximum(start[kept], begin)
    return track.with_notes(
        track.pitch[kept],
        starts - zero,
        np.maximum(np.minimum(stop[kept], end), starts) - zero,
        track.velocity[kept],
    )
