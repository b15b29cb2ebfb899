"""A part of a song as a song of its own."""

import numpy as np

from bot.music.song import Song, Track

_LEAST_REST_SECONDS = 0.03
"""What rings on for less than this after the cut is left out: it would be a click."""


def excerpt(song: Song, start_seconds: float, seconds: float) -> Song:
    """The notes of `seconds` from `start_seconds` on, their times counted from there.

    A note that sounds at the cut begins there; a drum hit that is past stays past.
    """
    return Song(tuple(_part(track, start_seconds, start_seconds + seconds) for track in song.tracks))


def _part(track: Track, begin: float, end: float) -> Track:
    start, stop = track.start_seconds, track.end_seconds
    sounds_on = np.zeros(len(track), np.bool_) if track.is_drums else stop - begin >= _LEAST_REST_SECONDS
    kept = (start < end) & ((start >= begin) | sounds_on)
    return track.with_notes(
        track.pitch[kept],
        np.maximum(start[kept], begin) - begin,
        np.minimum(stop[kept], end) - begin,
        track.velocity[kept],
    )
