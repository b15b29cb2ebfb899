"""From a MIDI file's ticks to seconds: by its tempos, or by the frames of SMPTE."""

from collections.abc import Iterable

import msgspec

from bot.music.columns import Ints, Seconds, np

_USUAL_TEMPO = 500_000
"""Microseconds a quarter, 120 BPM: what holds until a file says otherwise."""

_DROP_FRAMES = {29: 30_000 / 1001}
"""SMPTE's 29 stands for television's 29.97 frames a second."""


class TempoMap(msgspec.Struct, frozen=True):
    """Pieces of even speed: the tick and the second at which each begins, and its seconds a tick.

    `division` as in the file's header.
    """

    division: int
    ticks: Ints
    seconds: Seconds
    speeds: Seconds

    @classmethod
    def of(cls, division: int, tempos: Iterable[tuple[int, int]], *, began: float = 0.0) -> "TempoMap":
        """By a header's `division`; `tempos` are ticks and microseconds a quarter, in any order.

        Tick 0 is at second `began`.
        """
        if division & 0x8000:
            frames = 256 - (division >> 8)
            speed = 1 / (_DROP_FRAMES.get(frames, frames) * (division & 0xFF))
            return cls(division, np.zeros(1, np.int64), np.full(1, began), np.full(1, speed))
        told = np.array([(0, _USUAL_TEMPO), *tempos], np.int64)
        # Stable: of several tempos at one tick the last one holds.
        ticks, tempo = told[np.argsort(told[:, 0], kind="stable")].T
        speeds = tempo / 1e6 / division
        seconds = began + np.concatenate(([0.0], np.cumsum(np.diff(ticks) * speeds[:-1])))
        return cls(division, ticks, seconds, speeds)

    def bpm_between(self, start: int, end: int) -> Seconds:
        """The tempos that hold somewhere from one tick to another, in beats a minute, to 0.01; none by SMPTE."""
        if self.division & 0x8000:
            return np.empty(0)
        over = np.append(self.ticks[1:], np.iinfo(np.int64).max)
        # Of several at one tick all but the last are over as they begin.
        holds = (self.ticks < end) & (over > start) & (over > self.ticks)
        return np.round(60 / (self.speeds[holds] * self.division), 2)

    def at(self, ticks: "Ints | np.int64 | Seconds") -> Seconds:
        """The seconds of ticks."""
        piece = np.searchsorted(self.ticks, ticks, side="right") - 1
        found: Seconds = self.seconds[piece] + (ticks - self.ticks[piece]) * self.speeds[piece]
        return found

    def ticks_at(self, seconds: Seconds) -> Ints:
        """The ticks nearest to seconds."""
        return np.asarray(np.rint(self.places_at(seconds)).astype(np.int64))

    def places_at(self, seconds: Seconds) -> Seconds:
        """Seconds in ticks and parts of them."""
        piece = np.maximum(np.searchsorted(self.seconds, seconds, side="right") - 1, 0)
        return np.asarray(self.ticks[piece] + (seconds - self.seconds[piece]) / self.speeds[piece])
