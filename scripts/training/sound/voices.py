"""Instruments that are made different: recorded notes bent, cut and layered, or waves made of numbers."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.random import Generator

from scripts.training.music.piece import Part, chance, pick
from scripts.training.sound import sounds
from scripts.training.sound.sounds import RATE_HZ, Samples

Source = Callable[[int, int], Samples]
"""The sound of a pitch, at most so many samples long, as if held for ever."""

SYNTHESISED: Final = 0.3
LAYERED: Final = 0.15
SLOW: Final = frozenset((*range(40, 55), *range(88, 96)))
"""Programs (strings, voices, pads) of which nothing plucked is made."""
TABLE: Final = 1024


def play(rng: Generator, folder: Path, part: Part, seconds: float) -> Samples:
    """`part` on an instrument made for it, `seconds` long."""
    voice = _Voice(rng, folder, part.program)
    track = np.zeros(round(seconds * RATE_HZ), np.float32)
    for note in part.notes:
        start = round(note.start * RATE_HZ)
        if start >= track.size:
            continue
        sound = voice.sound(note.pitch, note.end - note.start, note.velocity)[: track.size - start]
        track[start : start + sound.size] += sound
    return part.level * voice.coloured(track)


class _Voice:
    def __init__(self, rng: Generator, folder: Path, program: int) -> None:
        self._sources = [_source(rng, folder, program)]
        if chance(rng, LAYERED):
            self._sources.append(_source(rng, folder, program))
        self._mixed = rng.uniform(0.2, 0.8)
        self._hardness = rng.uniform(0.7, 2.0)
        self._attack = rng.uniform(0.005, 0.08) if chance(rng, 0.2) else 0.002
        plucked = program not in SLOW and chance(rng, 0.3)
        self._decay = rng.uniform(0.5, 8.0) if plucked else rng.uniform(0.0, 0.4)
        self._release = np.exp(rng.uniform(np.log(0.015), np.log(0.35)))
        self._drive = rng.uniform(1.5, 12) if chance(rng, 0.35 if program in {29, 30} else 0.08) else 0.0
        self._colour = _colour(rng)
        self._tremolo = (rng.uniform(3, 7), rng.uniform(0.1, 0.4)) if chance(rng, 0.1) else None

    def sound(self, pitch: int, seconds: float, velocity: float) -> Samples:
        held = round(seconds * RATE_HZ)
        size = held + round(4 * self._release * RATE_HZ)
        layers = [source(pitch, size) for source in self._sources]
        sound = np.zeros(max(layer.size for layer in layers), np.float32)
        for layer, loud in zip(layers, (1.0, self._mixed), strict=False):
            sound[: layer.size] += loud * layer
        t = np.arange(sound.size, dtype=np.float32) / RATE_HZ
        envelope = np.exp(-self._decay * t - np.maximum(t - seconds, 0) / self._release)
        rise = min(sound.size, round(self._attack * RATE_HZ))
        envelope[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)
        if self._tremolo:
            rate, depth = self._tremolo
            envelope *= 1 - depth * (0.5 + 0.5 * np.sin(2 * np.pi * rate * t))
        heard: Samples = sound * envelope * np.float32(velocity**self._hardness)
        return heard

    def coloured(self, track: Samples) -> Samples:
        peak = float(np.abs(track).max(initial=0.0))
        if not peak:
            return track
        if self._drive:
            track = np.tanh(track / peak * self._drive)
        filtered = np.fft.irfft(np.fft.rfft(track) * self._colour(track.size), track.size).astype(np.float32)
        # Equal loudness, so that the level of the part alone decides.
        loud = float(np.sqrt(np.mean(np.square(filtered[np.abs(filtered) > 1e-3 * np.abs(filtered).max()]))))
        return filtered / max(loud, 1e-9)


def _colour(rng: Generator) -> Callable[[int], Samples]:
    """A tilt, a hump or a dip, and an upper limit."""
    tilt, hump, at, width = (
        rng.uniform(-4, 4),
        rng.uniform(-9, 9),
        rng.uniform(7, 12.5),
        rng.uniform(0.3, 1.2),
    )
    highest = np.exp(rng.uniform(np.log(1200), np.log(12_000))) if chance(rng, 0.35) else 20_000.0

    def response(size: int) -> Samples:
        octave = np.log2(np.maximum(np.fft.rfftfreq(size, 1 / RATE_HZ), 20))
        decibels = tilt * (octave - 9.6) + hump * np.exp(-0.5 * ((octave - at) / width) ** 2)
        limited = 1 / (1 + (2.0**octave / highest) ** 4)
        found: Samples = (10 ** (decibels / 20) * limited).astype(np.float32)
        return found

    return response


def _source(rng: Generator, folder: Path, program: int) -> Source:
    cents = rng.normal(0, 8)
    if chance(rng, SYNTHESISED):
        return _synthesised(rng, cents)
    recording = sounds.notes(folder, int(rng.integers(len(sounds.FONTS))), program)
    # Bent from further away, a recording has another body: formants move with it.
    lean = int(rng.integers(-7, 8)) if chance(rng, 0.5) else 0

    def source(pitch: int, size: int) -> Samples:
        place = int(np.argmin(np.abs(np.array(sounds.PITCHES) - pitch - lean)))
        ratio = 2 ** ((pitch + cents / 100 - sounds.PITCHES[place]) / 12)
        # A row's last quarter second is silence: the note has been ended by then.
        length = min(size, int(sounds.HELD_SECONDS * RATE_HZ / ratio) - 2)
        sound = recording[place, : int(length * ratio) + 2].astype(np.float32) / 8_000
        return np.asarray(np.interp(np.arange(length) * ratio, np.arange(sound.size), sound), np.float32)

    return source


def _synthesised(rng: Generator, cents: float) -> Source:
    """A wave that goes from one shape to a duller one, perhaps with a second beside it, vibrato and breath."""
    slope, odd = rng.uniform(0.4, 2.2), rng.uniform(0, 1) if chance(rng, 0.3) else 1.0
    body = np.exp(rng.uniform(np.log(200), np.log(4_000)))
    strength, ragged = rng.uniform(0, 3), rng.uniform(0, 1.0)
    uneven = np.exp(rng.normal(0, ragged, 512))
    duller, fade = rng.uniform(0, 1.5), rng.uniform(0.5, 12)
    beside = rng.uniform(2, 18) if chance(rng, 0.35) else 0.0
    vibrato = (rng.uniform(4, 7), rng.uniform(0.001, 0.007)) if chance(rng, 0.25) else (0.0, 0.0)
    breath, click = (
        (rng.uniform(0.005, 0.1) if chance(rng, 0.2) else 0.0),
        (rng.uniform(0.05, 0.8) if chance(rng, 0.25) else 0.0),
    )
    phases = rng.uniform(0, 2 * np.pi, 512)
    noise = rng.normal(0, 1, RATE_HZ).astype(np.float32)

    def table(hz: float, steep: float) -> Samples:
        count = max(1, min(int(RATE_HZ * 0.46 / hz), 400))
        number = np.arange(1, count + 1)
        loud = number**-steep * uneven[:count] * np.where(number % 2 == 0, odd, 1.0)
        loud *= 1 + strength * np.exp(-0.5 * (np.log2(number * hz / body) / 0.5) ** 2)
        spectrum = np.zeros(TABLE // 2 + 1, np.complex64)
        spectrum[1 : count + 1] = (loud * np.exp(1j * phases[:count]))[: TABLE // 2]
        wave = np.fft.irfft(spectrum, TABLE).astype(np.float32)
        return wave / np.float32(np.sqrt(np.mean(wave**2)) + 1e-12)

    def source(pitch: int, size: int) -> Samples:
        size = min(size, round(8 * RATE_HZ))
        hz = 440 * 2 ** ((pitch - 69 + cents / 100) / 12)
        t = np.arange(size) / RATE_HZ
        cycles = hz * t
        if vibrato[0]:
            cycles = cycles + hz * vibrato[1] / vibrato[0] * np.sin(2 * np.pi * vibrato[0] * t)
        bright, dull = table(hz, slope), table(hz, slope + duller)
        place = (cycles * TABLE).astype(np.int64) % TABLE
        mixed = np.exp(-fade * t).astype(np.float32)
        sound = bright[place] * mixed + dull[place] * (1 - mixed)
        if beside:
            sound = 0.6 * (sound + dull[(cycles * 2 ** (beside / 1200) * TABLE).astype(np.int64) % TABLE])
        if breath or click:
            sound = sound + np.resize(noise, size) * (breath + click * np.exp(-t / 0.006))
        return np.asarray(0.3 * sound, np.float32)

    return source


def programs_of(rng: Generator, parts: list[Part]) -> list[Part]:
    """One part, some or all of `parts`: a stem, or a mix."""
    kind = rng.random()
    if kind < 0.2 or len(parts) == 1:
        return [pick(rng, parts)]
    if kind < 0.35:
        return [part for part in parts if chance(rng, 0.6)] or parts
    return parts
