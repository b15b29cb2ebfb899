"""How much of the time chords are named right, on made-up harmonies of seeds that nothing was chosen on: prints JSON.

`python -m tests.benchmarks.chords [SONGS]`: SONGS (240) of six styles, each once with its bars known and once without; half of
them as a transcriber hears them, with notes missed, made up and off their time.
"""

import json
import statistics
import sys
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from msgspec import structs

from bot.music.chords.chord import Chord, Quality
from bot.music.chords.hear import Chords, find_chords
from tests.music.harmonies import STYLES, Harmony, compose

SONGS = 240
HELD_OUT = 500_000
"""The first seed; the numbers of the model were chosen on those from 0 on."""

_STEP_SECONDS = 0.05
_NO_THIRD = {Quality.POWER, Quality.SUSPENDED_FOURTH, Quality.SUSPENDED_SECOND}


@dataclass(frozen=True, slots=True)
class _Compared:
    """Shares of a song's time."""

    style: str
    root: float
    third: float
    exact: float
    bass: float
    confidence: float
    is_sure: bool
    took: float


def main() -> None:
    """Count and print."""
    songs = int(sys.argv[1]) if len(sys.argv) > 1 else SONGS
    harmonies = [
        compose(np.random.default_rng(HELD_OUT + number), STYLES[number % len(STYLES)])
        for number in range(songs)
    ]
    with_bars = [_compared(one) for one in harmonies]
    without = [_compared(replace(one, song=structs.replace(one.song, bars=None))) for one in harmonies]
    print(
        json.dumps(
            {"songs": songs, "bars_known": _told(with_bars), "by_time_alone": _told(without)}, indent=1
        )
    )


def _told(compared: list[_Compared]) -> dict[str, Any]:
    return {
        **_shares(compared),
        "by_style": {style: _shares([one for one in compared if one.style == style]) for style in STYLES},
    }


def _shares(compared: list[_Compared]) -> dict[str, float]:
    sure = [one for one in compared if one.is_sure]
    return {
        "root": _mean([one.root for one in compared]),
        "major_or_minor": _mean([one.third for one in compared]),
        "with_sevenths": _mean([one.exact for one in compared]),
        "with_bass": _mean([one.bass for one in compared]),
        "sure": _mean([float(one.is_sure) for one in compared]),
        "major_or_minor_where_sure": _mean([one.third for one in sure]),
        "ms": round(statistics.median(one.took for one in compared) * 1000) if compared else 0,
    }


def _mean(values: list[float]) -> float:
    return round(statistics.mean(values), 3) if values else 0.0


def _compared(harmony: Harmony) -> _Compared:
    began = time.perf_counter()
    found = find_chords(harmony.song)
    took = time.perf_counter() - began
    right = np.zeros(4)
    times = np.arange(_STEP_SECONDS / 2, harmony.chords[-1].end_seconds, _STEP_SECONDS)
    truths = np.searchsorted([one.start_seconds for one in harmony.chords], times, side="right") - 1
    for truth, chord in zip(truths.tolist(), _at(found, times), strict=True):
        wanted = harmony.chords[truth]
        if chord is None or chord.root != wanted.root:
            continue
        is_third = wanted.quality in _NO_THIRD or (
            chord.quality not in _NO_THIRD and chord.quality.is_minor == wanted.quality.is_minor
        )
        is_exact = chord.quality is wanted.quality
        right += (1, is_third, is_exact, is_exact and chord.bass == wanted.bass)
    root, third, exact, bass = (right / len(times)).tolist()
    return _Compared(
        harmony.style,
        root,
        third,
        exact,
        bass,
        found.confidence if found else 0.0,
        found is not None and found.is_sure,
        took,
    )


def _at(found: Chords | None, times: np.ndarray[Any, np.dtype[np.float64]]) -> list[Chord | None]:
    if found is None:
        return [None] * len(times)
    starts = found.bars.tempo_map.at(np.array([one.start_ticks for one in found.heard]))
    which = np.maximum(np.searchsorted(starts, times, side="right") - 1, 0)
    return [found.heard[place].chord for place in which.tolist()]


if __name__ == "__main__":
    main()
