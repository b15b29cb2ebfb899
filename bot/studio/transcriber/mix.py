"""Channels to one: as they are, and where some are turned upside down, without losing what they have in common."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

INVERTED: Final = 3.0
"""From here on channels are turned: with some of them turned, the sum has so much more energy than without where they are
inverted. Of instruments that are each hard on one side both have the same."""


class Mixer:
    """Mixes a song block by block; what it heard so far says whether a channel is inverted."""

    def __init__(self) -> None:
        """Nothing was heard yet."""
        self._common: NDArray[np.float64] | None = None

    def mono(self, channels: Samples) -> Samples:
        """One channel of [channels, samples], as loud as they are together if they have nothing in common."""
        mixed: Samples = (self._signs(channels) @ channels) / np.float32(np.sqrt(len(channels)))
        return mixed

    def _signs(self, channels: Samples) -> Samples:
        """1 for each channel that is taken as it is, -1 for each that is turned."""
        as_they_are = np.ones(len(channels), np.float32)
        if len(channels) == 1:
            return as_they_are
        if self._common is None or len(self._common) != len(channels):
            self._common = np.zeros((len(channels), len(channels)))
        heard = channels.astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            common = heard @ heard.T
        if np.isfinite(common).all():
            self._common += common
        loudest = int(np.argmax(self._common.diagonal()))
        signs = np.where(self._common[loudest] < 0, -1.0, 1.0)
        turned, plain = signs @ self._common @ signs, self._common.sum()
        return signs.astype(np.float32) if turned > INVERTED * max(plain, 0.0) else as_they_are
