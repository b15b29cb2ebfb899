"""The synthesizer inside the tinysoundfont package."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from bot.sound.pcm import SAMPLE_RATE, Pcm, silence

_MOST_FONT_BYTES = 32 * 1024 * 1024
"""It holds a font whole, as floats: TimGM6mb (6 MB) takes 35 MB of memory, FluidR3 (148 MB) takes 430."""


class TinySoundFont(msgspec.Struct, frozen=True):
    """Plays with `font`."""

    font: Path

    def missing(self) -> str:
        """Why it cannot play, or ""."""
        if find_spec("tinysoundfont") is None:
            return "the package tinysoundfont is not installed"
        if self.font.stat().st_size > _MOST_FONT_BYTES:
            return f"{self.font.name} is too large for tinysoundfont"
        return ""

    def render(self, midi: bytes, frames: int) -> Pcm:
        """The first `frames` of a MIDI file. Holds the interpreter's lock for most of its time."""
        tinysoundfont: Any = import_module("tinysoundfont")  # optional, and without types
        load_memory = import_module("tinysoundfont.midi").load_memory
        synth = tinysoundfont.Synth(samplerate=SAMPLE_RATE)
        synth.sfload(str(self.font))
        sequencer = tinysoundfont.Sequencer(synth)
        # Events that persist are looked through again at each step: the square of their number.
        sequencer.add(load_memory(midi, persistent=False))
        pcm = silence(frames)
        synth.generate(frames, buffer=pcm.data.cast("B"))
        return pcm
