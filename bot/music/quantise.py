"""A copy of a song whose notes lie on a grid, or nearer to it."""

from msgspec.structs import replace

from bot.music.columns import Seconds, np
from bot.music.normalise import normalise
from bot.music.song import Song, Track
from bot.music.timeline.bars import Bars

GRIDS: dict[str, float] = {
    "1/4": 1,
    "1/8": 1 / 2,
    "1/8T": 1 / 3,
    "1/16": 1 / 4,
    "1/16T": 1 / 6,
    "1/32": 1 / 8,
}
"""Grids by name, in quarter notes; T is a triplet."""

_CLEAR = 0.5
"""From this agreement of the onsets on (0 random, 1 all alike) the song's own grid begins where they say."""


def quantised(song: Song, *, bpm: float | None = None, grid: str = "1/16", strength: float = 1.0) -> Song:
    """Move each note's start `strength` (0..1) of its way to the `grid` of the song's bars, or at `bpm`; lengths stay.

    Like that of a file, the tempo is in the beats that people count, of 6/8 in dotted quarters.

    A recording's grid rarely begins at its first sample: where the onsets agree on an offset from that at `bpm`, the copy
    is moved by it (below one grid step) as well, so that its notes lie on the bars of a file at `bpm`.

    Raises:
        ValueError: a grid that is not in `GRIDS`, a strength outside 0..1, or a tempo that is not above zero.
    """
    if grid not in GRIDS:
        raise ValueError(f"grid {grid} is none of {', '.join(GRIDS)}")
    if not 0 <= strength <= 1 or not (bpm is None or bpm > 0):
        raise ValueError(f"strength {strength} or tempo {bpm} is out of range")
    if bpm is None:
        bars = song.bars or Bars.plain()
        even = bars.evenly_led()
        tracks = [_on_bars(track, bars, even, GRIDS[grid], strength) for track in song.tracks]
        return replace(normalise(tracks, song.report), bars=song.bars and even)
    step_seconds = GRIDS[grid] * 60 / (bpm * float(song.beat))
    offset_seconds = _offset(song, step_seconds)
    tracks = [_moved(track, step_seconds, offset_seconds, strength) for track in song.tracks]
    return normalise(tracks, song.report)


def _on_bars(track: Track, bars: Bars, even: Bars, step: float, strength: float) -> Track:
    """Towards the places that are whole steps (in quarters) from bar 1; `even` are the bars of the copy."""
    size = step * bars.division
    places, ends = map(bars.tempo_map.places_at, (track.start_seconds, track.end_seconds))
    starts, ends = even.tempo_map.at(places), even.tempo_map.at(ends)
    steps = (places - bars.first_bar) / size
    nearest = np.maximum(np.rint(steps), -(bars.first_bar // size))
    target = np.maximum(even.tempo_map.at(nearest * size + bars.first_bar), 0.0)
    shift = strength * (target - starts)
    # Full strength means on the grid to the last bit, which adding differences would miss.
    starts = target if strength == 1 else np.maximum(starts + shift, 0)
    ends = np.maximum(ends + shift, starts)
    return track.with_notes(track.pitch, starts, ends, track.velocity)


def _moved(track: Track, step_seconds: float, offset_seconds: float, strength: float) -> Track:
    target = np.maximum(np.rint((track.start_seconds - offset_seconds) / step_seconds), 0) * step_seconds
    shift = strength * (target - track.start_seconds)
    # Full strength means on the grid to the last bit, which adding differences would miss.
    starts = target if strength == 1 else track.start_seconds + shift
    ends = np.maximum(track.end_seconds + shift, starts)
    return track.with_notes(track.pitch, starts, ends, track.velocity)


def _offset(song: Song, step_seconds: float) -> float:
    """How far behind the grid (or, below zero, ahead of it) the onsets are on the whole."""
    if not song.note_count:
        return 0.0
    starts: Seconds = np.concatenate([track.start_seconds for track in song.tracks])
    mean = np.exp(2j * np.pi * starts / step_seconds).mean()
    return float(np.angle(mean) / (2 * np.pi) * step_seconds) if abs(mean) >= _CLEAR else 0.0
