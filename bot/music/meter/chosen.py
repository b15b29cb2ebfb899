"""What the asker says of a song's bars, and the bars that come of it."""

import contextlib

import msgspec
from msgspec.structs import replace

from bot.errors import FirstBarUnclearError, NoBeatError
from bot.music.columns import Seconds, np
from bot.music.meter.bar_lines import BEATS, bars_of
from bot.music.meter.hear import Heard, hear, heard_key, with_heard
from bot.music.meter.tempo_curve import TempoCurve, curve_of
from bot.music.song import Song
from bot.music.timeline.bars import Bars, Origin


class ChosenBars(msgspec.Struct, frozen=True):
    """Bars of `meter`, the first of which begins at (the beat nearest to) `first_seconds`.

    With `bpm` beats are even from there on; without it they are those that were heard, `times` as many: 0.5, 1 or 2.
    """

    meter: str
    first_seconds: float
    bpm: float | None = None
    times: float = 1.0


def with_bars(song: Song, chosen: ChosenBars | None) -> Song:
    """The song with the bars that were chosen, or else that its file gives, or that are surely heard.

    What was chosen once and is no longer possible counts for nothing: the song is there all the same.
    """
    if not song.note_count:
        return song
    if chosen is not None:
        with contextlib.suppress(NoBeatError, FirstBarUnclearError):
            return with_chosen(song, chosen)
    return song if song.bars else with_heard(song)


def with_chosen(song: Song, chosen: ChosenBars) -> Song:
    """The song with the bars that are chosen for it.

    Raises:
        NoBeatError: heard beats were chosen, and there are none.
        FirstBarUnclearError: the first bar begins after the song's end.
    """
    return replace(song, bars=_bars(song, chosen)) if song.note_count else song


def _bars(song: Song, chosen: ChosenBars) -> Bars:
    if chosen.first_seconds > song.duration_seconds:
        raise FirstBarUnclearError(given=f"{chosen.first_seconds:.10g}")
    if chosen.bpm is not None:
        beat_seconds, first = 60 / chosen.bpm, 0
        curve = TempoCurve(np.array([0, 1]), chosen.first_seconds + np.array([0.0, beat_seconds]))
    else:
        heard = hear(song)
        if heard is None:
            raise NoBeatError
        beats = _as_many(heard, chosen.times, chosen.first_seconds)
        first = int(np.argmin(np.abs(beats - chosen.first_seconds))) % BEATS[chosen.meter]
        curve = curve_of(beats, first=first, bar_beats=BEATS[chosen.meter])
    return bars_of(
        curve,
        first=first,
        meter=chosen.meter,
        first_note=min(float(track.start_seconds[0]) for track in song.tracks if len(track)),
        key=heard_key(song),
        origin=Origin.CHOSEN,
    )


def _as_many(heard: Heard, times: float, first_seconds: float) -> Seconds:
    """The heard beats, each second one of them, or with one between every two."""
    beats = heard.beats
    if times > 1:
        return np.interp(np.arange(2 * len(beats) - 1) / 2, np.arange(len(beats)), beats)
    if times < 1:
        return beats[int(np.argmin(np.abs(beats - first_seconds))) % 2 :: 2]
    return beats
