"""A song -> a score: parts of staves of voices, bar by bar, ready to be written down."""

from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from bot.music.chords.chord import Chord
from bot.music.chords.hear import find_chords
from bot.music.columns import Flags, np
from bot.music.heard.key import find_key
from bot.music.meter.hear import bars_of_beats, hear
from bot.music.names import clean
from bot.music.song import Song, Track
from bot.music.timeline.bars import Bars
from bot.music.timeline.key_signature import KeySignature, key_signature
from bot.score.errors import SheetTooLongError
from bot.score.instruments.drum_kit import piece
from bot.score.instruments.fretboard import Place, fingerings, tuning_of
from bot.score.instruments.hands import right_hand
from bot.score.instruments.writing import Writing, plays_one_by_one, writing_of
from bot.score.rhythm.grid import Written, is_swung, together, written
from bot.score.rhythm.units import QUARTER, Bar, Plan, plan_of
from bot.score.rhythm.values import thirds_of
from bot.score.rhythm.voices import Notes, Sound, one_voice, strokes, voices

MOST_NOTES = 30_000
"""Half an hour of a band; their MusicXML is 12 MB."""

MOST_BARS = 50_000
"""Of all parts together: 16 instruments for an hour and a half; their MusicXML is 6 MB. A file of 34 KB can have 1.5 million."""

_C_MAJOR = KeySignature(0, is_minor=False)


class Staff(msgspec.Struct, frozen=True):
    """One or two voices, the upper one first; `thirds` are units at which beats of triplets begin."""

    voices: tuple[tuple[Sound, ...], ...]
    thirds: frozenset[int]


class Part(msgspec.Struct, frozen=True):
    """One instrument."""

    name: str
    program: int
    is_drums: bool
    writing: Writing
    staves: tuple[Staff, ...]
    tuning: tuple[int, ...] = ()
    """The open strings where there is a tablature as well."""
    places: Mapping[tuple[int, int], Place] = msgspec.field(default_factory=dict)
    """Strings and frets by a note's start and pitch."""

    @property
    def unplayable(self) -> int:
        """Notes that its strings and a hand cannot play, beside the others; 0 without a tuning."""
        return self.note_count - len(self.places) if self.tuning else 0

    @property
    def note_count(self) -> int:
        """Notes, a tied one counted once."""
        return sum(len(sound.pitches) for staff in self.staves for voice in staff.voices for sound in voice)


class Score(msgspec.Struct, frozen=True):
    """All that is on paper. `tempos` are the quarters a minute of each bar; one that is steady is the same in all."""

    title: str
    bars: tuple[Bar, ...]
    key: KeySignature
    tempos: tuple[float, ...]
    is_swung: bool
    parts: tuple[Part, ...]
    chords: tuple[tuple[int, Chord], ...]
    """From which unit on; only where they are sure."""

    @property
    def is_for_strings(self) -> bool:
        """Whether it is of one guitar or bass alone."""
        return len(self.parts) == 1 and bool(self.parts[0].tuning)


def with_likely_bars(song: Song) -> Song:
    """The song with the likeliest bars where nobody is sure: a sheet has some in any case."""
    if song.bars is not None:
        return song
    heard = hear(song)
    if heard is None or not len(heard.downbeats):
        return song
    return replace(song, bars=bars_of_beats(song, heard))


def score_of(song: Song, *, title: str, place: int | None = None) -> Score:
    """The score of `song`, or of one of its tracks, counted from 0; all of it is written by the bars of the whole song.

    Raises:
        SheetTooLongError: it has more bars than a sheet is worth.
    """
    plan, key = plan_of(song), _key(song)
    swung = is_swung(song, plan)
    chosen = song.tracks if place is None else song.tracks[place : place + 1]
    if len(chosen) * len(plan.written) > MOST_BARS:
        raise SheetTooLongError
    parts = tuple(_part(track, plan, swung=swung) for track in chosen if len(track))
    return Score(clean(title), plan.written, key, _tempos(plan), swung, parts, _chords(song, plan))


def _key(song: Song) -> KeySignature:
    if song.bars and song.bars.key:
        return song.bars.key
    key = find_key(song)
    return key_signature(key.tonic, is_minor=key.is_minor) if key and key.is_sure else _C_MAJOR


def _tempos(plan: Plan) -> tuple[float, ...]:
    bars: Bars = plan.bars
    begun = max((tick for tick, _ in bars.tempos if tick <= bars.first_bar), default=0)
    tempos = {tempo for tick, tempo in bars.tempos if tick >= begun}
    if len(tempos) == 1:
        return (60e6 / tempos.pop(),) * len(plan.written)
    edges = np.array([plan.written[0].start, *(bar.end for bar in plan.written)]) / QUARTER
    seconds = bars.tempo_map.at(np.rint(edges * bars.division).astype(np.int64))
    return tuple((60 * np.diff(edges) / np.diff(seconds)).tolist())


def _chords(song: Song, plan: Plan) -> tuple[tuple[int, Chord], ...]:
    chords = find_chords(song)
    if chords is None or not chords.is_sure:
        return ()
    begins = plan.written[0].start
    found: list[tuple[int, Chord]] = []
    for one in chords.heard:
        if one.chord and not (found and found[-1][1] == one.chord):
            found.append((max(plan.of_ticks(one.start_ticks), begins), one.chord))
    return tuple(found)


def _part(track: Track, plan: Plan, *, swung: bool) -> Part:
    writing = writing_of(track)
    if track.is_drums:
        notes = written(track, plan, swung=swung)
        by_foot = np.array([piece(pitch).by_foot for pitch in notes.pitch.tolist()], np.bool_)
        rows = [_rows(notes, ~by_foot), _rows(notes, by_foot)]
        staves = [
            Staff(
                tuple(tuple(strokes(row, plan.written)) for row in rows if row),
                thirds_of(notes.triplets),
            )
        ]
    elif len(writing.clefs) == 2:
        # One hand may play triplets against the other's eighths.
        is_right = right_hand(plan.units(together(track.start_seconds)), track.pitch.astype(np.int64))
        hands = [_only(track, hand) for hand in (is_right, ~is_right)]
        staves = [_staff(hand, plan, voices, swung=swung) for hand in hands]
    else:
        write = one_voice if plays_one_by_one(track.program) else voices
        staves = [_staff(track, plan, write, swung=swung)]
    tuning = tuning_of(track)
    places = _places(staves[0], tuning) if tuning else {}
    return Part(clean(track.name), track.program, track.is_drums, writing, tuple(staves), tuning, places)


def _staff(
    track: Track, plan: Plan, write: Callable[[Notes, Sequence[Bar]], list[list[Sound]]], *, swung: bool
) -> Staff:
    notes = written(track, plan, swung=swung)
    rows = _rows(notes, np.ones(len(notes.pitch), np.bool_))
    return Staff(tuple(map(tuple, write(rows, plan.written) if rows else [])), thirds_of(notes.triplets))


def _places(staff: Staff, tuning: tuple[int, ...]) -> dict[tuple[int, int], Place]:
    """The strings and frets of all that begins at one time, whatever its voice."""
    chords: dict[int, list[int]] = {}
    for voice in staff.voices:
        for sound in voice:
            chords.setdefault(sound.start, []).extend(sound.pitches)
    starts = sorted(chords)
    ways = fingerings([chords[start] for start in starts], tuning)
    return {
        (start, pitch): place for start, way in zip(starts, ways, strict=True) for pitch, place in way.items()
    }


def _only(track: Track, chosen: Flags) -> Track:
    columns = (track.pitch, track.start_seconds, track.end_seconds, track.velocity)
    return track.with_notes(*(column[chosen] for column in columns))


def _rows(notes: Written, chosen: Flags) -> list[tuple[int, int, int]]:
    columns = (notes.start[chosen], notes.end[chosen], notes.pitch[chosen])
    return list(zip(*(column.tolist() for column in columns), strict=True))
