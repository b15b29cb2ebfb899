"""Made-up songs of known bars, played by a sound font, heard by the built-in transcriber, and their bars from those notes."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bot.music.read.parse import read_notes
from bot.music.song import Song
from scripts.training.bars.composed import Truth, compose
from tests.benchmarks.studio.pieces import DRUMS, Played
from tests.benchmarks.studio.render import render
from tests.benchmarks.studio.worker import Worker

LONGEST_SECONDS = 60.0


def recorded(first_seed: int, songs: int) -> Iterator[tuple[Song, Song, Truth]]:
    """`songs` short ones from `first_seed` on: as composed, as heard by the transcriber, and what is true of them."""
    with tempfile.TemporaryDirectory() as name, Worker(Path(name)) as worker:
        path = Path(name) / "song.wav"
        seed = first_seed
        while songs:
            song, truth = compose(np.random.default_rng(seed))
            seed += 1
            if song.duration_seconds > LONGEST_SECONDS:
                continue
            render(_played(song), path)
            worker.transcribe(path, "song.wav")
            found = read_notes(path.with_suffix(".json").read_bytes())
            songs -= 1
            yield song, found, truth


def _played(song: Song) -> list[Played]:
    channels = [channel for channel in range(16) if channel != DRUMS]
    return [
        Played(
            note.start_seconds,
            note.end_seconds,
            note.pitch,
            note.velocity,
            DRUMS if track.is_drums else channels[number % len(channels)],
            track.program,
        )
        for number, track in enumerate(song.tracks)
        for note in track
    ]
