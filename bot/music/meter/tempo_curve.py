"""Beats in time -> straight pieces of even tempo: one where the playing is steady, else as few as follow it."""

import msgspec

from bot.music.columns import Ints, Seconds, np

_STEADY_SECONDS = 0.02
"""Beats that are nowhere farther than this from one even row are steady: players to a click are within it."""

_FOLLOWS_SECONDS = 0.012
"""How far a piece may be from the beats that it stands for: half of what is heard as together."""

_ROUNDS_SECONDS = 0.006
"""What a tempo may be off at the song's ends for the sake of a round number."""

_ROUND_TO = (1.0, 0.5, 0.1, 0.01)
"""Beats a minute."""


class TempoCurve(msgspec.Struct, frozen=True):
    """Knots between straight pieces: places in beats (of the row that was given) and their seconds."""

    places: Ints
    seconds: Seconds

    @property
    def is_steady(self) -> bool:
        """Whether it is one piece."""
        return len(self.places) == 2

    def at(self, places: "Seconds | Ints") -> Seconds:
        """The seconds of places; before the first and after the last knot it goes on as it is there."""
        piece = np.clip(np.searchsorted(self.places, places, side="right") - 1, 0, len(self.places) - 2)
        speed = np.diff(self.seconds) / np.diff(self.places)
        return np.asarray(self.seconds[piece] + (places - self.places[piece]) * speed[piece])

    def places_of(self, seconds: Seconds) -> Seconds:
        """The places of seconds, and parts of them; the way back."""
        piece = np.clip(np.searchsorted(self.seconds, seconds, side="right") - 1, 0, len(self.places) - 2)
        slowness = np.diff(self.places) / np.diff(self.seconds)
        return np.asarray(self.places[piece] + (seconds - self.seconds[piece]) * slowness[piece])


def curve_of(beats: Seconds, *, first: int, bar_beats: int) -> TempoCurve:
    """The curve of a row of at least two beats, of which `first` begins a bar of `bar_beats`."""
    place = np.arange(len(beats))
    slope, start = _line(place, beats)
    if np.abs(start + slope * place - beats).max() <= _STEADY_SECONDS:
        slope = _rounded(slope, len(beats))
        start = float((beats - slope * place).mean())
        last = len(beats) - 1
        return TempoCurve(np.array([0, last]), np.array([start, start + slope * last]))
    return _followed(beats, first, bar_beats)


def _line(place: Ints, beats: Seconds) -> tuple[float, float]:
    middle = place - place.mean()
    slope = float((middle * beats).sum() / (middle**2).sum())
    return slope, float(beats.mean() - slope * place.mean())


def _rounded(slope: float, count: int) -> float:
    for step in _ROUND_TO:
        bpm = round(60 / slope / step) * step
        if bpm and abs(60 / bpm - slope) * count / 2 <= _ROUNDS_SECONDS:
            return 60 / bpm
    return slope


def _followed(beats: Seconds, first: int, bar_beats: int) -> TempoCurve:
    """From the first beat on the longest piece that no beat is far from, then the next one."""
    knots, seconds = [0], [float(beats[0])]
    last = len(beats) - 1
    while knots[-1] < last:
        at, start = knots[-1], seconds[-1]
        reach = np.arange(1, last - at + 1)
        rise = beats[at + 1 :] - start
        lowest = np.maximum.accumulate((rise - _FOLLOWS_SECONDS) / reach)
        highest = np.minimum.accumulate((rise + _FOLLOWS_SECONDS) / reach)
        (open_,) = np.nonzero(lowest <= highest)
        end = at + 1 + (int(open_[-1]) if len(open_) else 0)
        # A new tempo belongs on a bar line where there is one.
        on_line = end - (end - first) % bar_beats
        if end < last and on_line > at:
            end = on_line
        far = end - at - 1
        slope = float(np.clip(rise[far] / reach[far], lowest[far], highest[far]))
        if slope <= 0:
            slope = float(rise[far] / reach[far])
        knots.append(end)
        seconds.append(start + slope * (end - at))
    return TempoCurve(np.array(knots), np.array(seconds))
