"""The built-in studio beside the official package: `uv run python -m tests.benchmarks.studio`, prints JSON.

Both hear the same sound in one run: rendered songs by other people where such are installed, else (and as well) pieces made
from seeds, all with a sound font that nothing was tuned on. Real recordings score lower for both.
"""

import argparse
import json
import platform
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.benchmarks.studio import composed, official
from tests.benchmarks.studio.official import Official
from tests.benchmarks.studio.pieces import Piece, songs
from tests.benchmarks.studio.render import render
from tests.benchmarks.studio.score import HATS, KICKS, SNARES, Span, Struck, notes_f1, struck
from tests.benchmarks.studio.worker import Worker

SEEDS: Final = range(2)
STEMS_A_SONG: Final = 2
FEWEST_NOTES: Final = 20
STROKES: Final = {"kick": KICKS, "snare": SNARES, "hat": HATS}
MINUTES: Final = (3, 10)
MINUTES_OF_MEMORY: Final = (3, 10, 30)

Scores = dict[str, list[float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--songs", type=int, default=8, help="how many of the installed songs")
    parser.add_argument(
        "--memory", action="store_true", help="only what songs of several lengths take, ours alone"
    )
    asked = parser.parse_args()
    if asked.memory:
        print(json.dumps(memory((songs() or [composed.piece("band", composed.BAND, 0)])[0]), indent=2))
        return
    people = _spread(songs(), asked.songs)
    bands = [composed.piece("band", composed.BAND, seed) for seed in SEEDS]
    stems = [composed.piece(kind, how, seed) for kind, how in composed.STEMS.items() for seed in SEEDS]
    with tempfile.TemporaryDirectory() as name, official.environment() as python:
        folder = Path(name)
        cost = measure(folder, python, (people or bands)[0])
        with Worker(folder / "cache") as ours, official.running(python) as theirs:
            heard = Hearing(folder, ours, theirs)
            for mix in people + bands:
                heard.mix(mix)
                heard.drums(mix)
            for stem in stems + [stem for song in people for stem in _stems(song)]:
                heard.stem(stem)
    report = {"machine": platform.machine(), "songs_by_people": len(people), **cost, "f1": heard.f1()}
    print(json.dumps(report, indent=2))


def _spread(pieces: list[Piece], count: int) -> list[Piece]:
    """`count` of them, evenly from the whole list."""
    places = np.unique(np.linspace(0, len(pieces) - 1, min(count, len(pieces))).round().astype(int))
    return [pieces[place] for place in places] if pieces else []


def _stems(piece: Piece) -> list[Piece]:
    """Its busiest channels, each alone."""
    channels = {note.channel for note in piece.pitched}
    alone = [piece.alone(channel) for channel in channels]
    busy = [stem for stem in alone if len(stem.pitched) >= FEWEST_NOTES]
    return sorted(busy, key=lambda stem: -len(stem.notes))[:STEMS_A_SONG]


class Hearing:
    """Lets both hear pieces, and keeps how right they were."""

    def __init__(self, folder: Path, ours: Worker, theirs: Official) -> None:
        self._folder, self._ours, self._theirs = folder, ours, theirs
        self._scores: dict[str, Scores] = defaultdict(lambda: defaultdict(list))
        self._struck: dict[str, Struck] = defaultdict(Struck)

    def mix(self, piece: Piece) -> None:
        """A whole song: all pitched notes, those of its bass, and its drums."""
        found, notes = self._both(piece, "song.wav")
        self._score("mixes", piece, [span for name, span in found if name != "Drums"], notes)
        if piece.bass:
            bass = [span for name, span in found if name == "Bass"]
            truth = [(note.start, note.end, note.pitch) for note in piece.bass]
            self._keep("bass_of_mix", ours=notes_f1(truth, bass, ends=False), official=0.0)
        self._strokes("in mixes", piece, found)

    def stem(self, piece: Piece) -> None:
        """One instrument."""
        found, notes = self._both(piece, f"{_instrument(piece)}.wav")
        ours = [span for _, span in found]
        self._score("stems", piece, ours, notes)
        if piece.name.rstrip("0123456789") in composed.STEMS:
            self._score(piece.name.rstrip("0123456789"), piece, ours, notes)

    def drums(self, piece: Piece) -> None:
        """The drums alone."""
        alone = Piece(piece.name, piece.strokes)
        if len(alone.notes) >= FEWEST_NOTES:
            path = self._folder / "drums.wav"
            render(alone.notes, path)
            self._strokes("alone", alone, self._ours.transcribe(path, "drums.wav")["found"])

    def f1(self) -> dict[str, Any]:
        """The mean of each kind, ours and theirs; of strokes also that of all pieces' together, as some have one hat, some hundreds."""
        means = {
            kind: {who: round(float(np.mean(values)), 3) for who, values in scores.items()}
            for kind, scores in sorted(self._scores.items())
        }
        for kind, every in self._struck.items():
            means[kind]["together"] = round(every.f1, 3)
        return means

    def _both(self, piece: Piece, file_name: str) -> tuple[list[tuple[str, Span]], list[Span]]:
        path = self._folder / "piece.wav"
        render(piece.notes, path)
        notes = [(start, end, pitch) for start, end, pitch in self._theirs.predict(path)["notes"]]
        return self._ours.transcribe(path, file_name)["found"], notes

    def _score(self, kind: str, piece: Piece, ours: list[Span], official: list[Span]) -> None:
        truth = [(note.start, note.end, note.pitch) for note in piece.pitched]
        for name, ends in ((kind, False), (f"{kind}_offset", True)):
            self._keep(
                name, ours=notes_f1(truth, ours, ends=ends), official=notes_f1(truth, official, ends=ends)
            )

    def _strokes(self, where: str, piece: Piece, found: list[tuple[str, Span]]) -> None:
        truth = [(note.start, note.end, note.pitch) for note in piece.strokes]
        drums = [span for name, span in found if name == "Drums"]
        for name, pitches in STROKES.items():
            score, kind = struck(truth, drums, pitches), f"{name} {where}"
            self._struck[kind] += score
            if score.wanted:
                self._keep(kind, ours=score.f1)

    def _keep(self, kind: str, **scores: float) -> None:
        for who, score in scores.items():
            self._scores[kind][who].append(score)


def _instrument(piece: Piece) -> str:
    """What a person would call the file; here only whether it is a bass matters."""
    return "bass" if piece.bass else "piano"


def memory(piece: Piece) -> dict[str, Any]:
    """What a mix of each length takes of a transcriber that has heard a short one, drums and strengths included."""
    found = {}
    with tempfile.TemporaryDirectory() as name:
        short, path = Path(name, "short.wav"), Path(name, "long.wav")
        render(piece.notes, short, seconds=10)
        for minutes in MINUTES_OF_MEMORY:
            render(piece.notes, path, seconds=minutes * 60)
            with Worker(Path(name, "cache")) as ours:
                before = ours.transcribe(short, "song.wav")["peak_mb"]
                cost = ours.transcribe(path, "song.wav")
            notes = len(cost["found"])
            costs = {"peak_mb": cost["peak_mb"], "short_peak_mb": before, "cpu_s": cost["cpu_s"]}
            found[f"{minutes} minutes"] = {
                **{kind: round(value, 1) for kind, value in costs.items()},
                "notes": notes,
            }
    return found


def measure(folder: Path, python: Path, piece: Piece) -> dict[str, Any]:
    """What both cost, over a mix made long by repeating it."""
    paths = {}
    for minutes in MINUTES:
        paths[minutes] = folder / f"{minutes}.wav"
        render(piece.notes, paths[minutes], seconds=minutes * 60)
    short = folder / "short.wav"
    render(piece.notes, short, seconds=10)
    cache = folder / "cache"
    starts = {}
    for name in ("first_start_s", "cold_s"):
        with Worker(cache) as ours:
            ours.transcribe(short, "song.wav")
            starts[name] = ours.since_start_s
    found = {}
    for minutes, path in paths.items():
        with Worker(cache) as ours:
            ours.transcribe(short, "song.wav")
            found[minutes] = ours.transcribe(path, "song.wav")
    with official.running(python) as theirs:
        cold = theirs.predict(short)["since_start_s"]
        other = theirs.predict(paths[MINUTES[0]])
    short_one, long_one = (found[minutes] for minutes in MINUTES)
    growth = (long_one["peak_mb"] - short_one["peak_mb"]) / (MINUTES[1] - MINUTES[0])
    return {
        "cpu_ratio": round(other["cpu_s"] / short_one["cpu_s"], 2),
        "rss_ratio": round(short_one["peak_mb"] / other["peak_mb"], 2),
        **{name: round(value, 2) for name, value in starts.items()},
        "official_cold_s": round(cold, 2),
        "rss_per_minute_mb": round(growth, 1),
        "ours_3_minutes": {name: round(short_one[name], 2) for name in ("cpu_s", "peak_mb")},
        "ours_10_minutes": {name: round(long_one[name], 2) for name in ("cpu_s", "peak_mb")},
        "official_3_minutes": {name: round(other[name], 2) for name in ("cpu_s", "peak_mb")},
    }


if __name__ == "__main__":
    main()
