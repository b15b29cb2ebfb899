"""Render items to train on: `python -m scripts.training.render FOLDER --items 5000 --kits 5000`.

Item number n is the same every time, and one that is there is not made again: a run that was ended goes on. Kits are drums
without notes, as the network for drums sees them: a third of an item's work, and every one sounds otherwise.
"""

import argparse
from pathlib import Path
from typing import Final

import numpy as np
from numpy.random import Generator

from bot.studio.transcriber import bands
from scripts.training.music.compose import compose
from scripts.training.music.piece import KIT, SHAKEN, Part, Piece, chance, pick
from scripts.training.music.songs import borrowed, songs_of
from scripts.training.sound import kits, sounds, voices
from scripts.training.whole import written

SEED: Final = 1877
KITS: Final = 1
"""Sets the kits' chance apart from that of the items."""
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
    parser.add_argument(
        "--kits", type=int, default=5_000, help="as many more pieces for drums alone; 60 kB each"
    )
    parser.add_argument("--songs", type=Path, default=SONGS, help="a folder of .wad or .mid files")
    asked = parser.parse_args()
    sounds.prepare(asked.folder / "sounds")
    songs = songs_of(asked.songs)
    for kind, count, make in (("items", asked.items, item), ("kits", asked.kits, struck)):
        (asked.folder / kind).mkdir(exist_ok=True)
        for number in range(count):
            path = asked.folder / kind / f"{number:05}.npz"
            if not path.exists():
                with written(path) as file:
                    np.savez(file, allow_pickle=False, **make(asked.folder / "sounds", songs, number))


def item(folder: Path, songs: list[Piece], number: int) -> dict[str, np.ndarray]:
    """Item `number`: its sounds `pitched` and `drums`, 16 bits, and the truth about them.

    `notes` holds [start, end, pitch, velocity, program] of each, `strokes` [start, place in the kit, velocity], `shaken` when
    there is something like a hat that is none, and `drummed` tells whether the drums belong to the mix.
    """
    rng = np.random.default_rng([SEED, number])
    seconds = SECONDS + LONGEST_LEAD_SECONDS
    piece, lead = _piece(rng, songs, seconds), rng.uniform(0, LONGEST_LEAD_SECONDS)
    parts = voices.programs_of(rng, [part for part in piece.parts if part.notes])
    pitched = _mixed(rng, folder, parts, seconds)
    drums = kits.strike(rng, folder, piece.strokes, seconds)
    truth = Piece(parts, piece.strokes).cut(lead, SECONDS)
    first = round(lead * sounds.RATE_HZ)
    window = slice(first, first + round(SECONDS * sounds.RATE_HZ))
    notes = [(n.start, n.end, n.pitch, n.velocity, part.program) for part in truth.parts for n in part.notes]
    return {
        "pitched": _whole(pitched[window]),
        "drums": _whole(drums[window]),
        "notes": np.array(notes, np.float32).reshape(-1, 5),
        **_strokes(truth),
        "drummed": np.array(chance(rng, 0.7)),
    }


def struck(folder: Path, songs: list[Piece], number: int) -> dict[str, np.ndarray]:
    """Kit `number`: another piece's strokes, and the loudness of its bands."""
    rng = np.random.default_rng([SEED, KITS, number])
    piece = _piece(rng, songs, SECONDS)
    drums = kits.strike(rng, folder, piece.strokes, SECONDS)
    return {"drums": bands.of([_whole(drums).astype(np.float32) / np.float32(32_768)]), **_strokes(piece)}


def _piece(rng: Generator, songs: list[Piece], seconds: float) -> Piece:
    piece = (
        borrowed(rng, pick(rng, songs), seconds) if songs and chance(rng, BORROWED) else compose(rng, seconds)
    )
    if any(part.notes for part in piece.parts) and len(piece.strokes) >= 8:
        return piece
    other = compose(rng, seconds)
    return Piece(piece.parts if any(part.notes for part in piece.parts) else other.parts, other.strokes)


def _strokes(piece: Piece) -> dict[str, np.ndarray]:
    strokes = [(s.start, KIT[s.pitch], s.velocity) for s in piece.strokes if s.pitch in KIT]
    return {
        "strokes": np.array(strokes, np.float32).reshape(-1, 3),
        "shaken": np.array([s.start for s in piece.strokes if s.pitch in SHAKEN], np.float32),
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
