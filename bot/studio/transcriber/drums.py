"""Drums by their bands: sudden rises of energy in the lows, mids and highs are kick, snare and hi-hat."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.studio.transcriber.decode import RATE_HZ, Samples

HOP: Final = 256
"""Samples from one frame to the next: 11.6 ms."""
FRAME: Final = 1024

Row = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Band:
    """A range of the spectrum and the piece of the GM kit that lives in it."""

    low_hz: float
    high_hz: float
    pitch: int


KICK: Final = Band(30, 130, 36)
SNARE: Final = Band(180, 2_500, 38)
HAT: Final = Band(6_000, 11_000, 42)


BANDS: Final = (KICK, SNARE, HAT)

LOUDNESS: Final = 100.0
"""Logarithmic compression: a stroke 40 dB below full scale still counts, noise 80 dB below does not."""
REST_FRAMES: Final = 5
"""The same piece is not struck twice within 58 ms (a 32nd at 130 BPM)."""
SILENT: Final = 1e-3
"""A rise that no ear notices."""
AROUND_FRAMES: Final = 34
"""A stroke stands out of the 0.4 s before and after it."""
STANDS_OUT: Final = 0.12
"""By this part of the band's strong strokes (their 98th percentile)."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One stroke; `strength` is 0..1 against the loudest of its band."""

    seconds: float
    pitch: int
    strength: float


def find_hits(blocks: Iterable[Samples]) -> list[Hit]:
    """Every stroke of the three pieces, by time."""
    flux = _flux(blocks)
    hits = [hit for band, row in zip(BANDS, flux, strict=True) for hit in _strokes(band, row)]
    return sorted(hits, key=lambda hit: (hit.seconds, hit.pitch))


def _flux(blocks: Iterable[Samples]) -> list[Row]:
    """For each band, how much its spectrum rises from frame to frame."""
    window = np.hanning(FRAME).astype(np.float32)
    bins = [_bins(band) for band in BANDS]
    rest = np.zeros(FRAME // 2, np.float32)
    before = np.zeros((2, FRAME // 2 + 1), np.float32)
    found: list[list[Row]] = [[] for _ in BANDS]
    for block in _closed(blocks):
        rest = np.concatenate([rest, block])
        if rest.size < FRAME:
            continue
        frames = np.lib.stride_tricks.sliding_window_view(rest, FRAME)[::HOP]
        loud = np.log1p(LOUDNESS * np.abs(np.fft.rfft(frames * window)) / (FRAME / 4)).astype(np.float32)
        joined = np.concatenate([before, loud])
        rise = np.maximum(joined[2:] - joined[:-2], 0.0)
        for row, band_bins in zip(found, bins, strict=True):
            row.append(rise[:, band_bins].mean(axis=1))
        before = joined[-2:]
        rest = rest[len(frames) * HOP :]
    return [np.concatenate(row) if row else np.zeros(0, np.float32) for row in found]


def _closed(blocks: Iterable[Samples]) -> Iterable[Samples]:
    yield from blocks
    yield np.zeros(FRAME, np.float32)


def _bins(band: Band) -> slice:
    width = RATE_HZ / FRAME
    return slice(round(band.low_hz / width), round(band.high_hz / width) + 1)


def _strokes(band: Band, flux: Row) -> list[Hit]:
    if not flux.size or flux.max() < SILENT:
        return []
    strong = float(np.percentile(flux[flux > SILENT], 98))
    kernel = np.ones(2 * AROUND_FRAMES + 1, np.float32) / (2 * AROUND_FRAMES + 1)
    floor = np.convolve(np.pad(flux, AROUND_FRAMES, mode="edge"), kernel, mode="valid")
    near = np.lib.stride_tricks.sliding_window_view(np.pad(flux, REST_FRAMES), 2 * REST_FRAMES + 1).max(
        axis=1
    )
    peaks = np.flatnonzero((flux >= near) & (flux > floor + STANDS_OUT * strong))
    return [
        Hit(float(frame * HOP / RATE_HZ), band.pitch, min(1.0, float(flux[frame]) / strong))
        for frame in peaks
    ]
