"""Single notes and strokes out of the sound fonts that may be trained on, rendered once with fluidsynth into a folder.

Only what is here is ever trained on: both fonts are under the MIT licence.
"""

import subprocess
import tempfile
import wave
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import mido
import numpy as np
import soxr
from numpy.typing import NDArray

from scripts.training.music.piece import KIT
from scripts.training.whole import written

RATE_HZ: Final = 22_050
FONT_RATE_HZ: Final = 44_100

FONTS: Final = (
    Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
    Path("/usr/share/sounds/sf3/MuseScore_General_Full.sf3"),
)
PROGRAMS: Final = range(120)
PITCHES: Final = range(24, 107, 5)
HELD_SECONDS: Final = 4.0
STEP_SECONDS: Final = 4.25

KITS: Final = (0, 8, 16, 24, 25, 32, 40)
STRUCK: Final = (*sorted(KIT), 54, 56, 60, 62, 63, 69, 70, 75, 80, 81, 82)
STROKE_VELOCITIES: Final = (70, 115)
STROKE_SECONDS: Final = 1.5

PROGRAMS_AT_ONCE: Final = 12

Samples = NDArray[np.float32]
Recording = NDArray[np.int16]


def prepare(folder: Path) -> None:
    """Render what is missing: 17 notes of each program, and two strokes on each piece of each kit."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, font in enumerate(FONTS):
        for first in range(0, len(PROGRAMS), PROGRAMS_AT_ONCE):
            programs = PROGRAMS[first : first + PROGRAMS_AT_ONCE]
            if not all(_notes_path(folder, number, program).exists() for program in programs):
                _prepare_notes(folder, number, font, programs)
        for kit in KITS:
            if not _kit_path(folder, number, kit).exists():
                _prepare_kit(folder, number, font, kit)


@cache
def notes(folder: Path, font: int, program: int) -> Recording:
    """[pitches, samples] of `PITCHES`, held for `HELD_SECONDS`; read from disk as it is used."""
    loaded: Recording = np.load(_notes_path(folder, font, program), mmap_mode="r")
    return loaded


@cache
def strokes(folder: Path, font: int, kit: int) -> Recording:
    """[pieces, velocities, samples] of `STRUCK` and `STROKE_VELOCITIES`."""
    loaded: Recording = np.load(_kit_path(folder, font, kit), mmap_mode="r")
    return loaded


def _notes_path(folder: Path, font: int, program: int) -> Path:
    return folder / f"notes-{font}-{program:03}.npy"


def _kit_path(folder: Path, font: int, kit: int) -> Path:
    return folder / f"kit-{font}-{kit:03}.npy"


def _prepare_notes(folder: Path, number: int, font: Path, programs: Sequence[int]) -> None:
    struck = [
        (0, program, pitch, (72, 108)[place % 2], HELD_SECONDS)
        for program in programs
        for place, pitch in enumerate(PITCHES)
    ]
    sounds = _rendered(font, struck, STEP_SECONDS).reshape(len(programs), len(PITCHES), -1)
    for program, sound in zip(programs, sounds, strict=True):
        with written(_notes_path(folder, number, program)) as file:
            np.save(file, sound)


def _prepare_kit(folder: Path, number: int, font: Path, kit: int) -> None:
    struck = [
        (9, kit, pitch, velocity, STROKE_SECONDS - 0.1) for pitch in STRUCK for velocity in STROKE_VELOCITIES
    ]
    sounds = _rendered(font, struck, STROKE_SECONDS).reshape(len(STRUCK), len(STROKE_VELOCITIES), -1)
    with written(_kit_path(folder, number, kit)) as file:
        np.save(file, sounds)


def _rendered(font: Path, struck: Sequence[tuple[int, int, int, int, float]], step: float) -> Recording:
    """[number, samples] of notes (channel, program, pitch, velocity, seconds), each in a stretch of `step` seconds."""
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    file.tracks.append(track)
    for channel, program, pitch, velocity, seconds in struck:
        held = round(seconds * 960)
        track.append(mido.Message("program_change", channel=channel, program=program))
        track.append(mido.Message("note_on", channel=channel, note=pitch, velocity=velocity))
        track.append(mido.Message("note_off", channel=channel, note=pitch, time=held))
        track.append(
            mido.Message("control_change", channel=channel, control=120, time=round(step * 960) - held)
        )
    stereo = performed(font, file, FONT_RATE_HZ)
    length = round(step * RATE_HZ)
    stretch = round(step * FONT_RATE_HZ)
    mono = np.zeros(stretch * len(struck), np.float32)
    mono[: min(mono.size, len(stereo))] = stereo.mean(axis=1, dtype=np.float32)[: mono.size]
    whole = np.stack(
        [_lower(mono[place * stretch : (place + 1) * stretch], length) for place in range(len(struck))]
    )
    return np.clip(whole, -32_768, 32_767).astype(np.int16)


def performed(font: Path, file: mido.MidiFile, rate_hz: int, *, effects: bool = False) -> Recording:
    """[samples, 2]: a MIDI file as fluidsynth plays it, with its room and chorus or without."""
    with tempfile.TemporaryDirectory() as folder:
        midi, sound = Path(folder) / "notes.mid", Path(folder) / "notes.wav"
        file.save(midi)
        wet = str(int(effects))
        dry = (
            "-q",
            "-n",
            "-i",
            "-g",
            "0.5",
            "-o",
            "synth.dynamic-sample-loading=1",
            "-O",
            "s16",
            "-T",
            "wav",
        )
        asked = ("-R", wet, "-C", wet, "-r", str(rate_hz), "-F", str(sound), str(font), str(midi))
        subprocess.run(  # noqa: S603 - a fixed command of our own, no shell
            ["fluidsynth", *dry, *asked],  # noqa: S607 - the fluidsynth of whoever trains
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with wave.open(str(sound)) as opened:
            return np.frombuffer(opened.readframes(opened.getnframes()), np.int16).reshape(-1, 2)


def _lower(sound: Samples, length: int) -> Samples:
    low = np.zeros(length, np.float32)
    found = soxr.resample(sound, FONT_RATE_HZ, RATE_HZ)[:length]
    low[: found.size] = found
    return low
