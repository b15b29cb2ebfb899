"""The tempo of a song, from when its notes begin.

Onsets, weighted by velocity, become a curve of 100 values a second; its autocorrelation has peaks at the beat
and at its multiples. A candidate's score adds those peaks up, leaning towards tempos that people tap
(around 120 BPM). The best candidate is then refined on the onsets themselves. Such estimators are mostly right
up to a factor of two (.85 to .97 of songs) and exactly right in .58, which is why a hint says "or half / double". tests/benchmarks/hints.py counts on made-up songs.
"""

import msgspec

from bot.music.columns import NDArray, Seconds, np
from bot.music.song import Song

SLOWEST_BPM, FASTEST_BPM = 50.0, 210.0

_RATE = 100
"""Values of the onset curve a second: 10 ms, finer than people play together."""
_BLUR_SECONDS = 0.02
_LONGEST_SECONDS = 600.0
"""Ten minutes tell the tempo; more would only cost time."""
_BEATS = 4
"""Multiples of the beat that a score looks at: a bar."""
_PREFERRED_BPM, _PREFERENCE_OCTAVES = 120.0, 1.0
_MIN_ONSETS = 8
_FINE_TEMPOS = 121
"""Steps of 0.05 %: over a minute that is 30 ms, a quarter of a sixteenth at 120 BPM."""
_MOST_ONSETS = 1500
"""For the last, exact look, which costs tempos times onsets: 5 ms."""
_SECONDS_A_MINUTE = 60.0
_SURE = 0.3
"""Confidence below which a tempo is more often wrong than right on real songs."""


_NEAR = 0.03
"""Played by hand, a song drifts as much."""


class Tempo(msgspec.Struct, frozen=True):
    """Beats a minute, and how sure (0..1) that this, its half or its double is right.

    The confidence is the mean autocorrelation of the onsets at one to four beats.
    """

    bpm: float
    confidence: float

    @property
    def is_sure(self) -> bool:
        """Whether it is worth telling."""
        return self.confidence >= _SURE

    def is_near(self, bpm: float) -> bool:
        """Whether it could be meant by `bpm`."""
        return abs(self.bpm / bpm - 1) < _NEAR


def find_tempo(song: Song) -> Tempo | None:
    """The likeliest tempo; None below eight onsets or two seconds."""
    onsets, weights = _onsets(song)
    if len(onsets) < _MIN_ONSETS or onsets[-1] - onsets[0] < 2:
        return None
    correlation = _autocorrelation(_curve(onsets, weights))
    candidates = np.exp(np.linspace(np.log(SLOWEST_BPM), np.log(FASTEST_BPM), 400))
    strengths = _strengths(correlation, _SECONDS_A_MINUTE / candidates)
    octaves = np.log2(candidates / _PREFERRED_BPM) / _PREFERENCE_OCTAVES
    best = int(np.argmax(strengths * np.exp(-0.5 * octaves**2)))
    bpm = _refined(float(candidates[best]), onsets, weights)
    return Tempo(bpm, float(np.clip(strengths[best], 0, 1)))


def _onsets(song: Song) -> "tuple[Seconds, NDArray[np.float64]]":
    """When notes begin, ascending, with their velocities as weights; the first ten minutes."""
    if not song.note_count:
        return np.empty(0), np.empty(0)
    starts = np.concatenate([track.start_seconds for track in song.tracks])
    weights = np.concatenate([track.velocity for track in song.tracks]).astype(np.float64)
    order = np.argsort(starts)
    starts, weights = starts[order], weights[order]
    end = np.searchsorted(starts, starts[0] + _LONGEST_SECONDS)
    return starts[:end], weights[:end]


def _curve(onsets: Seconds, weights: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """The blurred strength of onsets over time, without its mean."""
    places = np.rint((onsets - onsets[0]) * _RATE).astype(np.int64)
    impulses = np.bincount(places, weights)
    # A chord is one beat, not four: the strength of a moment grows slower than its notes.
    offsets = np.arange(-6, 7) / _RATE
    blur = np.exp(-0.5 * (offsets / _BLUR_SECONDS) ** 2)
    curve = np.convolve(np.sqrt(impulses), blur, mode="same")
    return np.asarray(curve - curve.mean())


def _autocorrelation(curve: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """By lag in 1/100 s, 1.0 at lag 0, without the fading towards long lags."""
    size = 1 << (2 * len(curve) - 1).bit_length()
    spectrum = np.fft.rfft(curve, size)
    raw = np.fft.irfft(spectrum * spectrum.conj(), size)[: len(curve)]
    overlap = np.maximum(1 - np.arange(len(curve)) / len(curve), 0.25)
    return np.asarray(raw / overlap / max(float(raw[0]), 1e-12))


def _strengths(correlation: "NDArray[np.float64]", periods: Seconds) -> "NDArray[np.float64]":
    """For each period the mean correlation at one to four times the period."""
    lags = np.arange(len(correlation))
    multiples = np.outer(np.arange(1, _BEATS + 1), periods) * _RATE
    return np.asarray(np.interp(multiples, lags, correlation, right=0.0).mean(axis=0))


def _refined(bpm: float, onsets: Seconds, weights: "NDArray[np.float64]") -> float:
    """The tempo within 3 % of `bpm` on whose sixteenths the onsets of the first minute lie best."""
    end = min(int(np.searchsorted(onsets, onsets[0] + _SECONDS_A_MINUTE)), _MOST_ONSETS)
    times, heavy = onsets[:end] - onsets[0], weights[:end]
    tempos = bpm * np.linspace(0.97, 1.03, _FINE_TEMPOS)
    # Each tempo's phasors are the last one's times a constant: 0.4 ms, where an exponential for each takes 20.
    sixteenths = 2j * np.pi * 4 / _SECONDS_A_MINUTE * times
    turns, step = heavy * np.exp(tempos[0] * sixteenths), np.exp((tempos[1] - tempos[0]) * sixteenths)
    fits = np.empty(len(tempos))
    for place in range(len(tempos)):
        fits[place] = abs(turns.sum())
        turns *= step
    return float(tempos[np.argmax(fits)])
