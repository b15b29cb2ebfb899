"""Render items to train on: `python -m scripts.training.render FOLDER --items 5000`.

Item number n is the same every time, and one that is there is not made again: a run that was ended goes on.
"""

import argparse
from pathlib import Path
from typing import Final

import numpy as np
from numpy.random import Generator

from scripts.training.music.compose import compose
from scripts.training.music.piece import KIT, SHAKEN, Part, Piece, chance, pick
from scripts.training.music.songs import borrowed, songs_of
from scripts.training.sound import kits, sounds, voices

SEED: Final = 1877
SECONDS: Final = 10.0
LONGEST_LEAD_SECONDS: Final = 2.0
"""An item starts in the middle of its music, so that some notes already sound."""
BORROWED: Final = 0.35
SONGS: Final = Path("/usr/share/games/doom")
"""Where Debian's package freedoom puts its game data."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the data goes; some 0.8 MB an item")
    parser.add_argument("--items", type=int, default=5_000)
    parser.add_argument("--songs", type=Path, default=SONGS, help="a folder of .wad or .mid files")
    asked = parser.parse_args()
    sounds.prepare(asked.folder / "sounds")
    songs = songs_of(asked.songs)
    (asked.folder / "items").mkdir(exist_ok=True)
    for number in range(asked.items):
        path = item_path(asked.folder, number)
        if not path.exists():
            part = path.with_suffix(".part")
            with part.open("wb") as file:
                np.savez(file, allow_pickle=False, **item(asked.folder / "sounds", songs, number))
            part.replace(path)


def item_path(folder: Path, number: int) -> Path:
    """Where an item is."""
    return folder / "items" / f"{number:05}.npz"


def item(folder: Path, songs: list[Piece], number: int) -> dict[str, np.ndarray]:
    """Item `number`: its sounds `pitched` and `drums`, 16 bits, and the truth about them.

    `notes` holds [start, end, pitch, velocity, program] of each, `strokes` [start, place in the kit, velocity], `shaken` when
    there is something like a hat that is none, and `drummed` tells whether the drums belong to the mix.
    """
    rng = np.random.default_rng([SEED, number])
    seconds = SECONDS + LONGEST_LEAD_SECONDS
    piece = (
        borrowed(rng, pick(rng, songs), seconds) if songs and chance(rng, BORROWED) else compose(rng, seconds)
    )
    if not any(part.notes for part in piece.parts) or len(piece.strokes) < 8:
        other = compose(rng, seconds)
        piece = Piece(piece.parts if any(part.notes for part in piece.parts) else other.parts, other.strokes)
    lead = rng.uniform(0, LONGEST_LEAD_SECONDS)
    parts = voices.programs_of(rng, [part for part in piece.parts if part.notes])
    pitched = _mixed(rng, folder, parts, seconds)
    drums = kits.strike(rng, folder, piece.strokes, seconds)
    truth = Piece(parts, piece.strokes).cut(lead, SECONDS)
    first = round(lead * sounds.RATE_HZ)
    window = slice(first, first + round(SECONDS * sounds.RATE_HZ))
    notes = [(n.start, n.end, n.pitch, n.velocity, part.program) for part in truth.parts for n in part.notes]
    strokes = [(s.start, KIT[s.pitch], s.velocity) for s in truth.strokes if s.pitch in KIT]
    return {
        "pitched": _whole(pitched[window]),
        "drums": _whole(drums[window]),
        "notes": np.array(notes, np.float32).reshape(-1, 5),
        "strokes": np.array(strokes, np.float32).reshape(-1, 3),
        "shaken": np.array([s.start for s in truth.strokes if s.pitch in SHAKEN], np.float32),
        "drummed": np.array(chance(rng, 0.7)),
    }


def _mixed(rng: Generator, folder: Path, parts: list[Part], seconds: float) -> sounds.Samples:
    mixed = np.zeros(round(seconds * sounds.RATE_HZ), np.float32)
    for part in parts:
        mixed += voices.play(rng, folder, part, seconds)
    return mixed


def _whole(sound: sounds.Samples) -> np.ndarray:
    peak = float(np.abs(sound).max(initial=0.0))
    return (sound / max(peak, 1e-9) * 32_000).astype(np.int16)


if __name__ == "__main__":
    main()
