"""What this machine makes sound with: the first synthesizer and the first encoder that are there."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from bot.sound.errors import NoPreviewError
from bot.sound.fluidsynth import FluidSynth
from bot.sound.fonts import sound_font
from bot.sound.opus import FfmpegProgram, PyAv
from bot.sound.pcm import Pcm
from bot.sound.tinysoundfont import TinySoundFont


class Way(Protocol):
    """Something that a machine may have or not."""

    def missing(self) -> str:
        """Why it is not here, or ""."""


_Way = TypeVar("_Way", bound=Way)


class Synthesizer(Way, Protocol):
    """A General MIDI synthesizer with its sound font."""

    @property
    def font(self) -> Path:
        """The sound font it plays with."""

    def render(self, midi: bytes, frames: int) -> Pcm:
        """The first `frames` of a MIDI file, at 48 kHz."""


class Encoder(Way, Protocol):
    """What makes an Ogg file with Opus."""

    def encode(self, pcm: Pcm) -> bytes:
        """The file."""


SYNTHESIZERS: tuple[Callable[[Path], Synthesizer], ...] = (TinySoundFont, FluidSynth)
"""The package first: it is the same everywhere, and takes half the time of the program."""

ENCODERS: tuple[Callable[[], Encoder], ...] = (PyAv, FfmpegProgram)


class Engines(msgspec.Struct, frozen=True):
    """All that a preview needs."""

    synthesizer: Synthesizer
    encoder: Encoder


def engines(chosen_font: Path | None = None) -> Engines:
    """The first of each that is there; the sound font is `chosen_font` where one is given.

    Raises:
        NoPreviewError: something is not, and what.
    """
    font = sound_font(chosen_font)
    if font is None and chosen_font is not None:
        raise NoPreviewError(reason=f"SOUND_FONT: {chosen_font} is not a sound font that I can read")
    if font is None:
        raise NoPreviewError(
            reason="no General MIDI sound font is installed (timgm6mb-soundfont is a small one)"
        )
    return Engines(_first([each(font) for each in SYNTHESIZERS]), _first([each() for each in ENCODERS]))


def available(chosen_font: Path | None = None) -> str | None:
    """None if previews can be made here, else why not, for the owner to read. Looks, and loads nothing."""
    try:
        engines(chosen_font)
    except NoPreviewError as error:
        return str(error.values["reason"])
    return None


def _first(candidates: Sequence[_Way]) -> _Way:
    """The first that is not missing."""
    reasons = []
    for way in candidates:
        reason = way.missing()
        if not reason:
            return way
        reasons.append(reason)
    raise NoPreviewError(reason=" and ".join(reasons))
