"""Sound of a piece, by a synthesizer and a sound font (TimGM6mb) that nothing in this repository was tuned or trained on."""

import wave
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.benchmarks.studio.pieces import DRUMS, VOLUME, Played

RATE_HZ: Final = 44_100
TAIL_SECONDS: Final = 1.5
LOUDEST: Final = 0.7


def render(notes: list[Played], path: Path, *, seconds: float | None = None) -> None:
    """`notes` as a stereo wav; of `seconds`, repeated, where that is given."""
    synth = _synth()
    events = [(note.start, 1, note) for note in notes] + [(note.end, 0, note) for note in notes]
    parts: list[np.ndarray[Any, np.dtype[np.float32]]] = []
    done = 0
    for at, begins, note in sorted(events, key=lambda event: (event[0], event[1], event[2].pitch)):
        frames = round(at * RATE_HZ) - done
        if frames > 0:
            parts.append(np.frombuffer(synth.generate(frames), np.float32).copy())
            done += frames
        if begins:
            synth.program_change(note.channel, note.program, note.channel == DRUMS)
            synth.control_change(note.channel, VOLUME, note.volume)
            synth.noteon(note.channel, note.pitch, note.velocity)
        else:
            synth.noteoff(note.channel, note.pitch)
    parts.append(np.frombuffer(synth.generate(round(TAIL_SECONDS * RATE_HZ)), np.float32).copy())
    sound = np.concatenate(parts)
    sound = sound * LOUDEST / max(float(np.abs(sound).max()), 1e-9)
    if seconds is not None:
        size = round(seconds * RATE_HZ) * 2
        sound = np.tile(sound, size // sound.size + 1)[:size]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((sound * 32_767).astype("<i2").tobytes())


def _synth() -> Any:
    tinysoundfont: Any = import_module("tinysoundfont")  # without types
    synth = tinysoundfont.Synth(samplerate=RATE_HZ)
    font = synth.sfload(str(files("pretty_midi").joinpath("TimGM6mb.sf2")))
    for channel in range(16):
        synth.program_select(channel, font, 128 if channel == DRUMS else 0, 0)
    return synth
