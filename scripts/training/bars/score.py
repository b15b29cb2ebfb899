"""How well heard beats agree with true ones."""

import numpy as np
from numpy.typing import NDArray

from scripts.training.bars.composed import Truth

Times = NDArray[np.float64]


def tolerance(truth: Truth) -> float:
    """Seconds that a beat may be off: 70 ms as is usual, and less where beats are quick."""
    return min(0.07, 0.15 * float(np.median(np.diff(truth.beats))))


def f_measure(truth: Times, heard: Times, within: float) -> float:
    """The harmonic mean of the shares of true beats that were heard and of heard beats that are true, 0..1."""
    if min(len(truth), len(heard)) < 2:
        return 0.0
    recall, precision = _met(heard, truth, within), _met(truth, heard, within)
    return 2 * recall * precision / max(recall + precision, 1e-9)


def _met(there: Times, wanted: Times, within: float) -> float:
    at = np.clip(np.searchsorted(there, wanted), 1, len(there) - 1)
    off = np.minimum(np.abs(there[at] - wanted), np.abs(there[at - 1] - wanted))
    return float((off <= within).mean())
