"""All ways to read a pulse as beats and bars, and what speaks for each, as numbers."""

from collections.abc import Iterator
from itertools import accumulate

import msgspec

from bot.music.columns import Ints, Seconds, np
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


class Reading(msgspec.Struct, frozen=True):
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
        for some, speaking in _of_pulse(number, pulse, onsets):
            which += some
            rows.append(speaking)
    return which, np.concatenate(rows) if rows else np.zeros((0, WIDTH))


def _of_pulse(number: int, pulse: Pulse, onsets: Onsets) -> Iterator[tuple[list[Reading], Matrix]]:
    """The readings of one pulse, those of a meter and a tempo together: from each of a bar's pulses on."""
    chroma = sounding_chroma(pulse.times, onsets)
    heard = accents(pulse.times, onsets, chroma)
    period = float(np.median(np.diff(pulse.times)))
    alike = _alike(heard, chroma)
    after = np.searchsorted(pulse.times, onsets.start, side="right")
    for group in GROUPS:
        beat_seconds = period * group
        if not SHORTEST_BEAT <= beat_seconds <= LONGEST_BEAT or len(pulse.times) < 4 * group:
            continue
        parts = _within_beats(pulse.times, onsets, after, group)
        for meter, beats in BEATS.items():
            length = beats * group
            bars = len(heard) // length
            if bars < 2:
                continue
            table = heard[: bars * length].reshape(bars, length, -1).mean(axis=0)
            phases = np.arange(length)
            rows = np.zeros((length, WIDTH))
            rows[:, :PLAIN] = _plain(beat_seconds, length * period, pulse, meter)
            own = _WITHIN_BEAT[meter]
            rows[:, own : own + parts.shape[1]] = parts[phases % group]
            rows[:, own + parts.shape[1] : own + BY_METER] = _repeats(alike, group, length)
            accented = _positions(table, group, beats)
            rows[:, _POSITIONS[meter] : _POSITIONS[meter] + accented.shape[1]] = accented
            yield [Reading(number, group, meter, phase) for phase in phases.tolist()], rows


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


def _within_beats(times: Seconds, onsets: Onsets, after: Ints, group: int) -> Matrix:
    """Shares of the onsets on the beat, its half, quarters, thirds, and on none of them: a row for each pulse that beats may begin on.

    `after` are how many pulses are over when each onset begins.
    """
    weight = onsets.weight + 0.2
    shares = np.empty((group, _PARTS))
    for phase in range(group):
        beats = times[phase::group]
        # The beat before an onset, by the pulses that are over.
        beat = np.clip((np.arange(len(times) + 1) - 1 - phase) // group, 0, len(beats) - 2)
        place = onsets.start - beats[beat][after]
        place /= np.diff(beats)[beat][after]
        heavy = weight * ((place > -0.5) & (place < 1.5))
        place *= _PARTS
        bins = np.rint(place, out=place).astype(np.int64) % _PARTS
        shares[phase] = np.bincount(bins, heavy, minlength=_PARTS) / max(float(heavy.sum()), 1e-9)
    on, half, thirds = shares[:, 0], shares[:, 6], shares[:, 4] + shares[:, 8]
    return np.stack(
        (
            on,
            half,
            shares[:, 3] + shares[:, 9],
            thirds,
            shares[:, 4] - shares[:, 8],
            half - thirds,
            np.minimum(on, 0.6) * (half > 0.02),
        ),
        axis=1,
    )


def _alike(heard: Matrix, chroma: Matrix) -> tuple[Seconds, Seconds]:
    """How alike pulses are that lie 1, 2, ... apart: by accents, and by what sounds, against what is usual in the song."""
    found = []
    for columns in (heard, chroma):
        rows = columns - columns.mean(axis=0)
        size = np.linalg.norm(rows, axis=1, keepdims=True)
        rows = rows / np.maximum(size, 1e-6)
        count, width = rows.shape
        flat = rows.ravel()
        by_lag = np.array(
            [
                float(np.einsum("i,i->", flat[lag * width :], flat[: -lag * width])) / (count - lag)
                if lag < count
                else 0.0
                for lag in range(1, _LAGS + 1)
            ]
        )
        found.append(by_lag - by_lag.mean())
    return found[0], found[1]


def _repeats(alike: tuple[Seconds, Seconds], group: int, length: int) -> Seconds:
    """How alike a song is a beat, half a bar, a bar, two bars and a bar and a beat later."""
    lags = (group, length, 2 * length, length + group, max(length - group, 1))
    return np.array([by_lag[lag - 1] if lag <= _LAGS else 0.0 for by_lag in alike for lag in lags])


def _positions(table: Matrix, group: int, beats: int) -> Matrix:
    """The mean accents on each beat of a bar, and between the beats: a row for each pulse that the bar may begin on."""
    length = len(table)
    on = table[(np.arange(length)[:, None] + group * np.arange(beats)) % length]
    between = (table.sum(axis=0) - on.sum(axis=1)) / max(length - beats, 1)
    return np.concatenate((on, between[:, None]), axis=1).reshape(length, -1)


PLAIN = 13
"""Numbers of `_plain`."""
BY_METER = 17
"""Numbers that each meter weighs on its own: seven of `_within_beats`, ten of `_repeats`."""
_WITHIN_BEAT = {meter: PLAIN + place * BY_METER for place, meter in enumerate(BEATS)}
"""Where in a row each meter has these; zeros stand in the others' places."""
_ENDS = list(
    accumulate(
        ((beats + 1) * len(ACCENTS) for beats in BEATS.values()), initial=PLAIN + len(BEATS) * BY_METER
    )
)
_POSITIONS = dict(zip(BEATS, _ENDS, strict=False))
"""The same of `_positions`."""
WIDTH = _ENDS[-1]


def beats_of(reading: Reading, found: list[Pulse]) -> tuple[Seconds, int]:
    """The times of a reading's beats, and which of them is the first downbeat."""
    times = found[reading.pulse].times
    first = reading.phase % reading.group
    return times[first :: reading.group], reading.phase // reading.group
