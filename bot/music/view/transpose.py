"""Notes in another key."""

from collections.abc import Sequence

from bot.music.columns import np
from bot.music.song import Track


def transposed(tracks: Sequence[Track], semitones: int) -> tuple[tuple[Track, ...], int]:
    """The tracks so many semitones higher, drums as they are; and how many notes that takes out of MIDI's range, which are left out."""
    if not semitones:
        return tuple(tracks), 0
    moved = tuple(track if track.is_drums else _transposed(track, semitones) for track in tracks)
    return moved, sum(map(len, tracks)) - sum(map(len, moved))


def _transposed(track: Track, semitones: int) -> Track:
    pitch = track.pitch.astype(np.int64) + semitones
    kept = (pitch >= 0) & (pitch <= 127)
    return track.with_notes(
        pitch[kept], track.start_seconds[kept], track.end_seconds[kept], track.velocity[kept]
    )
