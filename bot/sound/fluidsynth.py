"""The `fluidsynth` program of the system."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import msgspec

from bot.sound.errors import PreviewError
from bot.sound.pcm import SAMPLE_RATE, Pcm, from_bytes

_LOAD_WHAT_SOUNDS = "synth.dynamic-sample-loading=1"
"""Else it reads the font whole: FluidR3 takes 174 MB of memory, this way 47."""

_GAIN = "0.5"
"""Samples are floats, so nothing clips at any gain; at the usual 0.2 TimGM6mb is faint."""


class FluidSynth(msgspec.Struct, frozen=True):
    """Plays with `font`."""

    font: Path

    def missing(self) -> str:
        """Why it cannot play, or ""."""
        return "" if shutil.which("fluidsynth") else "the program fluidsynth is not installed"

    def render(self, midi: bytes, frames: int) -> Pcm:
        """The first `frames` of a MIDI file.

        Raises:
            PreviewError: the program failed.
        """
        # It reads files only, no pipes; it writes to a pipe, so it ends with whoever reads that.
        with tempfile.TemporaryDirectory() as folder:
            song = Path(folder, "song.mid")
            song.write_bytes(midi)
            done = subprocess.run(  # noqa: S603 - fixed words, and paths that we made
                [
                    *(
                        shutil.which("fluidsynth") or "fluidsynth",
                        "-n",
                        "-i",
                        "-q",
                        "-g",
                        _GAIN,
                        "-o",
                        _LOAD_WHAT_SOUNDS,
                    ),
                    *(
                        "-r",
                        str(SAMPLE_RATE),
                        "-O",
                        "float",
                        "-T",
                        "raw",
                        "-F",
                        "-",
                        str(self.font),
                        str(song),
                    ),
                ],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        if done.returncode or not done.stdout:
            raise PreviewError(f"fluidsynth ended with {done.returncode}: {done.stderr[-500:]!r}")
        return from_bytes(done.stdout, frames)
