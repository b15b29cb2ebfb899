"""Drum machines: kits that were never struck, made of noise, squares and sines.

Their hats are often bare noise cut off steeply below, which no recorded hat is: a network that knows recordings alone
takes them for maracas.
"""

from typing import Final

import numpy as np
from numpy.random import Generator

from scripts.training.music.piece import CLOSED_HAT, CRASH, KICK, OPEN_HAT, RIDE, SNARE, TOM, chance, pick
from scripts.training.sound.sounds import RATE_HZ, Samples
from scripts.training.sound.waves import Seconds, between, fading, wave

SECONDS: Final = {KICK: 1.2, SNARE: 0.5, CLOSED_HAT: 0.25, OPEN_HAT: 0.9, TOM: 0.8, CRASH: 1.8, RIDE: 1.4}
LENGTHS: Final = {
    CLOSED_HAT: (0.003, 0.07),
    OPEN_HAT: (0.1, 0.6),
    CRASH: (0.3, 1.2),
    RIDE: (0.15, 0.9),
}
CLASHING_HZ: Final = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)
"""Six squares that have no common measure, as the best known machine of 1980 has them."""


class Machine:
    """One machine: all that is metal in it is made the same way, longer or shorter."""

    def __init__(self, rng: Generator) -> None:
        """With dials turned at random."""
        self._rng = rng
        self._metal = pick(rng, ("noise", "noise", "squares", "bells"))
        self._floor_hz = float(np.exp(rng.uniform(np.log(2_500), np.log(8_500))))
        self._steepness = float(np.exp(rng.uniform(np.log(2), np.log(60))))
        self._top_hz = rng.uniform(8_000, 14_000)
        self._tuned = rng.uniform(0.7, 1.8)
        self._bits = pick(rng, (16, 16, 16, 12, 8, 6))

    def shot(self, piece: int) -> Samples:
        """One of its sounds, its peak 1."""
        size = round(SECONDS[piece] * RATE_HZ)
        t = np.arange(size) / RATE_HZ
        noise = self._rng.normal(0, 1, size).astype(np.float32)
        if piece == KICK:
            sound = self._kick(t, noise)
        elif piece == SNARE:
            sound = self._snare(t, noise)
        elif piece == TOM:
            sound = self._tom(t, noise)
        else:
            sound = self._cymbal(piece, t, noise)
        sound = sound / (np.abs(sound).max() + 1e-9)
        steps = 2 ** (self._bits - 1)
        return np.asarray(np.round(sound * steps) / steps, np.float32)

    def _kick(self, t: Seconds, noise: Samples) -> Samples:
        rng = self._rng
        falls = rng.uniform(20, 500) * np.exp(-t / np.exp(rng.uniform(np.log(0.004), np.log(0.08))))
        body = wave(rng.uniform(36, 68) + falls) * self._shape(
            t, np.exp(rng.uniform(np.log(0.05), np.log(0.7)))
        )
        click = between(noise, rng.uniform(500, 4_000), 11_000) * fading(t.size, rng.uniform(0.0005, 0.006))
        sound = body + rng.uniform(0, 0.4) * click
        return np.tanh(sound * rng.uniform(1, 6)) if chance(rng, 0.4) else sound

    def _snare(self, t: Seconds, noise: Samples) -> Samples:
        rng = self._rng
        kind = pick(rng, ("rattle", "rattle", "gated", "clap", "rim"))
        if kind == "rim":
            hz = rng.uniform(400, 1_800)
            struck = wave(np.full(t.size, hz)) + wave(np.full(t.size, hz * rng.uniform(1.3, 2.8)))
            return struck * fading(t.size, rng.uniform(0.004, 0.02))
        if kind == "clap":
            hiss = between(noise, rng.uniform(500, 1_500), rng.uniform(2_500, 9_000), steepness=2)
            apart = rng.uniform(0.007, 0.014)
            bursts = sum(
                np.roll(hiss * fading(t.size, apart / 2), round(place * apart * RATE_HZ))
                for place in range(3)
            )
            return np.asarray(bursts + hiss * fading(t.size, rng.uniform(0.04, 0.2)), np.float32)
        hiss = between(noise, rng.uniform(200, 3_500), rng.uniform(5_000, 12_000), steepness=self._steepness)
        low = rng.uniform(140, 260)
        skin = wave(low * (1 + rng.uniform(0, 1) * np.exp(-t / 0.01))) + rng.uniform(0, 1) * wave(
            np.full(t.size, low * rng.uniform(1.4, 2))
        )
        if kind == "gated":
            hiss = hiss * _gate(t, rng.uniform(0.06, 0.25))
        else:
            hiss = hiss * self._shape(t, rng.uniform(0.03, 0.2))
        return np.asarray(
            rng.uniform(0, 1) * skin * fading(t.size, rng.uniform(0.02, 0.12)) + rng.uniform(0.4, 1.2) * hiss,
            np.float32,
        )

    def _tom(self, t: Seconds, noise: Samples) -> Samples:
        rng = self._rng
        hz = rng.uniform(65, 240) * (1 + rng.uniform(0, 1.2) * np.exp(-t / rng.uniform(0.01, 0.12)))
        hiss = between(noise, 200, rng.uniform(1_000, 6_000)) * fading(t.size, rng.uniform(0.005, 0.06))
        return np.asarray(
            wave(hz) * self._shape(t, rng.uniform(0.06, 0.4)) + rng.uniform(0, 0.2) * hiss, np.float32
        )

    def _cymbal(self, piece: int, t: Seconds, noise: Samples) -> Samples:
        rng = self._rng
        source = noise
        if self._metal == "squares":
            parts = [
                np.sign(np.sin(2 * np.pi * hz * self._tuned * t + rng.uniform(0, 6))) for hz in CLASHING_HZ
            ]
            source = np.asarray(sum(parts), np.float32) / len(parts) + rng.uniform(0, 0.3) * noise
        elif self._metal == "bells":
            low = 1_000 * self._tuned
            bent = rng.uniform(2, 12) * np.sin(2 * np.pi * low * rng.uniform(1.2, 1.8) * t)
            source = np.asarray(np.sin(2 * np.pi * low * rng.uniform(2, 5) * t + bent), np.float32)
        floor = self._floor_hz * (rng.uniform(0.4, 0.9) if piece in {CRASH, RIDE} else 1)
        sound = between(source, floor, self._top_hz, steepness=self._steepness)
        sound = sound * self._shape(t, float(np.exp(rng.uniform(*np.log(LENGTHS[piece])))))
        if piece == RIDE:
            bell = wave(np.full(t.size, rng.uniform(1_800, 6_000))) * fading(t.size, rng.uniform(0.02, 0.2))
            sound = sound + np.abs(sound).max() * rng.uniform(0.2, 1.5) * bell
        return sound

    def _shape(self, t: Seconds, seconds: float) -> Samples:
        """Mostly a fade; now and then one that is cut off, as of a recording that was kept short."""
        shape = fading(t.size, seconds)
        return shape * _gate(t, seconds * self._rng.uniform(0.7, 2)) if chance(self._rng, 0.2) else shape


def _gate(t: Seconds, seconds: float) -> Samples:
    return np.clip((seconds - t) / 0.004, 0, 1).astype(np.float32)
