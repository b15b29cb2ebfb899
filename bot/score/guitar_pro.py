"""`python -m bot.score.guitar_pro`: a pickled score of one guitar or bass on standard input, a .gp5 on standard output.

The program's fifth format is the newest that others open as well. In a process of its own, because the library
holds the interpreter's lock for a second in a song of 10 000 notes over 20 000 bars, and takes 70 MB for it.
"""

import io
import pickle
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate, islice
from typing import Any

import guitarpro as gp

from bot.modest import be_modest
from bot.music.chords.chord import Chord
from bot.score.rhythm.bar_content import Written, bar_content
from bot.score.rhythm.units import EIGHTH, QUARTER, Bar
from bot.score.rhythm.values import Value, rest_values
from bot.score.rhythm.voices import Sound, by_bars
from bot.score.score import Part, Score

_VERSION = (5, 1, 0)
_MOST_BYTES = 512 * 1024**2
_KINDS = {"whole": 1, "half": 2, "quarter": 4, "eighth": 8, "16th": 16}
_BEAMED_GROUPS = 4
_PLAIN = gp.NoteEffect()
"""One for all notes, as none has an effect."""


def guitar_pro(score: Score) -> bytes:
    """The file of a score of one part that has a tuning."""
    (part,) = score.parts
    speeds = _speeds(score)
    key = gp.KeySignature((score.key.sharps, int(score.key.is_minor)))
    changes = len(set(score.tempos)) > 1
    song = gp.Song(title=score.title, tempo=speeds[0], key=key, hideTempo=changes, tracks=[])
    song.measureHeaders = [_header(score, bar, number, key) for number, bar in enumerate(score.bars, 1)]
    track = gp.Track(
        song,
        name=part.name,
        strings=[gp.GuitarString(number, pitch) for number, pitch in enumerate(part.tuning, 1)],
        channel=gp.MidiChannel(instrument=part.program),
        measures=[],
    )
    song.tracks = [track]
    (staff,) = part.staves
    before = speeds[0]
    rows = by_bars(staff.voices, score.bars)
    chords = deque(score.chords)
    for header, bar, speed, sounding in zip(song.measureHeaders, score.bars, speeds, rows, strict=True):
        measure = gp.Measure(track, header)
        for place, voice in enumerate(measure.voices):
            row = sounding[place] if place < len(sounding) else []
            voice.beats = list(_beats(voice, row, bar, part)) if row or not place else [gp.Beat(voice)]
        _name_chords(measure.voices[0].beats, bar, chords)
        if speed != before:
            change = gp.MixTableChange(tempo=gp.MixTableItem(speed, allTracks=True))
            measure.voices[0].beats[0].effect.mixTableChange = change
        before = speed
        track.measures.append(measure)
    file = io.BytesIO()
    gp.write(song, file, version=_VERSION, encoding=_encoding(score.title + part.name))
    return file.getvalue()


def _speeds(score: Score) -> list[int]:
    """Whole quarters a minute by bars, as the format has them."""
    return [max(round(tempo), 1) for tempo in score.tempos]


def _header(score: Score, bar: Bar, number: int, key: Any) -> Any:
    """A shortened bar says how long it is: the format has no other way to say so."""
    counted = bar.length * bar.denominator // (4 * QUARTER)
    group, eighths = 3 if bar.is_compound else 2, bar.length // EIGHTH
    beams = [min(max(eighths - group * place, 0), group) for place in range(_BEAMED_GROUPS)]
    return gp.MeasureHeader(
        number=number,
        keySignature=key,
        timeSignature=gp.TimeSignature(counted, gp.Duration(bar.denominator), beams),
        tripletFeel=gp.TripletFeel.eighth if score.is_swung else gp.TripletFeel.none,
    )


def _beats(voice: Any, row: Sequence[Sound], bar: Bar, part: Part) -> Iterator[Any]:
    """What a voice has in a bar, with all its rests: what is left out would move the rest of the bar."""
    if not row:
        for value in rest_values(bar.start, bar.end, bar, frozenset()):
            yield gp.Beat(voice, duration=_duration(value), status=gp.BeatStatus.rest)
        return
    for one in bar_content(row, bar, part.staves[0].thirds, shows_rests=True):
        if one.value is None:
            raise ValueError("a bar has time that nobody writes")
        beat = gp.Beat(voice, duration=_duration(one.value))
        beat.notes = list(_notes(beat, one, part))
        beat.status = gp.BeatStatus.normal if beat.notes else gp.BeatStatus.rest
        yield beat


def _name_chords(beats: Sequence[Any], bar: Bar, chords: deque[tuple[int, Chord]]) -> None:
    """Write over each beat the chords that begin while it lasts, and take them from `chords`.

    As text: of the format's own chords MuseScore 3 makes fret diagrams without a finger on them, and without a name.
    """
    ends = accumulate(
        (beat.duration.time * QUARTER // gp.Duration.quarterTime for beat in beats), initial=bar.start
    )
    for beat, end in zip(beats, islice(ends, 1, None), strict=True):
        names = []
        while chords and chords[0][0] < end:
            names.append(chords.popleft()[1].plain_name)
        if names:
            beat.text = " ".join(names)


def _notes(beat: Any, one: Written, part: Part) -> Iterator[Any]:
    """Its notes on their strings; what no hand can play is missing, as in the tablature."""
    sound = one.sound
    if sound is None:
        return
    kind = gp.NoteType.tie if one.ties_from else gp.NoteType.normal
    for pitch in sound.pitches:
        if place := part.places.get((sound.start, pitch)):
            yield gp.Note(beat, value=place.fret, string=place.string, effect=_PLAIN, type=kind)


@cache
def _duration(value: Value) -> Any:
    tuplet = gp.Tuplet(3, 2) if value.in_triplet else gp.Tuplet()
    return gp.Duration(_KINDS[value.kind], isDotted=bool(value.dots), tuplet=tuplet)


def _encoding(words: str) -> str:
    """The program's own letters; for others UTF-8, which its followers read."""
    try:
        words.encode("cp1252")
    except UnicodeEncodeError:
        return "utf-8"
    return "cp1252"


def main() -> None:
    """Write it."""
    be_modest(_MOST_BYTES)
    sys.stdout.buffer.write(guitar_pro(pickle.load(sys.stdin.buffer)))  # noqa: S301 (it comes from the bot itself)


if __name__ == "__main__":
    main()
