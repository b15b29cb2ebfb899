import re
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.music.normalise import normalise
from bot.music.report import Report
from bot.music.song import Note, Song, Track
from bot.music.timeline.bars import Bars, Origin
from bot.music.timeline.key_signature import KeySignature
from bot.score.errors import SheetTooLongError
from bot.score.musicxml import musicxml
from bot.score.score import score_of
from tests.music.harmonies import STYLES, compose
from tests.score.reading import ReadNote, notes_of, parts_of

BEAT = 0.5
BARS = Bars(480, ((0, 500_000),), origin=Origin.HEARD)


def track(
    *notes: tuple[float, float, int], program: int = 73, is_drums: bool = False, name: str = "x"
) -> Track:
    """Places and lengths in beats, and pitches."""
    played = [Note(pitch, place * BEAT, (place + length) * BEAT, 80) for place, length, pitch in notes]
    played.sort(key=lambda note: note.start_seconds)
    return Track.of(played, name=name, program=program, is_drums=is_drums)


def written(*tracks: Track, bars: Bars = BARS, title: str = "") -> str:
    return musicxml(score_of(Song(tracks, bars=bars), title=title))


def values(document: str) -> list[str]:
    """Kinds of notes and rests (r) with their dots, ties (~) and triplets (3), in order."""
    found = []
    for note in re.findall(r"<note>.*?</note>", document):
        kind = re.search(r"<type>(.*?)</type>", note)
        found.append(
            "r" * ("<rest" in note)
            + (kind[1] if kind else "bar")
            + "." * note.count("<dot/>")
            + "3" * ("<time-modification>" in note)
            + "~" * ('<tie type="start"/>' in note)
        )
    return found


def sounding(notes: Sequence[ReadNote]) -> list[tuple[int, int, int | str]]:
    return [(note.start, note.units, note.pitch) for note in notes]


def test_notes_last_up_to_the_next_one_whatever_was_played() -> None:
    document = written(track((0, 0.6, 60), (1, 0.7, 62), (2, 0.3, 64), (2.5, 0.2, 65), (3, 0.9, 67)))
    assert values(document) == ["quarter", "quarter", "eighth", "eighth", "quarter"]


def test_what_is_a_little_off_is_written_on_the_beat() -> None:
    document = written(track((0.03, 1, 60), (0.96, 1, 62), (2.04, 1, 64), (2.97, 1, 65)))
    assert sounding(notes_of(document)) == [(0, 12, 60), (12, 12, 62), (24, 12, 64), (36, 12, 65)]


@pytest.mark.parametrize(
    ("places", "kinds"),
    [
        ([0, 2], ["half", "half"]),
        ([0, 1.5, 2], ["quarter.", "eighth", "half"]),
        ([0, 0.5, 1.5, 2], ["eighth", "quarter", "eighth", "half"]),
        # The middle of the bar is to be seen.
        ([0, 1.5, 2.5, 3], ["quarter.", "eighth~", "eighth", "eighth", "quarter"]),
        ([0, 0.75, 1], ["eighth.", "16th", "half."]),
        ([0], ["whole"]),
        ([0, 1], ["quarter", "half."]),
    ],
)
def test_values_show_the_beats_and_are_tied_only_where_they_must(
    places: list[float], kinds: list[str]
) -> None:
    ends = [*places[1:], 4.0]
    document = written(track(*((place, end - place, 72) for place, end in zip(places, ends, strict=True))))
    assert values(document) == kinds


def test_triplets_are_written_as_such() -> None:
    document = written(track((0, 0.3, 60), (1 / 3, 0.3, 62), (2 / 3, 0.3, 64), (1, 1, 65)))
    assert values(document)[:4] == ["eighth3", "eighth3", "eighth3", "quarter"]
    assert document.count('<tuplet type="start"') == document.count('<tuplet type="stop"') == 1


def test_a_note_that_goes_on_into_triplets_is_tied_to_them() -> None:
    document = written(
        track((0, 0.5, 60), (0.5, 1.8, 62), (4 / 3 + 1, 0.3, 64), (2 + 2 / 3, 0.3, 65), (3, 1, 67))
    )
    assert values(document) == ["eighth", "quarter.~", "eighth3", "eighth3", "eighth3", "quarter"]


def test_swing_is_written_straight_and_said() -> None:
    eighths = [(beat + off, 0.3, 70) for beat in range(16) for off in (0, 2 / 3)]
    document = written(track(*eighths))
    assert set(values(document)) == {"eighth"}
    assert '<words font-weight="bold">Swing</words>' in document


def test_rests_begin_on_beats_and_are_joined() -> None:
    assert values(written(track((0, 0.9, 60), (7, 1, 62)))) == [
        "quarter",
        "rquarter",
        "rhalf",
        "rhalf",
        "rquarter",
        "quarter",
    ]


def test_a_bar_without_notes_is_one_rest() -> None:
    document = written(track((0, 4, 60), (8, 4, 62)))
    assert values(document) == ["whole", "rbar", "whole"]
    assert '<rest measure="yes"/>' in document


def test_six_eighths_hang_together_by_threes() -> None:
    bars = replace(BARS, meters=((0, 6, 8),))
    document = written(track(*((eighth / 2, 0.4, 70) for eighth in range(6))), bars=bars)
    assert values(document) == ["eighth"] * 6
    assert re.findall(r'<beam number="1">(\w+)</beam>', document) == ["begin", "continue", "end"] * 2


def test_in_six_eighths_a_note_lasts_its_beat() -> None:
    bars = replace(BARS, meters=((0, 6, 8),))
    document = written(track((0, 0.9, 60), (3, 1.2, 62), (4.5, 1.5, 64)), bars=bars)
    assert values(document) == ["quarter.", "rquarter.", "quarter.", "quarter."]


def test_the_key_spells_notes_and_saves_signs() -> None:
    bars = replace(BARS, key=KeySignature(-3, is_minor=False))  # E♭
    document = written(track((0, 1, 63), (1, 1, 68), (2, 1, 70), (3, 1, 69)), bars=bars)
    assert re.findall(r"<step>(.)</step>(?:<alter>(-?1)</alter>)?", document) == [
        ("E", "-1"), ("A", "-1"), ("B", "-1"), ("A", "")
    ]  # fmt: skip
    assert re.findall("<accidental>(.*?)</accidental>", document) == ["natural"]
    assert "<fifths>-3</fifths>" in document


def test_a_sign_holds_for_its_bar_and_no_longer() -> None:
    document = written(track((0, 1, 66), (1, 1, 66), (2, 1, 65), (3, 1, 66), (4, 4, 66)))
    assert re.findall("<accidental>(.*?)</accidental>", document) == ["sharp", "natural", "sharp", "sharp"]


@pytest.mark.parametrize(("pitches", "step"), [((60, 61, 62), "C"), ((62, 61, 60), "D")])
def test_a_note_between_leads_on_where_the_melody_goes(pitches: tuple[int, ...], step: str) -> None:
    document = written(track(*((place, 1.0, pitch) for place, pitch in enumerate(pitches))))
    assert re.findall(r"<step>(.)</step>", document)[1] == step


def test_a_piano_has_two_staves_split_by_hands() -> None:
    hands = [(beat, 1.0, pitch) for beat in range(4) for pitch in (43, 50, 67, 71, 74)]
    notes = notes_of(written(track(*hands, program=0)))
    assert {note.pitch for note in notes if note.staff == 1} == {67, 71, 74}
    assert {note.pitch for note in notes if note.staff == 2} == {43, 50}


def test_a_broken_chord_around_middle_c_stays_in_one_hand() -> None:
    chords = ((57, 60, 64, 60), (53, 57, 60, 57), (60, 64, 67, 64), (55, 59, 62, 59))
    notes = [
        ((8 * bar + eighth) / 2, 0.5, chord[eighth % 4])
        for bar, chord in enumerate(chords)
        for eighth in range(8)
    ]
    assert {note.staff for note in notes_of(written(track(*notes, program=0)))} == {1}


def test_what_is_held_beside_others_has_a_voice_of_its_own() -> None:
    melody = [(eighth / 2, 0.5, 72 + eighth) for eighth in range(8)]
    notes = notes_of(written(track(*melody, (0, 4, 62), program=0)))
    assert {note.voice for note in notes if note.pitch == 62} == {2}
    assert [note.units for note in notes if note.pitch == 62] == [48]
    assert {note.voice for note in notes if note.pitch != 62} == {1}


def test_a_held_chord_goes_on_beside_one_note() -> None:
    notes = notes_of(written(track((0, 8, 60), (0, 8, 64), (1, 7, 67), program=40)))
    assert {note.pitch: note.units for note in notes} == {60: 96, 64: 96, 67: 84}


@pytest.mark.parametrize(
    ("program", "up", "fifths"),
    [(56, -2, 2), (65, -9, 3), (66, -14, 2), (60, -7, 1), (33, -12, 0), (0, 0, 0)],
)
def test_transposing_instruments_are_written_as_they_are_read(program: int, up: int, fifths: int) -> None:
    bars = replace(BARS, key=KeySignature(0, is_minor=False))
    document = written(track((0, 4, 64), program=program), bars=bars)
    (note,) = notes_of(document)
    assert note.pitch == 64
    assert f"<fifths>{fifths}</fifths>" in document
    octave = re.search("<octave-change>(-?1)</octave-change>", document)
    chromatic = re.search("<chromatic>(-?[0-9]+)</chromatic>", document)
    assert (int(chromatic[1]) if chromatic else 0) + 12 * (int(octave[1]) if octave else 0) == up


def test_guitars_are_read_an_octave_above() -> None:
    assert "<clef-octave-change>-1</clef-octave-change>" in written(track((0, 4, 52), program=25))


def test_guitars_and_basses_have_their_strings_below() -> None:
    document = written(track((0, 2, 52), (2, 2, 64), program=25))
    assert re.findall("<string>(.)</string><fret>([0-9]+)</fret>", document) == [("4", "2"), ("1", "0")]
    assert document.count("<staff-tuning") == 6
    assert [note.pitch for note in notes_of(document, on_strings=True)] == [52, 64, 52, 64]
    assert written(track((0, 4, 30), program=33)).count("<staff-tuning") == 4


def test_drums_have_their_heads_and_the_feet_their_voice() -> None:
    hats = [(eighth / 2, 0.1, 42) for eighth in range(8)]
    document = written(
        track(*hats, (0, 0.1, 36), (1, 0.1, 38), (2, 0.1, 36), (3, 0.1, 38), program=0, is_drums=True)
    )
    notes = notes_of(document)
    assert {(note.pitch, note.voice) for note in notes} == {("G5x", 1), ("C5", 1), ("F4", 2)}
    assert "<sign>percussion</sign>" in document
    assert "~" not in "".join(values(document))


def test_sure_chords_stand_above_the_first_part() -> None:
    chords = [(60, 64, 67), (57, 60, 64), (53, 57, 60), (55, 59, 62)] * 2
    beats = [
        (4 * bar + beat, 0.9, pitch)
        for bar, chord in enumerate(chords)
        for beat in range(4)
        for pitch in chord
    ]
    document = written(track(*beats, program=0))
    assert re.findall("<root-step>(.)</root-step>", document) == ["C", "A", "F", "G"] * 2
    assert document.count('<kind text="m">minor</kind>') == 2


def test_strange_names_break_nothing() -> None:
    document = written(track((0, 4, 60), name='<A & "B">'), title="</work> & more")
    assert len(parts_of(document)) == 1


@pytest.mark.parametrize("meters", [((0, 7, 32), (300, 5, 64)), ((0, 128, 4),)])
def test_a_meter_that_nobody_reads_is_written_in_four_quarters(
    meters: tuple[tuple[int, int, int], ...],
) -> None:
    bars = replace(BARS, meters=meters, origin=Origin.GIVEN)
    assert "<beats>4</beats><beat-type>4</beat-type>" in written(track((0, 4, 60)), bars=bars)


METERS = st.sampled_from([(4, 4), (3, 4), (2, 4), (6, 8), (12, 8), (5, 4), (7, 8), (2, 2), (9, 16), (1, 4)])
PLAYED = st.tuples(
    st.fractions(0, 12, max_denominator=24),
    st.fractions(Fraction(1, 12), 6, max_denominator=12),
    st.integers(30, 90),
)


def test_what_is_between_the_eighths_of_odd_bars_is_no_triplet() -> None:
    bars = replace(BARS, meters=((0, 7, 8),))
    document = written(track((0, 0.1, 30), (3.375, 0.1, 30), program=0), bars=bars)
    assert [note.pitch for note in notes_of(document)] == [30, 30]


@settings(deadline=None)
@given(
    st.lists(PLAYED, min_size=1, max_size=40),
    METERS,
    st.sampled_from([0, 25, 33, 40, 65]),
    st.booleans(),
    st.integers(-7, 7),
)
def test_any_song_is_written_whole(
    played: list[tuple[Fraction, Fraction, int]],
    meter: tuple[int, int],
    program: int,
    is_drums: bool,
    sharps: int,
) -> None:
    notes = track(
        *((float(place), float(length), pitch) for place, length, pitch in played),
        program=program,
        is_drums=is_drums,
    )
    song = normalise([notes], Report())
    bars = replace(BARS, meters=((0, *meter),), key=KeySignature(sharps, is_minor=sharps > 0))
    score = score_of(Song(song.tracks, bars=bars), title="Any")
    document = musicxml(score)
    read = notes_of(document)
    assert len(read) == sum(part.note_count for part in score.parts)
    if not is_drums:
        # Two of one pitch within a sixteenth are one.
        assert {note.pitch for note in read} == set(song.tracks[0].pitch.tolist())


@pytest.mark.parametrize("style", STYLES)
def test_made_up_songs_keep_their_notes(style: str) -> None:
    song = compose(np.random.default_rng(4), style).song
    read = notes_of(musicxml(score_of(song, title="x")))
    assert len(read) >= 0.98 * song.note_count


def test_many_instruments_over_many_bars_are_too_much_and_one_of_them_is_not() -> None:
    song = Song(tuple(track((0, 1, 60), (4000, 1, 62), name=f"{at}") for at in range(60)), bars=BARS)
    with pytest.raises(SheetTooLongError):
        score_of(song, title="")
    assert len(score_of(song, title="", place=3).bars) == 1001


def test_bars_beyond_number_are_too_much_rather_than_all_in_the_last_one() -> None:
    mad = Bars(480, ((0, 500_000), (960, 1)), origin=Origin.GIVEN)
    with pytest.raises(SheetTooLongError):
        written(track((0, 1, 60), (8, 1, 64)), bars=mad)
