"""The synthesizer inside the tinysoundfont package."""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bot.sound.pcm import SAMPLE_RATE, Pcm, from_bytes


@dataclass(frozen=True, slots=True)
class TinySoundFont:
    """Plays with `font`."""

    font: Path

    @staticmethod
    def missing() -> str:
        """Why it is not there, or ""."""
        return "" if find_spec("tinysoundfont") else "the package tinysoundfont is not installed"

    def render(self, midi: bytes, frames: int) -> Pcm:
        """The first `frames` of a MIDI file. Holds the interpreter's lock for most of its time."""
        tinysoundfont: Any = import_module("tinysoundfont")  # optional, and without types
        load_memory = import_module("tinysoundfont.midi").load_memory
        synth = tinysoundfont.Synth(samplerate=SAMPLE_RATE)
        synth.sfload(str(self.font))
        sequencer = tinysoundfont.Sequencer(synth)
        # Events that persist are looked through again at each step: the square of their number.
        sequencer.add(load_memory(midi, persistent=False))
        return from_bytes(synth.generate(frames), frames)
