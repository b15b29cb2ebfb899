"""Which tones sound in each short piece of a song, and which of them is the lowest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.music.columns import Seconds
from bot.music.song import Song

Matrix = NDArray[np.float64]

_PITCHES = 128
_LEAST_SHARE = 0.2
"""Of a piece: what sounds for less is no bass of it."""

_LOW = 50
"""D3: a lowest tone from there on is how a hand lies, below it is a bass. An open guitar's G/B has 47."""

_RING_SECONDS = 3.0
"""How long a note counts: of a string or key that was struck little is left by then."""


@dataclass(frozen=True, slots=True)
class Sounding:
    """A row for each piece. `chroma`: how much each of the 12 tones sounds, 1 for all of the piece; `bass`: the lowest, likewise.

    `is_low`: whether that is low enough to be a bass.
    """

    chroma: Matrix
    bass: Matrix
    is_low: NDArray[np.bool_]


def sounding(song: Song, edges: Seconds) -> Sounding:
    """The tones of the pieces between one edge and the next; drums have none."""
    shares = np.zeros((len(edges) - 1, _PITCHES))
    loud = np.zeros_like(shares)
    for track in song.tracks:
        if track.is_drums or not len(track):
            continue
        end = np.minimum(track.end_seconds, track.start_seconds + _RING_SECONDS)
        within = track.start_seconds < edges[-1]
        start, end, pitch = (
            track.start_seconds[within],
            np.minimum(end[within], edges[-1]),
            track.pitch[within],
        )
        part = _covered(start, end, pitch.astype(np.int64), edges)
        # Twice the loudness is heard as half as much again.
        weight = 0.5 + track.velocity[within] / 127
        mean = np.bincount(pitch, weight, minlength=_PITCHES) / np.maximum(
            np.bincount(pitch, minlength=_PITCHES), 1
        )
        shares += part
        loud += part * mean
    shares = np.minimum(shares, 1)
    octaves = np.minimum(loud, 1.5).reshape(len(shares), -1)
    chroma = np.zeros((len(shares), 12))
    for tone in range(12):
        # The same tone in several octaves is one tone, somewhat weightier.
        chroma[:, tone] = np.sqrt((octaves[:, tone::12] ** 2).sum(axis=1))
    return Sounding(chroma, *_lowest(shares))


def _covered(start: Seconds, end: Seconds, pitch: NDArray[np.int64], edges: Seconds) -> Matrix:
    """How much of each piece each pitch is sounding, 0..1 for one note at a time."""
    pieces = len(edges) - 1
    total = np.zeros((pieces + 1, _PITCHES))
    # What a note covers up to an edge grows by whole pieces: their first differences are two steps at either end.
    for times, sign in ((start, 1.0), (end, -1.0)):
        at = np.clip(np.searchsorted(edges, times, side="right") - 1, 0, pieces - 1)
        length = edges[at + 1] - edges[at]
        rest = np.clip((edges[at + 1] - times) / length, 0, 1)
        np.add.at(total, (at, pitch), sign * rest)
        np.add.at(total, (at + 1, pitch), sign * (1 - rest))
    return np.maximum(np.cumsum(total, axis=0)[:-1], 0)


def _lowest(shares: Matrix) -> tuple[Matrix, NDArray[np.bool_]]:
    """The lowest pitch that sounds long enough, as one of 12 tones, and whether it is low."""
    is_there = shares >= _LEAST_SHARE
    lowest = np.argmax(is_there, axis=1)
    rows = np.arange(len(shares))
    found = np.zeros((len(shares), 12))
    found[rows, lowest % 12] = np.where(is_there.any(axis=1), shares[rows, lowest], 0)
    return found, lowest < _LOW
