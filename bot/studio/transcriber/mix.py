"""Channels to one: as they are, and where one of two is turned upside down, without losing what both have."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

INVERTED: Final = 3.0
"""From here on the difference of two channels is taken: it has so much more energy than their sum where one of them is
inverted. Of instruments that are each hard on one side both have the same."""


class Mixer:
    """Mixes a song block by block; what it heard so far says whether a channel is inverted."""

    def __init__(self) -> None:
        """Nothing was heard yet."""
        self._sum = 0.0
        self._difference = 0.0

    def mono(self, channels: Samples) -> Samples:
        """One channel of [channels, samples], as loud as they are together if they have nothing in common."""
        count = len(channels)
        mixed: Samples = channels.sum(axis=0) / np.float32(np.sqrt(count))
        if count != 2:
            return mixed
        turned: Samples = (channels[0] - channels[1]) / np.float32(np.sqrt(2))
        self._sum += _energy(mixed)
        self._difference += _energy(turned)
        return turned if self._difference > INVERTED * self._sum else mixed


def _energy(samples: Samples) -> float:
    energy = float(np.square(samples, dtype=np.float64).sum())
    return energy if np.isfinite(energy) else 0.0
