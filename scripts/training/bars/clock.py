"""How a made-up song's beats lie in time: steady, drifting, in steps, or with rubato."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Times = NDArray[np.float64]

KINDS: Final = ("steady", "drift", "ramp", "step", "rubato")


@dataclass(frozen=True, slots=True)
class Pace:
    """When beats come. `times` are the seconds of beats -8, -7, ... (before the first downbeat there may be a pickup)."""

    kind: str
    times: Times

    def seconds(self, beats: float | Times) -> Times:
        """The seconds of places in beats, 0 being the first downbeat."""
        places = np.arange(len(self.times)) - _BEFORE
        return np.asarray(np.interp(beats, places, self.times))


_BEFORE: Final = 8


def pace(
    rng: Generator, kind: str, *, beat_seconds: float, beats: int, bar_beats: int, starts: float
) -> Pace:
    """A pace for `beats` beats; the first downbeat comes at `starts` seconds."""
    count = beats + _BEFORE + 8
    place = np.arange(count) - _BEFORE
    if kind == "drift":
        width, waves = rng.uniform(0.01, 0.06), rng.uniform(0.5, 3)
        factor = 1 + width * np.sin(2 * np.pi * (place / count * waves + rng.random()))
    elif kind == "ramp":
        factor = 1 + rng.uniform(-0.12, 0.12) * place / count
    elif kind == "step":
        at = rng.integers(beats // 3, 2 * beats // 3 + 1) // bar_beats * bar_beats
        factor = np.where(place >= at, 1 + rng.choice((-1, 1)) * rng.uniform(0.02, 0.08), 1.0)
    elif kind == "rubato":
        factor = _rubato(rng, place, bar_beats)
    else:
        factor = np.ones(count)
    lengths = beat_seconds * factor
    times = np.concatenate(([0.0], np.cumsum(lengths[:-1])))
    return Pace(kind, times - times[_BEFORE] + starts)


def _rubato(rng: Generator, place: NDArray[np.int64], bar_beats: int) -> Times:
    """Wandering, slower towards the ends of phrases of four bars."""
    walk = np.cumsum(rng.normal(0, 0.018, len(place)))
    walk -= np.linspace(0, walk[-1], len(place))
    phrase = np.maximum(0, (place % (4 * bar_beats)) / (4 * bar_beats) - 0.75) * 4
    return np.asarray(np.clip(1 + walk + rng.uniform(0.05, 0.3) * phrase, 0.7, 1.5))
