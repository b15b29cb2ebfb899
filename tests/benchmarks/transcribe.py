"""How fast, how large and how right the transcriber is: `uv run python -m tests.benchmarks.transcribe`, prints JSON.

The pieces are made of numbers from fixed seeds, so their notes are known exactly. Real recordings score lower.
F1: a note is right when its pitch is and it begins within 50 ms.
"""

import json
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import numpy as np
import psutil

from tests.studio import sounds

SEEDS = range(4)
BEATS = 32
BEAT_SECONDS = 0.5
SPEED_MINUTES = 3
NEAR_SECONDS = 0.05

Truth = list[tuple[float, int]]
Piece = tuple[sounds.Samples, Truth]
SCALE = (0, 2, 4, 5, 7, 9, 11)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Worker(Path(folder)) as worker:
        scores = {name: score(worker, Path(folder), make, name) for name, make in KINDS.items()}
        speed = measure_speed(worker, Path(folder))
    print(json.dumps({"machine": platform.machine(), **speed, "f1": scores}, indent=2))


class Worker:
    """The transcriber's own process, asked as the service asks it; its memory is looked at after each answer."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "bot.studio.transcriber", str(self._cache)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def ask(self, **request: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"limit_seconds": 3600, **request}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "error" in answer or "broke" in answer:
            raise SystemExit(f"the transcriber said: {answer}")
        return answer

    @property
    def cpu_seconds(self) -> float:
        """All that the process has used so far."""
        times = psutil.Process(self._process.pid).cpu_times()
        return float(times.user + times.system)

    @property
    def memory(self) -> dict[str, float]:
        """Resident now and, where the system tells (Linux), at the most, in MB."""
        found = {"rss_mb": psutil.Process(self._process.pid).memory_info().rss / 1e6}
        status = Path(f"/proc/{self._process.pid}/status")
        if status.exists():
            (peak,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
            found["peak_rss_mb"] = int(peak.split()[1]) / 1e3
        return {name: round(value, 1) for name, value in found.items()}


def measure_speed(worker: Worker, folder: Path) -> dict[str, Any]:
    """A song of chords, 3 minutes of stereo wav."""
    sound, _ = chords(random.Random(0))  # noqa: S311 - a fixed seed is the point
    once = 60 * sounds.RATE_HZ
    minute = np.tile(sound, once // sound.size + 1)[:once]
    path = folder / "speed.wav"
    path.write_bytes(sounds.wav_bytes(np.tile(minute, SPEED_MINUTES), channels=2))
    worker.ask(do="measure", path=str(path))
    start, cpu_start = time.perf_counter(), worker.cpu_seconds
    worker.ask(
        do="transcribe",
        path=str(path),
        instrument="x",
        drum_kit=False,
        mix=True,
        out=str(folder / "speed.json"),
    )
    seconds, cpu_seconds = time.perf_counter() - start, worker.cpu_seconds - cpu_start
    return {
        "seconds_per_audio_minute": round(seconds / SPEED_MINUTES, 2),
        "cpu_seconds_per_audio_minute": round(cpu_seconds / SPEED_MINUTES, 2),
        "times_realtime": round(SPEED_MINUTES * 60 / seconds, 1),
        "worker": worker.memory,
    }


def score(worker: Worker, folder: Path, make: Callable[[random.Random], Piece], name: str) -> float:
    """The mean F1 over the seeds."""
    found = []
    for seed in SEEDS:
        sound, truth = make(random.Random(seed))  # noqa: S311 - a fixed seed is the point
        song, out = folder / f"{name}{seed}.wav", folder / f"{name}{seed}.json"
        song.write_bytes(sounds.wav_bytes(sound))
        worker.ask(
            do="transcribe", path=str(song), instrument="x", drum_kit=name == "drums", mix=False, out=str(out)
        )
        instruments = json.loads(out.read_bytes())["instruments"]
        found.append(f1(truth, [(n["start"], n["pitch"]) for i in instruments for n in i["notes"]]))
    return round(float(np.mean(found)), 3)


def f1(truth: Truth, found: Truth) -> float:
    left = sorted(found)
    hits = 0
    for start, pitch in sorted(truth):
        near = [note for note in left if note[1] == pitch and abs(note[0] - start) <= NEAR_SECONDS]
        if near:
            left.remove(min(near, key=lambda note: abs(note[0] - start)))
            hits += 1
    return 2 * hits / (len(truth) + len(found)) if found else 0.0


def line(chance: random.Random, lowest: int, highest: int, **voice: Any) -> Piece:
    """One voice, in steps and small leaps through C major."""
    pitches = [pitch for pitch in range(lowest, highest) if pitch % 12 in SCALE]
    place, beat, placed, truth = len(pitches) // 2, 0.0, [], []
    while beat < BEATS:
        length = chance.choice((0.5, 0.5, 1.0, 1.5))
        place = min(max(place + chance.choice((-3, -2, -1, -1, 0, 1, 1, 2, 3)), 0), len(pitches) - 1)
        start = beat * BEAT_SECONDS
        volume = chance.uniform(0.4, 1.0)
        placed.append((start, volume * sounds.tone(pitches[place], length * BEAT_SECONDS * 0.95, **voice)))
        truth.append((start, pitches[place]))
        beat += length
    return sounds.placed(placed, (BEATS + 2) * BEAT_SECONDS), truth


def melody(chance: random.Random) -> Piece:
    return line(chance, 60, 84)


def bass(chance: random.Random) -> Piece:
    return line(chance, 28, 48, harmonics=12)


def chords(chance: random.Random) -> Piece:
    """Triads and sevenths on the degrees of C major, two beats each."""
    placed, truth = [], []
    for beat in range(0, BEATS, 2):
        degree = chance.randrange(7)
        for third in range(chance.choice((3, 4))):
            octave, step = divmod(degree + 2 * third, 7)
            pitch = 48 + 12 * octave + SCALE[step]
            placed.append((beat * BEAT_SECONDS, sounds.tone(pitch, 1.9 * BEAT_SECONDS)))
            truth.append((beat * BEAT_SECONDS, pitch))
    return sounds.placed(placed, (BEATS + 2) * BEAT_SECONDS), truth


def drums(chance: random.Random) -> Piece:
    """A rock beat with stray kicks."""
    placed, truth = [], []
    for half_beat in range(BEATS * 2):
        start = half_beat * BEAT_SECONDS / 2
        strokes = [(42, 0.5 * sounds.hat(half_beat))]
        if half_beat % 8 in {0, 4} or chance.random() < 0.15:
            strokes.append((36, sounds.kick()))
        elif half_beat % 8 in {2, 6}:
            strokes.append((38, sounds.snare(half_beat)))
        placed += [(start, sound) for _, sound in strokes]
        truth += [(start, pitch) for pitch, _ in strokes]
    return sounds.placed(placed, (BEATS + 2) * BEAT_SECONDS), truth


def mix(chance: random.Random) -> Piece:
    """Melody, chords and bass at once."""
    parts = [melody(chance), chords(chance), bass(chance)]
    sound: sounds.Samples = np.sum([part for part, _ in parts], axis=0)
    return sound, [note for _, truth in parts for note in truth]


KINDS: dict[str, Callable[[random.Random], Piece]] = {
    "melody": melody,
    "chords": chords,
    "bass": bass,
    "drums": drums,
    "mix": mix,
}

if __name__ == "__main__":
    main()
