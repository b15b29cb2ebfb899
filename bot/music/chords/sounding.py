"""Which tones sound in each short piece of a song, and which of them is the lowest."""

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from bot.music.columns import NDArray, Seconds, np
from bot.music.song import Song, Track

Matrix: TypeAlias = "NDArray[np.float64]"

_PITCHES = 128
_LEAST_SHARE = 0.2
"""Of a piece: what sounds for less is no bass of it."""

_LOW = 50
"""D3: a lowest tone from there on is how a hand lies, below it is a bass. An open guitar's G/B has 47."""

_RING_SECONDS = 3.0
"""How long a note counts: of a string or key that was struck little is left by then."""


class Sounding(msgspec.Struct, frozen=True):
    """A row for each piece. `chroma`: how much each of the 12 tones sounds, 1 for all of the piece; `bass`: the lowest, likewise.

    `is_low`: whether that is low enough to be a bass.
    """

    chroma: Matrix
    bass: Matrix
    is_low: "NDArray[np.bool_]"


def sounding(song: Song, edges: Seconds) -> Sounding:
    """The tones of the pieces between one edge and the next; drums have none."""
    notes = _Notes.of([track for track in song.tracks if not track.is_drums and len(track)], edges[-1])
    shares = _covered(notes, np.ones_like(notes.weight), edges)
    loud = _covered(notes, notes.weight, edges)
    shares = np.minimum(shares, 1)
    octaves = np.minimum(loud, 1.5).reshape(len(shares), -1)
    chroma = np.zeros((len(shares), 12))
    for tone in range(12):
        # The same tone in several octaves is one tone, somewhat weightier.
        chroma[:, tone] = np.sqrt((octaves[:, tone::12] ** 2).sum(axis=1))
    return Sounding(chroma, *_lowest(shares))


class _Notes(msgspec.Struct, frozen=True):
    """Those of all tracks together: a table of pieces and pitches for each of a thousand tracks took 8 s."""

    start: Seconds
    end: Seconds
    pitch: "NDArray[np.int64]"
    weight: Seconds

    @classmethod
    def of(cls, tracks: Sequence[Track], until: float) -> "_Notes":
        """The notes that begin before that second."""
        if not tracks:
            nothing = np.zeros(0)
            return cls(nothing, nothing, np.zeros(0, np.int64), nothing)
        start = np.concatenate([track.start_seconds for track in tracks])
        end = np.concatenate([track.end_seconds for track in tracks])
        pitch = np.concatenate([track.pitch for track in tracks]).astype(np.int64)
        within = start < until
        start = start[within]
        end = np.minimum(np.minimum(end[within], start + _RING_SECONDS), until)
        weight = np.concatenate([_weights(track) for track in tracks])
        return cls(start, end, pitch[within], weight[within])


def _weights(track: Track) -> Seconds:
    """How much each note counts: as a note of its pitch in its track does in the mean."""
    pitch = track.pitch.astype(np.int64)
    # Twice the loudness is heard as half as much again.
    weight = 0.5 + track.velocity / 127
    counts = np.bincount(pitch, minlength=_PITCHES)
    return (np.bincount(pitch, weight, minlength=_PITCHES) / np.maximum(counts, 1))[pitch]


def _covered(notes: _Notes, weight: Seconds, edges: Seconds) -> Matrix:
    """How much of each piece each pitch is sounding, 0..1 for one note of weight 1 at a time."""
    pieces = len(edges) - 1
    total = np.zeros((pieces + 1, _PITCHES))
    # What a note covers up to an edge grows by whole pieces: their first differences are two steps at either end.
    for times, signed in ((notes.start, weight), (notes.end, -weight)):
        at = np.clip(np.searchsorted(edges, times, side="right") - 1, 0, pieces - 1)
        length = edges[at + 1] - edges[at]
        rest = np.clip((edges[at + 1] - times) / length, 0, 1)
        np.add.at(total, (at, notes.pitch), signed * rest)
        np.add.at(total, (at + 1, notes.pitch), signed * (1 - rest))
    return np.maximum(np.cumsum(total, axis=0)[:-1], 0)


def _lowest(shares: Matrix) -> "tuple[Matrix, NDArray[np.bool_]]":
    """The lowest pitch that sounds long enough, as one of 12 tones, and whether it is low."""
    is_there = shares >= _LEAST_SHARE
    lowest = np.argmax(is_there, axis=1)
    rows = np.arange(len(shares))
    found = np.zeros((len(shares), 12))
    found[rows, lowest % 12] = np.where(is_there.any(axis=1), shares[rows, lowest], 0)
    return found, lowest < _LOW
