"""All ways to read a pulse as beats and bars, and what speaks for each, as numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bot.music.columns import Seconds
from bot.music.meter.accents import ACCENTS, Matrix, accents, sounding_chroma
from bot.music.meter.bar_lines import BEATS
from bot.music.meter.onsets import Onsets
from bot.music.meter.pulse import Pulse

GROUPS = (1, 2, 3, 4, 6, 8)
"""Pulses in a beat."""

SHORTEST_BEAT, LONGEST_BEAT = 0.27, 1.4
"""Seconds: 222 and 43 BPM."""

_MIDDLE = 0.55
"""Seconds, 109 BPM: octaves are counted from here, near the middle of what is played, up and down."""

_LAGS = 72
"""Pulses: two bars of four beats of eight pulses, and one beat more."""

_PARTS = 12
"""Of a beat: both its quarters and its thirds."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Every `group`th pulse of `pulse`, from `phase` % `group` on, is a beat; the one at `phase` is a bar's first."""

    pulse: int
    group: int
    meter: str
    phase: int


def readings(found: list[Pulse], onsets: Onsets) -> tuple[list[Reading], Matrix]:
    """All readings, and a row for each of what speaks for it."""
    which: list[Reading] = []
    rows: list[Matrix] = []
    for number, pulse in enumerate(found):
        for reading, row in _of_pulse(number, pulse, onsets):
            which.append(reading)
            rows.append(row)
    return which, np.concatenate(rows) if rows else np.zeros((0, WIDTH))


def _of_pulse(number: int, pulse: Pulse, onsets: Onsets) -> Iterator[tuple[Reading, Matrix]]:
    heard = accents(pulse.times, onsets)
    period = float(np.median(np.diff(pulse.times)))
    alike = _alike(heard, sounding_chroma(pulse.times, onsets))
    for group in GROUPS:
        beat_seconds = period * group
        if not SHORTEST_BEAT <= beat_seconds <= LONGEST_BEAT or len(pulse.times) < 4 * group:
            continue
        parts = [_within_beat(pulse.times, onsets, group, phase) for phase in range(group)]
        for meter, beats in BEATS.items():
            length = beats * group
            bars = len(heard) // length
            if bars < 2:
                continue
            table = heard[: bars * length].reshape(bars, length, -1).mean(axis=0)
            again = _repeats(alike, group, length)
            for phase in range(length):
                accented = _positions(np.roll(table, -phase, axis=0), group, meter)
                plain = _plain(beat_seconds, length * period, pulse, meter)
                row = np.concatenate(
                    (plain, _by_kind(np.concatenate((parts[phase % group], again)), meter), accented)
                )
                yield Reading(number, group, meter, phase), row[None, :]


def _plain(beat_seconds: float, bar_seconds: float, pulse: Pulse, meter: str) -> Seconds:
    octaves, bar = np.log2(beat_seconds / _MIDDLE), np.log2(bar_seconds / (4 * _MIDDLE))
    is_meter = [float(meter == one) for one in BEATS]
    even = float(pulse.is_even)
    compound = float(meter == "6/8")
    return np.array(
        [
            *is_meter,
            even,
            even * pulse.evenness,
            pulse.fit,
            octaves,
            octaves**2,
            bar,
            bar**2,
            compound * octaves,
            compound * octaves**2,
        ]
    )


def _within_beat(times: Seconds, onsets: Onsets, group: int, phase: int) -> Seconds:
    """Shares of the onsets on the beat, its half, quarters, thirds, and on none of them."""
    beats = times[phase::group]
    at = np.clip(np.searchsorted(beats, onsets.start, side="right") - 1, 0, len(beats) - 2)
    place = (onsets.start - beats[at]) / (beats[at + 1] - beats[at])
    heavy = (onsets.weight + 0.2) * ((place > -0.5) & (place < 1.5))
    bins = np.rint(place * _PARTS).astype(np.int64) % _PARTS
    share = np.bincount(bins, heavy, minlength=_PARTS) / max(float(heavy.sum()), 1e-9)
    on, half, quarters, thirds = share[0], share[6], share[3] + share[9], share[4] + share[8]
    return np.array(
        [
            on,
            half,
            quarters,
            thirds,
            share[4] - share[8],
            half - thirds,
            min(float(on), 0.6) * float(half > 0.02),
        ]
    )


def _alike(heard: Matrix, chroma: Matrix) -> tuple[Seconds, Seconds]:
    """How alike pulses are that lie 1, 2, ... apart: by accents, and by what sounds, against what is usual in the song."""
    found = []
    for columns in (heard, chroma):
        rows = columns - columns.mean(axis=0)
        size = np.linalg.norm(rows, axis=1, keepdims=True)
        rows = rows / np.maximum(size, 1e-6)
        by_lag = np.array(
            [
                float((rows[lag:] * rows[:-lag]).sum(axis=1).mean()) if lag < len(rows) else 0.0
                for lag in range(1, _LAGS + 1)
            ]
        )
        found.append(by_lag - by_lag.mean())
    return found[0], found[1]


def _repeats(alike: tuple[Seconds, Seconds], group: int, length: int) -> Seconds:
    """How alike a song is a beat, half a bar, a bar, two bars and a bar and a beat later."""
    lags = (group, length, 2 * length, length + group, max(length - group, 1))
    return np.array([by_lag[lag - 1] if lag <= _LAGS else 0.0 for by_lag in alike for lag in lags])


def _by_kind(values: Seconds, meter: str) -> Seconds:
    """The values in the place of the meter's own weights, zeros in the others'."""
    found = np.zeros((len(BEATS), len(values)))
    found[list(BEATS).index(meter)] = values
    return found.ravel()


def _positions(table: Matrix, group: int, meter: str) -> Seconds:
    """The mean accents on each beat of a bar, and between the beats, in the place of the meter's own weights."""
    beats = BEATS[meter]
    on = table[::group]
    between = (table.sum(axis=0) - on.sum(axis=0)) / max(len(table) - beats, 1)
    found = []
    for one, count in BEATS.items():
        own = (
            np.concatenate((on, between[None, :])).ravel()
            if one == meter
            else np.zeros((count + 1) * len(ACCENTS))
        )
        found.append(own)
    return np.concatenate(found)


PLAIN = 13
"""Numbers of `_plain`."""
BY_METER = 17
"""Numbers that each meter weighs on its own: seven of `_within_beat`, ten of `_repeats`."""
WIDTH = PLAIN + len(BEATS) * BY_METER + (len(BEATS) + sum(BEATS.values())) * len(ACCENTS)


def beats_of(reading: Reading, found: list[Pulse]) -> tuple[Seconds, int]:
    """The times of a reading's beats, and which of them is the first downbeat."""
    times = found[reading.pulse].times
    first = reading.phase % reading.group
    return times[first :: reading.group], reading.phase // reading.group
