"""How loud notes are: the network says how sure it is, not how loud, so the sound's own level decides."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.studio.transcriber.notes import END, START, STRENGTH, Table

QUIETEST: Final = 10 ** (-55 / 20)
"""Below the song's loudest frame by more than 55 dB there is noise and the end of a fade, and the network, which makes every
window equally loud, hears notes in it."""
SILENCE: Final = 1e-4
"""-80 dB of full scale: the noise of 16 bits and of lossy codecs."""

ATTACK_FRAMES: Final = 9
"""A note is as loud as the loudest of its first 104 ms."""

STRENGTH_WEIGHT: Final = 2.0
"""Within a chord the level is shared, and the network's sureness tells its notes apart. With this weight the result follows
the true velocities of rendered pieces with a correlation of .92 (bass), .84 (synths), .44 (piano, mixes .54 and .44)."""

LOUD: Final = 0.87
"""The velocity (110 of 127) of a piece's loud notes, those at the 95th percentile: a few accents are louder still."""
SOFTEST: Final = 0.16
"""The velocity 20 of 127: what can be heard should stay audible."""


Level = NDArray[np.float32]


def audible(level: Level, notes: Table) -> Table:
    """`notes` without those that are nothing but noise; `level` is of each frame of the song."""
    floor = max(SILENCE, QUIETEST * float(level.max(initial=0.0)))
    return notes[_loudest(level, notes[:, START], notes[:, END]) >= floor]


def velocities(level: Level, notes: Table) -> NDArray[np.float32]:
    """The velocity of each note in 0..1, relative to the piece: quiet recordings are not quiet music."""
    if not len(notes):
        return np.zeros(0, np.float32)
    attack = np.minimum(notes[:, START] + ATTACK_FRAMES, level.size)
    loudest = _loudest(level, notes[:, START], attack)
    loudness = np.log(np.maximum(loudest, SILENCE)) + STRENGTH_WEIGHT * notes[:, STRENGTH]
    # Synthesisers take the square of the velocity as amplitude, hence half of the logarithm.
    velocity = LOUD * np.exp((loudness - np.percentile(loudness, 95)) / 2)
    return np.asarray(velocity.clip(SOFTEST, 1.0), np.float32)


def _loudest(level: Level, first: NDArray[np.floating], stop: NDArray[np.floating]) -> Level:
    """The highest level between two frames, for each pair."""
    if not first.size:
        return np.zeros(0, np.float32)
    pairs = np.stack([first, stop], axis=1).astype(np.int64)
    return np.asarray(np.maximum.reduceat(np.append(level, np.float32(0)), pairs.ravel())[::2], np.float32)
