"""Played times -> written ones: on sixteenths or on triplets, beat by beat, and swing as straight eighths."""

from typing import TypeAlias

import msgspec

from bot.music.columns import NDArray, Seconds, np
from bot.music.song import Song, Track
from bot.score.rhythm.units import QUARTER, SIXTEENTH, TRIPLET, Plan

_TOGETHER_SECONDS = 0.035
"""A strummed chord is one chord."""

_FINER = {0: 0.0, 6: 0.02, 3: 0.05, 9: 0.05}
"""Of a quarter: what a place must be nearer by than one that is easier to read."""

_TRIPLETS_FIT = 0.008
"""Of a quarter, squared and summed over a beat: so much better triplets must fit. Three of them are 0.014 off the sixteenths."""
_ONE_FITS = 0.012

_FEWEST_OFFBEATS = 12
_SWUNG_FROM, _SWUNG_TO = 0.58, 0.74
_MOSTLY = 0.7

_Floats: TypeAlias = "NDArray[np.float64]"
_Ints: TypeAlias = "NDArray[np.int64]"


class Written(msgspec.Struct, frozen=True):
    """The notes of one track by onset: units of their starts and ends, and pitches. `triplets` are beats (in quarters) of triplets."""

    start: _Ints
    end: _Ints
    pitch: _Ints
    triplets: frozenset[int]


def is_swung(song: Song, plan: Plan) -> bool:
    """Whether off-beat eighths are late all through the song, at two thirds of the beat."""
    if not plan.is_in_quarters:
        return False
    starts = [track.start_seconds for track in song.tracks if len(track)]
    if not starts:
        return False
    within = plan.units(np.unique(np.concatenate(starts))) / QUARTER % 1
    off = within[(within > 0.15) & (within < 0.9)]
    middle = (off > 0.42) & (off < 0.8)
    swung = (off > _SWUNG_FROM) & (off < _SWUNG_TO)
    return bool(
        middle.sum() >= _FEWEST_OFFBEATS
        and swung.sum() > _MOSTLY * middle.sum()
        and middle.sum() > _MOSTLY * len(off)
    )


def written(track: Track, plan: Plan, *, swung: bool) -> Written:
    """The notes of a track as they are written."""
    starts = together(track.start_seconds)
    onset, end = plan.units(starts), plan.units(track.end_seconds)
    if swung:
        onset, end = _straight(onset), _straight(end)
    beats = np.floor(onset / QUARTER).astype(np.int64)
    straight, triplet = _to_sixteenths(onset), np.rint(onset / TRIPLET) * TRIPLET
    in_threes = np.zeros(len(onset), np.bool_)
    if plan.is_in_quarters and not swung:
        in_threes = _is_triplet(onset, straight, triplet, beats)
    start = np.where(in_threes, triplet, straight).astype(np.int64)
    begins, ends = plan.written[0].start, plan.written[-1].end
    start = np.where(start >= ends, ends - QUARTER, np.maximum(start, begins))
    triplets = frozenset(beats[in_threes].tolist())
    stop = _ends(start, end, triplets)
    order = np.lexsort((track.pitch, start))
    start, stop, pitch = start[order], np.minimum(stop[order], ends), track.pitch[order].astype(np.int64)
    # Two of one pitch in a sixteenth are written as one.
    is_new = np.ones(len(start), np.bool_)
    is_new[1:] = (start[1:] != start[:-1]) | (pitch[1:] != pitch[:-1])
    return Written(start[is_new], stop[is_new], pitch[is_new], triplets)


def together(starts: Seconds) -> Seconds:
    """Starts by groups that are played as one, each at its group's mean; `starts` ascend."""
    if not len(starts):
        return starts
    group, number, first = np.empty(len(starts), np.int64), -1, -np.inf
    for at, seconds in enumerate(starts.tolist()):
        if seconds - first > _TOGETHER_SECONDS:
            number, first = number + 1, seconds
        group[at] = number
    return np.asarray((np.bincount(group, starts) / np.bincount(group))[group])


def _straight(units: _Floats) -> _Floats:
    """Two thirds of a beat become its middle."""
    beat, within = np.divmod(units / QUARTER, 1)
    within = np.where(within < 2 / 3, within * 0.75, 0.5 + (within - 2 / 3) * 1.5)
    return np.asarray((beat + within) * QUARTER)


def _to_sixteenths(onset: _Floats) -> _Floats:
    near = np.floor(onset / SIXTEENTH) * SIXTEENTH
    finer = np.array([_FINER[place] for place in (0, 3, 6, 9)]) * QUARTER
    below = onset - near + finer[(near / SIXTEENTH).astype(np.int64) % 4]
    above = near + SIXTEENTH - onset + finer[(near / SIXTEENTH + 1).astype(np.int64) % 4]
    return np.asarray(np.where(below <= above, near, near + SIXTEENTH))


def _is_triplet(onset: _Floats, straight: _Floats, triplet: _Floats, beats: _Ints) -> "NDArray[np.bool_]":
    """Which notes are in a beat of triplets."""
    # By number: a song of a few minutes can have 300 million beats that are empty.
    which = np.unique(beats, return_inverse=True)[1]

    def off(from_: _Floats) -> _Floats:
        return np.asarray(np.bincount(which, ((onset - from_) / QUARTER) ** 2))

    gain = off(straight) - off(triplet)
    thirds = triplet.astype(np.int64) % QUARTER != 0
    places = np.unique(np.stack((which[thirds], triplet[thirds].astype(np.int64))), axis=1)[0]
    inside = np.bincount(places, minlength=len(gain))
    fits = ((inside >= 2) & (gain > _TRIPLETS_FIT)) | ((inside == 1) & (gain > _ONE_FITS))
    return np.asarray(fits[which])


def _ends(start: _Ints, end: _Floats, triplets: frozenset[int]) -> _Ints:
    """Ends on the grid of the beat that they are in, after the start."""
    fine = np.rint(end / SIXTEENTH).astype(np.int64) * SIXTEENTH
    thirds = np.rint(end / TRIPLET).astype(np.int64) * TRIPLET
    in_threes = np.isin(np.floor(end / QUARTER).astype(np.int64), list(triplets) or [-1])
    found = np.where(in_threes, thirds, fine)
    return np.asarray(np.maximum(found, start + np.where(start % SIXTEENTH, TRIPLET, SIXTEENTH)))
