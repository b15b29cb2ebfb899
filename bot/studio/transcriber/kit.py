"""Strokes of a whole drum kit, heard by a network of our own, also through a mix. `weights/README.md` tells how it was trained."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from bot.studio.transcriber.bands import HOP, QUIETEST_DB, STEPS_A_DB, Loudness
from bot.studio.transcriber.decode import RATE_HZ
from bot.studio.transcriber.rows import Rows

WEIGHTS: Final = Path(__file__).parent / "weights"
DRUMS: Final = WEIGHTS / "drums.onnx"

RANGE_DB: Final = 75.0
"""What is quieter than the loudest by more is silence to the network."""
SILENCE_DB: Final = -60.0
"""No song is made louder than as if this were its loudest: noise is not music."""

BLOCK_FRAMES: Final = 1024
CONTEXT_FRAMES: Final = 32
"""As far as the network sees to either side; with them a block's frames come out as in the whole song."""

REST_FRAMES: Final = 4
"""The same piece is not struck twice within 46 ms."""

ATTACK: Final = np.arange(-1, 4)
"""A stroke is as loud as the loudest of these frames."""
SOFTEST: Final = 0.15

Struck = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the kit: its General MIDI pitch, and the bands (of 64) that tell how hard it was struck."""

    pitch: int
    bands: slice


PIECES: Final = (
    Piece(36, slice(0, 8)),
    Piece(38, slice(8, 40)),
    Piece(42, slice(44, 64)),
    Piece(46, slice(44, 64)),
    Piece(47, slice(2, 16)),
    Piece(49, slice(36, 64)),
    Piece(51, slice(40, 64)),
)
"""Kick, snare, closed and open hat, tom, crash, ride: in this order the network tells of them."""
KICK, SNARE, CLOSED_HAT, OPEN_HAT, TOM, CRASH, RIDE = range(7)
CYMBALS: Final = (CLOSED_HAT, OPEN_HAT, CRASH, RIDE)


@dataclass(frozen=True, slots=True)
class Hit:
    """One stroke; `strength` is 0..1 against the loud ones of its piece."""

    seconds: float
    pitch: int
    strength: float


@dataclass(frozen=True, slots=True)
class Sureness:
    """How sure is sure enough, for each skin, and for any hat or cymbal; which of these it was, the likeliest decides."""

    kick: float
    snare: float
    tom: float
    cymbal: float


ALONE: Final = Sureness(kick=0.6, snare=0.55, tom=0.35, cymbal=0.45)
MIXED: Final = Sureness(kick=0.55, snare=0.3, tom=0.5, cymbal=0.4)
"""`scripts.training.thresholds` would have the skins' a little higher, by items like those that the network learned from; in songs
by people it is less sure, and with these snares in a mix are .80 (F1) instead of .73."""

EVENLY: Final = 0.2
EVENLY_FRAMES: Final = range(7, 87)
"""Hats keep time: a doubtful one in the middle between two sure ones, up to a second from each, is believed from this sureness on.
With it the others may be held to more: in songs by people hats are .77 (F1) instead of .75 in a mix, alone .84 instead of .80."""

WINDOW_SECONDS: Final = 30.0
STEP_SECONDS: Final = 10.0
SURE_OF_DRUMS: Final = {KICK: 0.6, SNARE: 0.6, CLOSED_HAT: 0.5}
LEAST_STROKES: Final = 8
"""There are drums where at least two of these three are struck so often in 30 s. Of 41 songs whose drums were taken away none
had some by this, of 38 with drums 3 had none."""
FEWEST_STROKES: Final = 3
"""In what is shorter than 30 s fewer are enough, but not fewer than this."""


class Kit:
    """A loaded network."""

    def __init__(self, path: Path = DRUMS) -> None:
        """Load it for one core: it takes half a second for three minutes."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def struck(self, heard: Loudness | Rows) -> Struck:
        """[frames, 7]: how likely each of the `PIECES` is struck in each frame."""
        top = loudest(heard)
        found = np.zeros((len(heard), len(PIECES)), np.float32)
        for first in range(0, len(heard), BLOCK_FRAMES):
            found[first : first + BLOCK_FRAMES] = self._part(heard, first, top)
        return found

    def _part(self, heard: Loudness | Rows, first: int, top: float) -> Struck:
        before = min(first, CONTEXT_FRAMES)
        seen = normal(heard[first - before : first + BLOCK_FRAMES + CONTEXT_FRAMES], top)
        found: Struck = self._session.run(None, {"loudness": seen[None]})[0][0]
        return found[before : before + BLOCK_FRAMES]


def loudest(heard: Loudness | Rows) -> float:
    """The level in dB that a song's loud moments reach."""
    if not len(heard):
        return SILENCE_DB
    blocks = (heard[first : first + BLOCK_FRAMES] for first in range(0, len(heard), BLOCK_FRAMES))
    highest = np.concatenate([block.max(axis=1) for block in blocks])
    return max(float(np.percentile(highest, 99.5)) / STEPS_A_DB + QUIETEST_DB, SILENCE_DB)


def normal(heard: Loudness, top: float) -> Struck:
    """What the network is given: 1 is as loud as `top`, 0 is `RANGE_DB` below or less."""
    decibels = heard.astype(np.float32) / STEPS_A_DB + np.float32(QUIETEST_DB)
    return np.clip((decibels - np.float32(top - RANGE_DB)) / np.float32(RANGE_DB), 0, 1.2)


def strokes(heard: Loudness | Rows, struck: Struck, *, mixed: bool) -> list[Hit]:
    """The strokes by time; `mixed` says that other instruments are heard too, and that there may be no drums at all."""
    sure = MIXED if mixed else ALONE
    frames = {
        KICK: peaks(struck[:, KICK], sure.kick),
        SNARE: peaks(struck[:, SNARE], sure.snare),
        TOM: peaks(struck[:, TOM], sure.tom),
        **_cymbals(struck, sure.cymbal),
    }
    if mixed:
        there = drummed(struck)
        frames = {place: found[there[found]] for place, found in frames.items()}
    found = [hit for place, at in frames.items() for hit in _hits(heard, PIECES[place], at)]
    return sorted(found, key=lambda hit: (hit.seconds, hit.pitch))


def _cymbals(struck: Struck, least: float) -> dict[int, NDArray[np.intp]]:
    """The network is surer that some metal was struck than which."""
    none = np.ones(len(struck), np.float32)
    for place in CYMBALS:
        none *= 1 - struck[:, place]
    frames = in_time(1 - none, least)
    likeliest = struck[frames][:, CYMBALS].argmax(axis=1)
    return {place: frames[likeliest == column] for column, place in enumerate(CYMBALS)}


def in_time(sure: Struck, least: float) -> NDArray[np.intp]:
    """The `peaks`, and those that are doubtful but keep time with them."""
    frames = peaks(sure, min(EVENLY, least))
    surely = sure[frames] >= least
    return frames[surely | _halfway(frames, frames[surely])]


def _halfway(frames: NDArray[np.intp], sure: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which of `frames` lie in the middle between two of `sure`, give or take a frame."""
    edge = EVENLY_FRAMES.stop
    struck = np.zeros(frames.max(initial=0) + 2 * edge, np.bool_)
    struck[sure + edge] = True
    near = struck | np.roll(struck, 1) | np.roll(struck, -1)
    found = np.zeros(frames.size, np.bool_)
    for lag in EVENLY_FRAMES:
        found |= struck[frames + edge - lag] & near[frames + edge + lag]
    return found


def drummed(struck: Struck) -> NDArray[np.bool_]:
    """For each frame whether there are drums in the half minute around it."""
    window, step = round(WINDOW_SECONDS * RATE_HZ / HOP), round(STEP_SECONDS * RATE_HZ / HOP)
    there = np.zeros(len(struck), np.bool_)
    beats = {place: peaks(struck[:, place], sure) for place, sure in SURE_OF_DRUMS.items()}
    least = max(FEWEST_STROKES, LEAST_STROKES * min(1.0, len(struck) / window))
    for first in range(0, max(1, len(struck) - window + step), step):
        counts = [np.count_nonzero((at >= first) & (at < first + window)) for at in beats.values()]
        if sorted(counts)[1] >= least:
            there[first : first + window] = True
    return there


def _hits(heard: Loudness | Rows, piece: Piece, frames: NDArray[np.intp]) -> Iterator[Hit]:
    if not frames.size:
        return
    loud = np.concatenate(list(_loud(heard, piece, frames)))
    # Synthesisers take the square of the velocity as amplitude, hence the root.
    strengths = np.sqrt(loud / np.percentile(loud, 95)).clip(SOFTEST, 1.0)
    for frame, strength in zip(frames.tolist(), strengths.tolist(), strict=True):
        yield Hit(frame * HOP / RATE_HZ, piece.pitch, strength)


def _loud(heard: Loudness | Rows, piece: Piece, frames: NDArray[np.intp]) -> Iterator[Struck]:
    """How loud `piece` is at each of `frames`, some at a time."""
    for first in range(0, len(heard), BLOCK_FRAMES):
        some = frames[slice(*np.searchsorted(frames, [first, first + BLOCK_FRAMES]))]
        if some.size:
            begin = max(0, first + ATTACK[0])
            block = heard[begin : first + BLOCK_FRAMES + ATTACK[-1]]
            around = np.clip(some[:, None] + ATTACK, 0, len(heard) - 1) - begin
            yield np.sqrt(_POWERS[block[around, piece.bands]].mean(axis=2).max(axis=1))


def peaks(sure: Struck, least: float) -> NDArray[np.intp]:
    """The frames in which `sure` is at least `least`, and highest among those `REST_FRAMES` around."""
    if not sure.size:
        return np.zeros(0, np.intp)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(sure, REST_FRAMES), 2 * REST_FRAMES + 1)
    # The first of equals.
    first = around.argmax(axis=1) == REST_FRAMES
    return np.flatnonzero(first & (sure >= least))


_POWERS = (10 ** ((np.arange(256) / STEPS_A_DB + QUIETEST_DB) / 10)).astype(np.float32)
