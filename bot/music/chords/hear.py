"""Chords of a song, heard from the notes of all its instruments, with how sure they are.

A hidden Markov model: each chord makes its own tones likely in a piece of half a beat, its root above all in the bass,
and lasts; changing costs least on a bar line, and less for chords of the key. Templates, not learnt from anybody's songs;
the numbers were chosen on made-up harmonies of seeds that the benchmark does not use.
"""

from fractions import Fraction
from functools import cache

import msgspec

from bot.music.chords.chord import Chord, Quality
from bot.music.chords.evidence import SILENCE, evidence
from bot.music.chords.sounding import Matrix, Sounding, sounding
from bot.music.columns import NDArray, np
from bot.music.heard.key import find_key
from bot.music.song import Song
from bot.music.timeline.bars import Bars
from bot.music.timeline.key_signature import KeySignature, key_signature

SURE = 0.85
"""Of `Chords.confidence`: made-up songs from here on have 96 % of their time right, and 93 % where their bars are not known."""

CLEAR = 0.5
"""Of `Chords.confidence`: 3 % of made-up songs are below it, with a third of their time wrong, and most jumbles of random notes."""

_LONGEST_SECONDS = 1800.0
_FEWEST_NOTES = 8
_PIECES, _PIECES_IN_THREES = 2, 3
"""In a beat, and in one of three eighths: chords are pushed by an eighth, hardly by less."""

_MOST_PIECES = 4096
"""A quarter of an hour at 120 BPM; beyond they are longer. A tempo map of a given file can ask for any number."""

_TONE = 0.86
"""Of what sounds, how much are a chord's own tones; the rest is passing notes."""
_BASS = {0: 0.62, 7: 0.12, 3: 0.06, 4: 0.06, 10: 0.03, 11: 0.03}
"""By semitones above the root."""
_BASS_ELSEWHERE = 0.016

_CHROMA_WEIGHT, _BASS_WEIGHT = 0.68, 0.3
"""Pieces follow each other and notes last: what one piece tells is no news in the next."""
_FIRST_BEAT = 1.6
"""Of a bar: what its bass weighs more than elsewhere, for there a walking bass plays the root."""

_CHANGE_ON_BAR, _CHANGE_ON_BEAT, _CHANGE_BETWEEN, _CHANGE_SOMEWHERE = 0.7, 4.7, 5.0, 3.5
"""What it costs, in nats; the last is for a song whose beats nobody knows."""
_OUT_OF_KEY = 1.0
"""What each tone of a chord costs that the key has not."""
_RARE = {
    Quality.SEVENTH: 0.5, Quality.MAJOR_SEVENTH: 0.5, Quality.MINOR_SEVENTH: 0.5, Quality.DIMINISHED: 1.8,
    Quality.HALF_DIMINISHED: 1.4, Quality.DIMINISHED_SEVENTH: 1.8, Quality.AUGMENTED: 3.0,
    Quality.SUSPENDED_FOURTH: 1.5, Quality.SUSPENDED_SECOND: 2.2, Quality.POWER: 1.5,
}  # fmt: skip
_SILENCE = 0.25
"""So much of one tone in a piece is silence, or next to it."""

_IS_OVER = 0.55
"""Of a chord's time: a tone that is the lowest for so long is its bass."""

_QUALITIES = tuple(Quality)
_STATES = 12 * len(_QUALITIES)


class HeardChord(msgspec.Struct, frozen=True):
    """From tick to tick of the song's bars; `chord` None: no chord sounds. `confidence` 0..1, of root and kind of third."""

    start_ticks: int
    end_ticks: int
    chord: Chord | None
    confidence: float


class Chords(msgspec.Struct, frozen=True):
    """What was heard, one after another without gaps, and the bars that the ticks are of."""

    bars: Bars
    heard: tuple[HeardChord, ...]
    confidence: float
    """The mean over the time in which more than one tone sounds; 0 where that is nowhere."""

    @property
    def is_clear(self) -> bool:
        """Whether they are worth reading."""
        return self.confidence >= CLEAR

    @property
    def is_sure(self) -> bool:
        """Whether they are worth writing into a file."""
        return self.confidence >= SURE


def find_chords(song: Song) -> Chords | None:
    """The chords of `song`, by its bars or else by half seconds; None where there are too few notes that have a pitch.

    Takes 10 to 100 ms: not for the loop.
    """
    bars = song.bars or Bars.plain()
    if sum(len(track) for track in song.tracks if not track.is_drums) < _FEWEST_NOTES:
        return None
    grid = _Grid.of(song, bars)
    heard = sounding(song, bars.tempo_map.at(grid.ticks))
    key = bars.key or _key(song)
    emissions = _emissions(heard, grid.bass_weights)
    change = grid.change_costs[:, None] + _costs(key)[None, :]
    path = _path(emissions, change)
    confident = _confidence(emissions, change, path)
    found = _segments(grid, heard, path, confident, key)
    sounds = [(one.end_ticks - one.start_ticks, one.confidence) for one, counts in found if counts]
    total = sum(length for length, _ in sounds)
    sure = sum(length * sure for length, sure in sounds) / total if total else 0.0
    return Chords(bars, tuple(one for one, _ in found), sure)


class _Grid(msgspec.Struct, frozen=True):
    """Ticks of the edges of pieces; of each piece what it costs to change at its start, and what its bass tells."""

    ticks: "NDArray[np.int64]"
    change_costs: Matrix
    bass_weights: Matrix

    @classmethod
    def of(cls, song: Song, bars: Bars) -> "_Grid":
        beat, beats, pieces = _beat(bars)
        size = max(int(beat * bars.division / pieces), 1)
        until = min(song.duration_seconds, _LONGEST_SECONDS)
        last = int(bars.tempo_map.ticks_at(np.array([until]))[0])
        while max(last, bars.first_bar) // size > _MOST_PIECES:
            size *= 2
        before = -(-bars.first_bar // size)
        places = np.arange(-before, max(-(-(last - bars.first_bar) // size), 1) + 1)
        costs = np.full(len(places) - 1, _CHANGE_BETWEEN)
        costs[places[:-1] % pieces == 0] = _CHANGE_ON_BEAT
        costs[places[:-1] % (pieces * beats) == 0] = _CHANGE_ON_BAR
        weights = np.full(len(costs), _BASS_WEIGHT)
        if song.bars is None:
            costs[:] = _CHANGE_SOMEWHERE
        else:
            weights[places[:-1] % (pieces * beats) < pieces] *= _FIRST_BEAT
        return cls(np.maximum(places * size + bars.first_bar, 0), costs, weights)


def _beat(bars: Bars) -> tuple[Fraction, int, int]:
    """The length of a beat in quarters, how many a bar has, and the pieces of each."""
    numerator, denominator = (int(part) for part in bars.meter.split("/"))
    if denominator >= 8 and numerator % 3 == 0:
        return Fraction(12, denominator), numerator // 3, _PIECES_IN_THREES
    return Fraction(4, denominator), numerator, _PIECES


def _key(song: Song) -> KeySignature | None:
    key = find_key(song)
    return key_signature(key.tonic, is_minor=key.is_minor) if key and key.is_sure else None


def _emissions(heard: Sounding, bass_weights: Matrix) -> Matrix:
    """How much likelier each piece is with each chord (a column each, then silence) than with any tones."""
    tones, basses = _templates()
    likelihoods = heard.chroma @ tones * _CHROMA_WEIGHT + heard.bass @ basses * bass_weights[:, None]
    amount = heard.chroma.sum(axis=1)
    silent = np.where(amount < _SILENCE, 0.5, -2.0 * amount)
    return np.column_stack((likelihoods, silent))


@cache
def _templates() -> tuple[Matrix, Matrix]:
    tones, basses = np.empty((12, _STATES)), np.empty((12, _STATES))
    for number, quality in enumerate(_QUALITIES):
        own = list(quality.semitones)
        share = np.full(12, (1 - _TONE) / (12 - len(own)))
        share[own] = _TONE / len(own)
        bass = np.full(12, _BASS_ELSEWHERE)
        for semitones, likely in _BASS.items():
            if semitones in quality.semitones:
                bass[semitones] = likely
        bass /= bass.sum()
        for root in range(12):
            tones[:, number * 12 + root] = np.log(np.roll(share, root) * 12)
            basses[:, number * 12 + root] = np.log(np.roll(bass, root) * 12)
    return tones, basses


def _costs(key: KeySignature | None) -> Matrix:
    """What a change to each chord costs besides."""
    scale = {(key.sharps + step) * 7 % 12 for step in range(-1, 6)} if key else set(range(12))
    if key and key.is_minor:
        scale.add((key.sharps + 8) * 7 % 12)  # the leading note, as in the E7 of A minor
    costs = [
        _RARE.get(quality, 0.0)
        + _OUT_OF_KEY * sum((root + tone) % 12 not in scale for tone in quality.semitones)
        for quality in _QUALITIES
        for root in range(12)
    ]
    return np.array([*costs, 0.0])


def _path(emissions: Matrix, change: Matrix) -> "NDArray[np.int64]":
    """The likeliest chord of each piece."""
    count, states = emissions.shape
    stays, came = np.empty((count, states), np.bool_), np.empty(count, np.int64)
    score, changed = emissions[0] - change[0], np.empty(states)
    for at in range(1, count):
        came[at] = best = score.argmax()
        np.subtract(score[best], change[at], out=changed)
        np.greater_equal(score, changed, out=stays[at])
        np.maximum(score, changed, out=score)
        score += emissions[at]
    path = np.empty(count, np.int64)
    path[-1] = np.argmax(score)
    for at in range(count - 1, 0, -1):
        path[at - 1] = path[at] if stays[at, path[at]] else came[at]
    return path


def _confidence(emissions: Matrix, change: Matrix, path: "NDArray[np.int64]") -> Matrix:
    """How likely it is in each piece that the chord has the root and the third of the one that was chosen."""
    likely = np.exp(emissions - emissions.max(axis=1, keepdims=True))
    moves = np.exp(-change - np.log(_STATES))
    forward, backward = np.empty_like(likely), np.empty_like(likely)
    add = np.add.reduce
    # Each row adds up to 1, so that nothing is lost to numbers too small.
    np.multiply(likely[0], moves[0], out=forward[0])
    forward[0] /= add(forward[0])
    for before, row, move, here in zip(forward, forward[1:], moves[1:], likely[1:], strict=False):
        np.add(before, move, out=row)
        np.multiply(row, here, out=row)
        np.divide(row, add(row), out=row)
    backward[-1] = 1.0
    leads = np.empty(likely.shape[1])
    for after, row, move, there in zip(
        backward[:0:-1], backward[-2::-1], moves[:0:-1], likely[:0:-1], strict=True
    ):
        np.multiply(there, after, out=row)
        np.multiply(move, row, out=leads)
        np.add(row, add(leads), out=row)
        np.divide(row, add(row), out=row)
    shares = forward * backward
    shares /= shares.sum(axis=1, keepdims=True)
    kinds = np.array(_ALIKE)
    is_alike = kinds[path][:, None] == kinds[None, :]
    return np.asarray(np.where(is_alike, shares, 0).sum(axis=1))


_ALIKE = (*(root + 12 * quality.is_minor for quality in _QUALITIES for root in range(12)), 24)
"""Chords that share root and third have one number."""


def _segments(
    grid: _Grid, heard: Sounding, path: "NDArray[np.int64]", confident: Matrix, key: KeySignature | None
) -> list[tuple[HeardChord, bool]]:
    """The chords, and of each whether more than one tone sounds."""
    starts = np.flatnonzero(np.concatenate(([True], path[1:] != path[:-1])))
    found = []
    for start, end in zip(starts, [*starts[1:], len(path)], strict=True):
        state, pieces = int(path[start]), slice(start, end)
        chord, told = None, SILENCE
        if state < _STATES:
            quality, root = _QUALITIES[state // 12], state % 12
            told = evidence(heard.chroma[pieces], root, quality)
            if told.is_heard:
                fifths = _spelled(root, told.quality, key)
                chord = Chord(fifths, told.quality, _bass(heard, pieces, root))
        sure = float(confident[pieces].mean()) * told.weight
        found.append(
            (HeardChord(int(grid.ticks[start]), int(grid.ticks[end]), chord, sure), not told.is_bare)
        )
    return found


def _bass(heard: Sounding, pieces: slice, root: int) -> int:
    """The low tone that a chord stands on for most of its time, in semitones above the root."""
    lowest = heard.bass[pieces]
    shares = (lowest * heard.is_low[pieces, None]).sum(axis=0)
    tone = int(np.argmax(shares))
    return (tone - root) % 12 if shares[tone] > _IS_OVER * lowest.sum() else 0


def _spelled(root: int, quality: Quality, key: KeySignature | None) -> int:
    """The root on the line of fifths, as near to the key as can be; without a key with few signs."""
    # In C from A♭ to C♯; a minor chord is a sharper place than the major one of its root: C♯m, not D♭m.
    lowest = (key.sharps if key else 0) - 4 - (0 if not quality.is_minor else -1)
    return lowest + (root * 7 - lowest) % 12
