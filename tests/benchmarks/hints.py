"""How often tempo, beats, bars and key are heard right, on made-up songs from seeds that nothing was fitted on: prints JSON.

`python -m tests.benchmarks.hints [SONGS [RECORDED]]`: 200 band songs for tempo and key, and SONGS (200) of all kinds for
beats and bars: steady, drifting, with rubato, swing, pickups, in four meters, half of them as a transcriber hears them.
RECORDED more (none) are played by a sound font and heard by the built-in transcriber: four CPU seconds each.
"""

import json
import random
import statistics
import sys
import time
from typing import Any

import numpy as np

from bot.music.heard.hints import hints
from bot.music.heard.key import Key
from bot.music.heard.tempo import Tempo
from bot.music.meter.hear import SURE_KEY, Heard, hear
from bot.music.song import Song
from scripts.training.bars.clock import KINDS
from scripts.training.bars.composed import BEATS, Truth, compose
from scripts.training.bars.score import f_measure, tolerance
from tests.benchmarks.recorded_bars import recorded
from tests.music.synthetic import song_at

SONGS = 200
BAR_SONGS = 200
HELD_OUT = 300_000
"""The first seed; the weights were fitted on those from 0 on, and the thresholds chosen on those from 200 000 on."""

RECORDED = 400_000
"""The first seed of those that are recorded."""

_RIGHT = 0.88
_MANY_NOTES = 100_000


def main() -> None:
    """Count and print."""
    rng = random.Random(11)  # noqa: S311  # made-up songs are no secret
    exact, octave, took = [], [], []
    for seed in range(SONGS):
        bpm, tonic, is_minor = rng.uniform(60, 190), rng.randrange(12), rng.random() < 0.5
        song = song_at(bpm, tonic=tonic, is_minor=is_minor, seed=seed, bars=rng.choice((8, 16, 32, 64)))
        began = time.perf_counter()
        found = hints(song)
        took.append(time.perf_counter() - began)
        exact.append(_near(found.tempo, bpm, (1,)))
        octave.append(_near(found.tempo, bpm, (0.5, 1, 2)))
    report = {
        "songs": SONGS,
        "tempo_exact": statistics.mean(exact),
        "tempo_exact_or_half_or_double": statistics.mean(octave),
        "ms": round(statistics.median(took) * 1000, 2),
        "bars": _bars(int(sys.argv[1]) if len(sys.argv) > 1 else BAR_SONGS),
        "recorded": _recorded(int(sys.argv[2])) if len(sys.argv) > 2 else {},
        "s_for_100k_notes": _seconds_for_many(),
    }
    print(json.dumps(report, indent=1))


def _bars(songs: int) -> dict[str, Any]:
    heard = [_compared(HELD_OUT + song) for song in range(songs)]
    return {
        "songs": songs,
        **_shares(heard),
        "by_meter": {meter: _shares([one for one in heard if one["meter"] == meter]) for meter in BEATS},
        "by_pace": {pace: _shares([one for one in heard if one["pace"] == pace]) for pace in KINDS},
    }


def _recorded(songs: int) -> dict[str, Any]:
    """What the transcriber's notes tell, beside what the true ones do."""
    both = [(_judged(song, truth), _judged(heard, truth)) for song, heard, truth in recorded(RECORDED, songs)]
    return {
        "songs": songs,
        "from_true_notes": _shares([true for true, _ in both]),
        "from_heard_notes": _shares([heard for _, heard in both]),
    }


def _compared(seed: int) -> dict[str, Any]:
    return _judged(*compose(np.random.default_rng(seed)))


def _judged(song: Song, truth: Truth) -> dict[str, Any]:
    began = time.perf_counter()
    heard, key = hear(song), hints(song).key
    took = time.perf_counter() - began
    beats, downbeats = _agreement(truth, heard)
    is_meter = heard is not None and heard.meter == truth.meter
    return {
        "meter": truth.meter,
        "pace": truth.pace,
        "beats": beats,
        "downbeats": downbeats,
        "is_meter": is_meter,
        "is_right": is_meter and min(beats, downbeats) > _RIGHT,
        "is_sure": heard is not None and heard.is_sure,
        "is_key": _is_key(key, truth.tonic, is_minor=truth.is_minor),
        "is_sure_key": key is not None and key.lead >= SURE_KEY,
        "took": took,
    }


def _agreement(truth: Truth, heard: Heard | None) -> tuple[float, float]:
    if heard is None:
        return 0.0, 0.0
    within = tolerance(truth)
    return f_measure(truth.beats, heard.beats, within), f_measure(truth.downbeats, heard.downbeats, within)


def _shares(heard: list[dict[str, Any]]) -> dict[str, float]:
    if not heard:
        return {}
    sure = [one for one in heard if one["is_sure"]]
    sure_keys = [one for one in heard if one["is_sure_key"]]
    return {
        "beats_f": _mean(heard, "beats"),
        "downbeats_f": _mean(heard, "downbeats"),
        "meter_right": _mean(heard, "is_meter"),
        "all_right": _mean(heard, "is_right"),
        "sure": _mean(heard, "is_sure"),
        "sure_and_wrong": round(1 - _mean(sure, "is_right"), 3) if sure else 0.0,
        "key_right": _mean(heard, "is_key"),
        "key_sure": _mean(heard, "is_sure_key"),
        "key_sure_and_wrong": round(1 - _mean(sure_keys, "is_key"), 3) if sure_keys else 0.0,
        "ms": round(statistics.median(one["took"] for one in heard) * 1000),
    }


def _mean(heard: list[dict[str, Any]], what: str) -> float:
    return round(statistics.mean(float(one[what]) for one in heard), 3)


def _seconds_for_many() -> float:
    song = song_at(130, tonic=0, is_minor=False, seed=1, bars=900)
    times = -(-_MANY_NOTES // song.note_count)
    # As many instruments play the same, a few milliseconds apart.
    tracks = [
        track.with_notes(
            track.pitch,
            track.start_seconds + 0.002 * number,
            track.end_seconds + 0.004 * number,
            track.velocity,
        )
        for number in range(times)
        for track in song.tracks
    ]
    began = time.process_time()
    hear(Song(tuple(tracks)))
    return round(time.process_time() - began, 2)


def _near(tempo: Tempo | None, bpm: float, factors: tuple[float, ...]) -> bool:
    """Within 2 %."""
    return tempo is not None and any(abs(tempo.bpm * factor / bpm - 1) < 0.02 for factor in factors)


def _is_key(key: Key | None, tonic: int, *, is_minor: bool) -> bool:
    return key is not None and (key.tonic, key.is_minor) == (tonic, is_minor)


if __name__ == "__main__":
    main()
