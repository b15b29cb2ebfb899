"""The rendered items as the trainers read them. The first ones are held out, to choose thresholds by."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scripts.training.sound.sounds import Samples

HELD_OUT: Final = 250


@dataclass(frozen=True, slots=True)
class Item:
    """What `render.item` made, its sounds within -1..1."""

    pitched: Samples
    drums: Samples
    notes: NDArray[np.float32]
    strokes: NDArray[np.float32]
    shaken: NDArray[np.float32]
    drummed: bool


def load(path: Path) -> Item:
    """Read one item."""
    with np.load(path) as found:
        return Item(
            found["pitched"].astype(np.float32) / 32_768,
            found["drums"].astype(np.float32) / 32_768,
            found["notes"],
            found["strokes"],
            found["shaken"],
            bool(found["drummed"]),
        )


def split(folder: Path) -> tuple[list[Path], list[Path]]:
    """(to train on, held out): every item so far; the held out are the first, so that they stay the same."""
    paths = sorted((folder / "items").glob("*.npz"))
    return paths[HELD_OUT:], paths[:HELD_OUT]


def loud(sound: Samples) -> float:
    """The root of the mean square."""
    return float(np.sqrt(np.mean(np.square(sound)) + 1e-12))
