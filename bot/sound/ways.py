"""What this machine makes sound with: the first synthesizer and the first encoder that are there."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.sound.errors import NoPreviewError
from bot.sound.fluid import FluidSynth
from bot.sound.fonts import sound_font
from bot.sound.opus import FfmpegProgram, PyAv
from bot.sound.pcm import Pcm
from bot.sound.tiny import TinySoundFont


class Synthesizer(Protocol):
    """A General MIDI synthesizer with its sound font."""

    @property
    def font(self) -> Path:
        """The sound font it plays with."""

    def render(self, midi: bytes, frames: int) -> Pcm:
        """The first `frames` of a MIDI file, at 48 kHz."""


class Encoder(Protocol):
    """What makes an Ogg file with Opus."""

    def encode(self, pcm: Pcm) -> bytes:
        """The file."""


SYNTHESIZERS = (TinySoundFont, FluidSynth)
"""In order of trust: the package is the same everywhere, and 0.2 s faster."""

ENCODERS = (PyAv, FfmpegProgram)


@dataclass(frozen=True, slots=True)
class Ways:
    """All that a preview needs."""

    synthesizer: Synthesizer
    encoder: Encoder


def ways() -> Ways:
    """The first of each that is there.

    Raises:
        NoPreviewError: something is not, and what.
    """
    font = sound_font()
    if font is None:
        raise NoPreviewError(
            reason="no General MIDI sound font is installed (timgm6mb-soundfont is a small one)"
        )
    synthesizer = next((each(font) for each in SYNTHESIZERS if not each.missing()), None)
    if synthesizer is None:
        raise NoPreviewError(reason=_neither([each.missing() for each in SYNTHESIZERS]))
    encoder = next((each() for each in ENCODERS if not each.missing()), None)
    if encoder is None:
        raise NoPreviewError(reason=_neither([each.missing() for each in ENCODERS]))
    return Ways(synthesizer, encoder)


def available() -> str | None:
    """None if previews can be made here, else why not, for the owner to read. Looks, and loads nothing."""
    try:
        ways()
    except NoPreviewError as error:
        return str(error.values["reason"])
    return None


def _neither(reasons: list[str]) -> str:
    return " and ".join(reasons)
