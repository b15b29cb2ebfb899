"""Which part of a song to play when there is time for one part only."""

import math

from bot.music.columns import np
from bot.music.song import Song

LEAD_SECONDS = 0.05
"""The part begins this long before its first note, so that fading in takes nothing from it."""

_BIN_SECONDS = 0.25


def liveliest(song: Song, seconds: float = 30.0) -> float:
    """Where the liveliest `seconds` of the song begin; 0.0 if it is no longer than that.

    Lively is much begun, loud, by many: in each quarter of a second the root of each track's summed velocity counts,
    so that five instruments outweigh one that trills.
    """
    latest = song.duration_seconds - seconds
    if latest <= 0:
        return 0.0
    bins = math.ceil(song.duration_seconds / _BIN_SECONDS) + 1
    life = np.zeros(bins)
    for track in song.tracks:
        place = (track.start_seconds / _BIN_SECONDS).astype(np.int64)
        life += np.sqrt(np.bincount(place, weights=track.velocity, minlength=bins))
    reached = np.concatenate(([0.0], np.cumsum(life)))
    width = min(max(round(seconds / _BIN_SECONDS), 1), bins)
    lives = reached[width:] - reached[:-width]
    # The first of equals: sums that differ in their last digits are equal.
    best = int(np.argmax(lives >= lives.max() * (1 - 1e-9))) * _BIN_SECONDS
    begins = np.concatenate([track.start_seconds for track in song.tracks])
    first = float(begins[begins >= best].min(initial=song.duration_seconds))
    return min(max(first - LEAD_SECONDS, 0.0), latest)
