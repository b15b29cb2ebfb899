"""Beats, downbeats and meter of a song, heard from its notes, with how sure that is."""

import msgspec
from msgspec.structs import replace

from bot.music.columns import Seconds, np
from bot.music.heard.key import find_key
from bot.music.meter import weights
from bot.music.meter.accents import nearest
from bot.music.meter.bar_lines import BEATS, bars_of
from bot.music.meter.onsets import Onsets
from bot.music.meter.pulse import pulses, settle
from bot.music.meter.readings import beats_of, readings
from bot.music.meter.tempo_curve import curve_of
from bot.music.song import Song
from bot.music.timeline.bars import Bars, LikelyBars
from bot.music.timeline.key_signature import KeySignature, key_signature

_FEWEST_NOTES = 16
_SHORTEST_SECONDS = 6.0

SURE = 0.995
"""Of all readings together the best one's share. From 0.985 on 1.2 % of the made-up songs are read wrongly, but two of nine by
people; from here on none of these."""

_SURE_IN_SIXES = 0.999
"""The same for 6/8, which a shuffle in 4/4 is easily taken for."""

_PERHAPS, _SURE_IN_HALVES = 0.9, 0.95
"""What is this likely of a song, and this much so in each half of it heard alone, with the same bars, is as sure."""

_MOST_BENT = 1.2
"""How much slower the slowest four beats may be than the quickest: in freer playing some beats are easily missed."""

SURE_KEY = 0.08
"""Of `Key.lead`: from here on under 1 % of the made-up songs were in another key, from 0.05 on 2 %."""

_BENT_BEATS = 4
"""In a row: one beat that was placed badly is no other tempo."""

_WORTH = 0.001
"""Share of a reading that is looked at: thousands have less, and all of these together make nobody sure."""

_EDGE = 0.1
"""Seconds beyond the first and last beat of a half in which the same beat of the whole may lie."""

_ALIKE = 0.9
"""Of the bars: so many in common make two readings one."""

_LATE = 0.3
"""Of a beat: so late the first note may sound on it."""

_WITHIN, _REACH = 0.15, 3.0
"""For the last look at each beat: onsets so near, in beats, and a line through so many beats."""


class Heard(msgspec.Struct, frozen=True, eq=False):
    """The likeliest reading: `beats` in seconds, of which `first` begins bar 1, and its probability among all readings."""

    beats: Seconds
    first: int
    meter: str
    probability: float
    is_heard_twice: bool = False
    """Whether both halves of the song, heard alone, have the same bars."""

    @property
    def is_sure(self) -> bool:
        """Whether the file's bars should follow it."""
        enough = _SURE_IN_SIXES if self.meter == "6/8" else SURE
        return (self.probability >= enough or self.is_heard_twice) and self.bend <= _MOST_BENT

    @property
    def bend(self) -> float:
        """The length of the slowest four beats in a row by that of the quickest."""
        if len(self.beats) < _BENT_BEATS + 1:
            return 1.0
        lengths = self.beats[_BENT_BEATS:] - self.beats[:-_BENT_BEATS]
        return float(lengths.max() / max(float(lengths.min()), 1e-9))

    @property
    def downbeats(self) -> Seconds:
        """Where bars begin, in seconds."""
        return self.beats[self.first :: BEATS[self.meter]]


def hear(song: Song) -> Heard | None:
    """The likeliest beats and bars; None where there are too few notes to tell, or none of them keeps any time."""
    onsets = Onsets.of(song)
    heard = _likeliest(onsets)
    # A shuffle in 4/4 is taken for 6/8 by both halves.
    if heard is None or not _PERHAPS <= heard.probability < SURE or heard.meter == "6/8":
        return heard
    halves = map(_likeliest, onsets.halves())
    return replace(heard, is_heard_twice=all(half and _is_as_in(heard, half) for half in halves))


def _is_as_in(heard: Heard, half: Heard) -> bool:
    """Whether half a song surely has the bars of the whole."""
    if half.probability < _SURE_IN_HALVES or half.meter != heard.meter:
        return False
    within = (heard.beats > half.beats[0] - _EDGE) & (heard.beats < half.beats[-1] + _EDGE)
    first = (heard.first - int(np.argmax(within))) % BEATS[heard.meter]
    return _is_alike(replace(heard, beats=heard.beats[within], first=first), half.beats, half.first)


def _likeliest(onsets: Onsets) -> Heard | None:
    """The likeliest beats and bars of some notes."""
    if len(onsets) < _FEWEST_NOTES or onsets.start[-1] - onsets.start[0] < _SHORTEST_SECONDS:
        return None
    found = pulses(onsets)
    ways, rows = readings(found, onsets)
    if not ways:
        return None
    scores = rows @ np.array(weights.WEIGHTS)
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    best = int(np.argmax(shares))
    beats, first = beats_of(ways[best], found)
    beats = settle(beats, onsets, within=_WITHIN, reach=_REACH)
    chosen = Heard(beats, first, ways[best].meter, float(shares[best]))
    # Two pulses can lead to the same bars: what speaks for one speaks for the other.
    alike = [
        float(shares[at])
        for at in np.flatnonzero(shares > _WORTH)
        if at != best and ways[at].meter == chosen.meter and _is_alike(chosen, *beats_of(ways[at], found))
    ]
    heard = replace(chosen, probability=min(1.0, chosen.probability + sum(alike)))
    return _from_first_note(heard, float(onsets.start[0]))


def _from_first_note(heard: Heard, first_note: float) -> Heard:
    """With the beats that a row lacks where it begins later than the notes do: a whole bar of them is no pickup."""
    length = float(heard.beats[1] - heard.beats[0])
    missing = int(max(0.0, (heard.beats[0] - first_note) / length + _LATE))
    before = heard.beats[0] + np.arange(-missing, 0) * length
    return replace(
        heard,
        beats=np.concatenate((before, heard.beats)),
        first=(heard.first + missing) % BEATS[heard.meter],
    )


def _is_alike(heard: Heard, beats: Seconds, first: int) -> bool:
    """Whether nearly all bars of another reading in the same meter begin where those of `heard` do."""
    bars, others = heard.downbeats, beats[first :: BEATS[heard.meter]]
    if min(len(bars), len(others)) < 2:
        return False
    near = 0.15 * float(np.median(np.diff(heard.beats)))
    few, many = sorted((bars, others), key=len)
    met = np.abs(many[nearest(many, few)] - few) < near
    return bool(met.mean() > _ALIKE and len(few) > _ALIKE * len(many))


def with_heard(song: Song) -> Song:
    """The song with the bars that are heard: those that its file should have, where they are sure."""
    heard = hear(song)
    if heard is None or not len(heard.downbeats):
        return song
    likely = LikelyBars(heard.meter, round(max(0.0, float(heard.downbeats[0])), 3))
    return replace(song, bars=bars_of_beats(song, heard) if heard.is_sure else None, likely_bars=likely)


def bars_of_beats(song: Song, heard: Heard) -> Bars:
    """The bars of a reading, with the song's key where that is sure."""
    first_note = min(float(track.start_seconds[0]) for track in song.tracks if len(track))
    curve = curve_of(heard.beats, first=heard.first, bar_beats=BEATS[heard.meter])
    return bars_of(curve, first=heard.first, meter=heard.meter, first_note=first_note, key=heard_key(song))


def heard_key(song: Song) -> KeySignature | None:
    """The key that the song's file should say; None where it is not sure."""
    key = find_key(song)
    if key is None or key.lead < SURE_KEY:
        return None
    return key_signature(key.tonic, is_minor=key.is_minor)
