"""Drum kits that are made different: recorded strokes bent, cut and layered, or made of numbers."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.random import Generator

from scripts.training.music.piece import (
    CLOSED_HAT,
    CRASH,
    KICK,
    KIT,
    OPEN_HAT,
    RIDE,
    SNARE,
    TOM,
    Stroke,
    chance,
    pick,
)
from scripts.training.sound import sounds
from scripts.training.sound.machines import Machine
from scripts.training.sound.sounds import RATE_HZ, Samples
from scripts.training.sound.waves import Seconds, between, fading, wave

SYNTHESISED: Final = 0.3
MACHINES: Final = 0.4
"""Of the kits that are machines as a whole, unless single sounds of them are layered with others."""
LOUD: Final = ((0.5, 1.2), (0.4, 1.0), (0.1, 0.5), (0.12, 0.5), (0.3, 0.9), (0.25, 0.8), (0.1, 0.5))
"""How loud the pieces of a kit are against each other, in the order of `PIECES_OF_KIT`."""
PERCUSSION_LOUD: Final = (0.1, 0.5)
SECONDS: Final = (0.6, 0.45, 0.15, 0.9, 0.8, 1.8, 1.4)


def strike(rng: Generator, folder: Path, strokes: list[Stroke], seconds: float) -> Samples:
    """`strokes` on a kit made for them, `seconds` long."""
    kit = _Kit(rng, folder)
    track = np.zeros(round(seconds * RATE_HZ), np.float32)
    ringing: tuple[int, Samples] | None = None
    for stroke in strokes:
        start = round(stroke.start * RATE_HZ)
        if start >= track.size:
            break
        sound = kit.sound(stroke)[: track.size - start]
        piece = KIT.get(stroke.pitch)
        if ringing and piece in {CLOSED_HAT, OPEN_HAT} and kit.chokes:
            _choke(track, ringing, start)
        track[start : start + sound.size] += sound
        if piece in {CLOSED_HAT, OPEN_HAT}:
            ringing = (start, sound) if piece == OPEN_HAT else None
    return _in_room(rng, track) if chance(rng, 0.4) else track


def _choke(track: Samples, ringing: tuple[int, Samples], start: int) -> None:
    """Take away what is left of an open hat when the hat is struck again."""
    begun, sound = ringing
    left = sound[start - begun :] if start > begun else sound[:0]
    if left.size:
        fade = 1 - np.exp(-np.arange(left.size, dtype=np.float32) / (0.01 * RATE_HZ))
        track[start : start + left.size] -= left * fade


class _Kit:
    def __init__(self, rng: Generator, folder: Path) -> None:
        self._rng, self._folder = rng, folder
        self._font, self._number = int(rng.integers(len(sounds.FONTS))), pick(rng, sounds.KITS)
        self._one_kit = chance(rng, 0.4)
        self._bend = rng.uniform(-3, 3)
        self._hardness = rng.uniform(0.5, 2.0)
        self._synthesised = pick(rng, (0.0, SYNTHESISED, SYNTHESISED, 1.0))
        self._machine = Machine(rng) if chance(rng, MACHINES) else None
        self.chokes = chance(rng, 0.8)
        self._shots: dict[int, Samples] = {}

    def sound(self, stroke: Stroke) -> Samples:
        if stroke.pitch not in self._shots:
            self._shots[stroke.pitch] = self._made(stroke.pitch)
        loud = stroke.velocity**self._hardness * self._rng.uniform(0.85, 1.12)
        return self._shots[stroke.pitch] * np.float32(loud)

    def _made(self, pitch: int) -> Samples:
        rng, piece = self._rng, KIT.get(pitch)
        if piece is not None and self._machine and not chance(rng, 0.1):
            shot = self._machine.shot(piece)
        elif piece is not None and chance(rng, self._synthesised):
            shot = synthesised(rng, piece)
        else:
            shot = self._recorded(pitch)
            if piece is not None and chance(rng, 0.2):
                other = synthesised(rng, piece) if chance(rng, 0.5) else self._recorded(pitch)
                size = max(shot.size, other.size)
                shot = np.pad(shot, (0, size - shot.size)) + rng.uniform(0.2, 1) * np.pad(
                    other, (0, size - other.size)
                )
        if chance(rng, 0.4):
            longer = 4 if piece in {OPEN_HAT, CRASH, RIDE} else 1
            shot = shot * fading(shot.size, rng.uniform(0.06, 0.6) * longer)
        if chance(rng, 0.15 if self._machine else 0.3):
            shot = between(shot, 0, np.exp(rng.uniform(np.log(3_000), np.log(11_000))))
        loud = rng.uniform(*(PERCUSSION_LOUD if piece is None else LOUD[piece]))
        return np.asarray(shot / (np.abs(shot).max() + 1e-9) * loud, np.float32)

    def _recorded(self, pitch: int) -> Samples:
        rng = self._rng
        font, kit = (
            (self._font, self._number)
            if self._one_kit
            else (int(rng.integers(len(sounds.FONTS))), pick(rng, sounds.KITS))
        )
        struck = pitch if pitch in sounds.STRUCK else pick(rng, sounds.STRUCK[-11:])
        recording = sounds.strokes(self._folder, font, kit)[sounds.STRUCK.index(struck), int(rng.integers(2))]
        sound = recording.astype(np.float32)
        loudest = np.abs(sound).max()
        if loudest < 30:
            return synthesised(rng, KIT.get(pitch, CLOSED_HAT))
        sound = sound[: int(np.flatnonzero(np.abs(sound) > 0.003 * loudest)[-1]) + 1]
        ratio = 2 ** ((self._bend + rng.uniform(-3, 3)) / 12)
        places = np.arange(int(sound.size / ratio)) * ratio
        return np.asarray(np.interp(places, np.arange(sound.size), sound), np.float32)


def synthesised(rng: Generator, piece: int) -> Samples:
    """A stroke made of numbers: falling sines for skins, noise and clashing squares for metal."""
    size = round(SECONDS[piece] * RATE_HZ)
    t = np.arange(size) / RATE_HZ
    noise = rng.normal(0, 1, size).astype(np.float32)
    if piece == KICK:
        hz = rng.uniform(38, 75) + rng.uniform(40, 400) * np.exp(-t / rng.uniform(0.008, 0.05))
        shot = wave(hz) * fading(size, rng.uniform(0.05, 0.28)) + rng.uniform(0, 0.5) * noise * fading(
            size, rng.uniform(0.001, 0.01)
        )
        if chance(rng, 0.3):
            shot = np.tanh(shot * rng.uniform(1.5, 5))
    elif piece == TOM:
        hz = rng.uniform(65, 260) * (1 + rng.uniform(0.05, 0.8) * np.exp(-t / rng.uniform(0.02, 0.1)))
        shot = wave(hz) * fading(size, rng.uniform(0.08, 0.35)) + rng.uniform(0, 0.35) * noise * fading(
            size, rng.uniform(0.002, 0.03)
        )
    elif piece == SNARE:
        shot = _snare(rng, t, noise)
    else:
        shot = _metal(rng, piece, t, noise)
    return np.asarray(shot / (np.abs(shot).max() + 1e-9), np.float32)


def _snare(rng: Generator, t: Seconds, noise: Samples) -> Samples:
    hz = rng.uniform(140, 300) * (1 + 0.5 * np.exp(-t / 0.01))
    rattle = between(noise, rng.uniform(300, 2_500), rng.uniform(4_500, 11_000))
    shot = rng.uniform(0.05, 1) * wave(hz) * fading(t.size, rng.uniform(0.03, 0.14))
    if chance(rng, 0.2):  # a clap: some short bursts, then a tail
        bursts = sum(
            np.roll(rattle * fading(t.size, 0.008), round(at * RATE_HZ)) for at in (0.0, 0.011, 0.023)
        )
        return np.asarray(bursts + rattle * fading(t.size, rng.uniform(0.06, 0.15)), np.float32)
    return np.asarray(
        shot + rng.uniform(0.4, 1.4) * rattle * fading(t.size, rng.uniform(0.03, 0.22)), np.float32
    )


def _metal(rng: Generator, piece: int, t: Seconds, noise: Samples) -> Samples:
    lowest = rng.uniform(250, 1_200)
    clash = (
        sum(np.sign(np.sin(2 * np.pi * lowest * rng.uniform(1, 6) * t + rng.uniform(0, 6))) for _ in range(6))
        / 6
    )
    floor = rng.uniform(1_000, 5_000) if piece == CRASH else rng.uniform(2_500, 8_000)
    shot = between(rng.uniform(0, 1) * np.asarray(clash) + rng.uniform(0.3, 1) * noise, floor, 11_000)
    length = {CLOSED_HAT: (0.01, 0.06), OPEN_HAT: (0.12, 0.5), CRASH: (0.35, 1.2), RIDE: (0.2, 0.9)}[piece]
    shot = shot * fading(t.size, rng.uniform(*length))
    if piece == RIDE:  # the bell and the tip of the stick
        bell = np.sin(2 * np.pi * rng.uniform(1_800, 5_500) * t) * fading(t.size, rng.uniform(0.02, 0.2))
        shot = (
            shot
            + np.abs(shot).max() * rng.uniform(0.3, 1.5) * bell
            + shot * fading(t.size, 0.02) * rng.uniform(0, 2)
        )
    return np.asarray(shot, np.float32)


def _in_room(rng: Generator, track: Samples) -> Samples:
    size = round(rng.uniform(0.08, 0.8) * RATE_HZ)
    echo = rng.normal(0, 1, size).astype(np.float32) * fading(size, size / RATE_HZ / 5)
    echo /= np.sqrt(np.sum(echo**2))
    length = track.size + size
    wet = np.fft.irfft(np.fft.rfft(track, length) * np.fft.rfft(echo, length), length)[: track.size]
    return (track + rng.uniform(0.02, 0.4) * wet).astype(np.float32)
