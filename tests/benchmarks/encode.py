"""From an answer's JSON bytes to the bytes of a MIDI file: ours beside mido, pretty_midi and symusic.

One process, the ways interleaved, medians; prints JSON, by number of notes. All ways must write the same notes
first. Ours alone checks and repairs; symusic gets the same typed decoding. `decode_ms` is that decoding alone.
"""

import asyncio
import functools
import gc
import io
import json
import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import mido
import numpy as np
import pretty_midi

from bot.music.read.parse import _decoder, read_notes
from bot.music.write.encode import encode
from tests.benchmarks.answers import answer
from tests.music.readers import by_symusic, symusic

SIZES = {1_000: 41, 10_000: 15, 100_000: 5}
"""Notes, and how often each way runs."""

PROGRAMS = {"Drums": 0, "Electric Bass (finger)": 33, "Acoustic Grand Piano": 0, "Flute": 73}

Way = Callable[[bytes], Any]


def ours(body: bytes) -> bytes:
    """Read, repair, encode."""
    return encode(read_notes(body), title="Song")


def plain_mido(body: bytes) -> bytes:
    """As mido's documentation does it: messages in order of time, deltas by copying."""
    file = mido.MidiFile(type=1, ticks_per_beat=480)
    file.tracks.append(mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500_000)]))
    for channel, instrument in enumerate(json.loads(body)["instruments"]):
        name = instrument["name"]
        channel = 9 if name == "Drums" else channel  # noqa: PLW2901  # drums have their own
        events = []
        for note in instrument["notes"]:
            start, end = (round(float(note[key]) * 960) for key in ("start", "end"))
            velocity = round(note["velocity"] * 127)
            events.append(
                (start, 1, mido.Message("note_on", channel=channel, note=note["pitch"], velocity=velocity))
            )
            events.append((end, 0, mido.Message("note_off", channel=channel, note=note["pitch"])))
        events.sort(key=lambda event: event[:2])
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
        track.append(mido.Message("program_change", channel=channel, program=PROGRAMS[name]))
        now = 0
        for tick, _, message in events:
            track.append(message.copy(time=tick - now))
            now = tick
        file.tracks.append(track)
    written = io.BytesIO()
    file.save(file=written)
    return written.getvalue()


def with_pretty_midi(body: bytes) -> bytes:
    """Its own objects, its own writer."""
    file = pretty_midi.PrettyMIDI(resolution=480)
    for made in json.loads(body)["instruments"]:
        name = made["name"]
        instrument = pretty_midi.Instrument(PROGRAMS[name], is_drum=name == "Drums", name=name)
        instrument.notes = [
            pretty_midi.Note(round(n["velocity"] * 127), n["pitch"], float(n["start"]), float(n["end"]))
            for n in made["notes"]
        ]
        file.instruments.append(instrument)
    written = io.BytesIO()
    file.write(written)
    return written.getvalue()


def with_symusic(body: bytes) -> bytes:
    """Our decoder, columns, and symusic's C++ from there."""
    library = symusic()
    score = library.Score(480)
    score.tempos.append(library.Tempo(0, 120))
    for made in _decoder.decode(body).instruments:
        track = library.Track(made.name, PROGRAMS[made.name], made.name == "Drums")
        start, end = (np.array([getattr(n, key) for n in made.notes]) * 960 for key in ("start", "end"))
        ticks, ends = np.rint(start).astype(np.int32), np.rint(end).astype(np.int32)
        pitch = np.array([n.pitch for n in made.notes], np.int8)
        velocity = np.rint(np.array([n.velocity for n in made.notes]) * 127).astype(np.int8)
        track.notes = library.Note.from_numpy(ticks, ends - ticks, pitch, velocity)
        score.tracks.append(track)
    written: bytes = score.dumps_midi()
    return written


WAYS: dict[str, Way] = {
    "ours_ms": ours,
    "mido_ms": plain_mido,
    "pretty_midi_ms": with_pretty_midi,
    "symusic_ms": with_symusic,
    "decode_ms": _decoder.decode,
}


def main() -> None:
    """Check, measure, print."""
    report = {}
    for size, rounds in SIZES.items():
        body = answer(size)
        _check_that_all_write_the_same(body, size)
        report[str(size)] = {
            **_medians(body, rounds),
            "peak_mb": _peak_mb(body),
            "loop_block_ms": asyncio.run(_loop_block_ms(body)),
        }
    print(json.dumps(report, indent=1))


def _check_that_all_write_the_same(body: bytes, size: int) -> None:
    wanted = by_symusic(ours(body))
    if sum(len(track.notes) for track in wanted) != size:
        raise SystemExit("the answer needs repairs: the ways cannot be compared on it")
    for way in (plain_mido, with_pretty_midi, with_symusic):
        if [track.notes for track in by_symusic(way(body))] != [track.notes for track in wanted]:
            raise SystemExit(f"{way.__name__} wrote other notes")


def _medians(body: bytes, rounds: int) -> dict[str, float]:
    took: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(rounds):
        for name, way in WAYS.items():
            gc.collect()
            began = time.perf_counter()
            way(body)
            took[name].append(time.perf_counter() - began)
    return {name: round(statistics.median(times) * 1000, 3) for name, times in took.items()}


def _peak_mb(body: bytes) -> float:
    """What our way allocates at its height, beside the body."""
    gc.collect()
    tracemalloc.start()
    ours(body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return round(peak / 1e6, 1)


async def _loop_block_ms(body: bytes) -> float:
    """The longest that the event loop waits while one worker thread goes our way, five times."""
    longest = 0.0
    work = asyncio.ensure_future(asyncio.to_thread(functools.partial(_repeat, body, 5)))
    while not work.done():
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        longest = max(longest, time.perf_counter() - before - 0.001)
    await work
    return round(longest * 1000, 2)


def _repeat(body: bytes, times: int) -> Any:
    for _ in range(times):
        ours(body)


if __name__ == "__main__":
    main()
