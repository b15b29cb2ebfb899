"""Fits the weights of readings on made-up songs: `python -m scripts.training.bars.fit [SONGS]` writes bot/music/meter/weights.py.

A reading's score is a sum of its numbers times their weights, and its probability its share among all readings of its
song (a conditional logit). Right is a reading in the song's meter with over 88 % of its beats and downbeats in place.
Columns that are summed over the meters are fitted beside their own ones, so that 3/4 learns from 4/4, and are then
folded into these. All 2100 songs take four CPU minutes and some 3 GB.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

import bot.music.meter
from bot.music.meter.accents import ACCENTS
from bot.music.meter.bar_lines import BEATS
from bot.music.meter.onsets import Onsets
from bot.music.meter.pulse import pulses
from bot.music.meter.readings import BY_METER, PLAIN, WIDTH, beats_of, readings
from scripts.training.bars.composed import Truth, compose
from scripts.training.bars.score import f_measure, tolerance

Matrix = NDArray[np.float64]

SONGS: Final = 2100
FIRST_SEED: Final = 0
"""Seeds from here on are for fitting; those of the benchmark were never fitted on."""

READINGS_A_SONG: Final = 300
_RIGHT: Final = 0.88
_EPOCHS: Final = 14
_BATCH: Final = 32
_RATE: Final = 0.03
_DECAY: Final = 0.002

HEAD: Final = '''"""What each number that speaks for a reading is worth: fitted by scripts/training/bars on made-up songs, nobody's music."""

WEIGHTS = (
'''


@dataclass(frozen=True, slots=True)
class Example:
    """The readings of a song as numbers, and which of them are right."""

    rows: Matrix
    right: NDArray[np.bool_]


def example(seed: int) -> Example:
    """A made-up song with some of its readings, and all that are right."""
    rng = np.random.default_rng(seed)
    song, truth = compose(rng)
    onsets = Onsets.of(song)
    found = pulses(onsets)
    ways, rows = readings(found, onsets)
    right = np.array(
        [way.meter == truth.meter and _is_right(truth, *beats_of(way, found)) for way in ways], np.bool_
    )
    kept = right | (rng.random(len(ways)) < READINGS_A_SONG / max(len(ways), 1))
    return Example(rows[kept], right[kept])


def _is_right(truth: Truth, beats: Matrix, first: int) -> bool:
    within = tolerance(truth)
    bars = beats[first :: BEATS[truth.meter]]
    return (
        f_measure(truth.downbeats, bars, within) > _RIGHT and f_measure(truth.beats, beats, within) > _RIGHT
    )


def shared() -> Matrix:
    """Columns beside the numbers' own ones, as sums of these: alike in all meters."""
    columns = [np.eye(WIDTH)]
    own = PLAIN + BY_METER * np.arange(len(BEATS))
    by_kind = np.zeros((WIDTH, BY_METER))
    for place in range(BY_METER):
        by_kind[own + place, place] = 1
    columns.append(by_kind)
    count = len(ACCENTS)
    accented = np.zeros((WIDTH, 3 * count))
    start = PLAIN + BY_METER * len(BEATS)
    for beats in BEATS.values():
        for kind in range(count):
            accented[start + kind, kind] = 1
            accented[start + kind + count * np.arange(1, beats), count + kind] = 1 / (beats - 1)
            accented[start + kind + count * beats, 2 * count + kind] = 1
        start += (beats + 1) * count
    return np.concatenate([*columns, accented], axis=1)


def fit(examples: Sequence[Example], rng: np.random.Generator) -> Matrix:
    """The weights that make the right readings likely, the mean of those of the last epochs."""
    songs = [one for one in examples if one.right.any()]
    columns = shared()
    rows = [one.rows @ columns for one in songs]
    scale = _deviation(rows)
    # In place: of 2100 songs each copy is 1.4 GB.
    for one in rows:
        np.divide(one, scale, out=one)
    weights, first, second = (np.zeros(columns.shape[1]) for _ in range(3))
    kept, steps = [], 0
    for epoch in range(_EPOCHS):
        order = rng.permutation(len(songs))
        for at in range(0, len(order), _BATCH):
            batch = order[at : at + _BATCH]
            slope = _DECAY * weights
            for song in batch:
                slope = slope + _slope(rows[song], songs[song].right, weights) / len(batch)
            steps += 1
            first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
            step = (first / (1 - 0.9**steps)) / (np.sqrt(second / (1 - 0.99**steps)) + 1e-8)
            weights = weights - _RATE * (1 - 0.9 * epoch / _EPOCHS) * step
            if epoch >= _EPOCHS - 3:
                kept.append(weights)
    return np.asarray(columns @ (np.mean(kept, axis=0) / scale))


def _deviation(rows: Sequence[Matrix]) -> Matrix:
    """By column, over all rows; 1 where nothing differs."""
    count = sum(map(len, rows))
    mean = sum(one.sum(axis=0) for one in rows) / count
    spread = np.sqrt(sum(((one - mean) ** 2).sum(axis=0) for one in rows) / count)
    return np.where(spread < 1e-5, 1.0, spread)


def _slope(rows: Matrix, right: NDArray[np.bool_], weights: Matrix) -> Matrix:
    scores = rows @ weights
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    wanted = np.where(right, shares, 0.0)
    return np.asarray(rows.T @ (shares - wanted / max(float(wanted.sum()), 1e-12)))


def main() -> None:
    """Fit and write."""
    songs = int(sys.argv[1]) if len(sys.argv) > 1 else SONGS
    weights = fit([example(FIRST_SEED + song) for song in range(songs)], np.random.default_rng(0))
    write(weights, Path(bot.music.meter.__path__[0], "weights.py"))


def write(weights: Matrix, path: Path) -> None:
    """Write the module that holds the weights."""
    numbers = [f"{weight:.4g}" for weight in weights]
    lines = [f"    {', '.join(numbers[at : at + 12])}," for at in range(0, len(numbers), 12)]
    text = HEAD + "\n".join(lines) + "\n)  # fmt: skip\n"
    path.write_text(text)


if __name__ == "__main__":
    main()
