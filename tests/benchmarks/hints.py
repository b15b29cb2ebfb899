"""How often the hints of tempo and key are right, on 200 made-up songs from a seed: prints JSON."""

import json
import random
import statistics
import time

from bot.music.hints import hints
from bot.music.key import Key
from bot.music.tempo import Tempo
from tests.music.synthetic import song_at

SONGS = 200
_NAMES = {
    "C": 0,
    "C♯": 1,
    "D♭": 1,
    "D": 2,
    "E♭": 3,
    "E": 4,
    "F": 5,
    "F♯": 6,
    "G": 7,
    "G♯": 8,
    "A♭": 8,
    "A": 9,
    "B♭": 10,
    "B": 11,
}


def main() -> None:
    """Count and print."""
    rng = random.Random(11)  # noqa: S311  # made-up songs are no secret
    exact, octave, keys, took = [], [], [], []
    for seed in range(SONGS):
        bpm, tonic, is_minor = rng.uniform(60, 190), rng.randrange(12), rng.random() < 0.5
        song = song_at(bpm, tonic=tonic, is_minor=is_minor, seed=seed, bars=rng.choice((8, 16, 32, 64)))
        began = time.perf_counter()
        found = hints(song)
        took.append(time.perf_counter() - began)
        exact.append(_near(found.tempo, bpm, (1,)))
        octave.append(_near(found.tempo, bpm, (0.5, 1, 2)))
        keys.append(_is_key(found.key, tonic, is_minor=is_minor))
    report = {
        "songs": SONGS,
        "tempo_exact": statistics.mean(exact),
        "tempo_exact_or_half_or_double": statistics.mean(octave),
        "key_exact": statistics.mean(keys),
        "ms": round(statistics.median(took) * 1000, 2),
    }
    print(json.dumps(report))


def _near(tempo: Tempo | None, bpm: float, factors: tuple[float, ...]) -> bool:
    """Within 2 %."""
    return tempo is not None and any(abs(tempo.bpm * factor / bpm - 1) < 0.02 for factor in factors)


def _is_key(key: Key | None, tonic: int, *, is_minor: bool) -> bool:
    return key is not None and (_NAMES[key.name.split()[0]], key.name.endswith("minor")) == (tonic, is_minor)


if __name__ == "__main__":
    main()
