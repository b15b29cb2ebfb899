"""The sheet of a guitar or bass as a Guitar Pro file, read again by its library and by MuseScore."""

import io
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import guitarpro
import mido
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.helper import HelperError
from bot.music.chords.chord import Chord, Quality
from bot.music.song import Note, Song, Track
from bot.music.timeline.bars import Bars, Origin
from bot.score import engraving
from bot.score.engraving import as_guitar_pro
from bot.score.errors import SheetError
from bot.score.guitar_pro import guitar_pro
from bot.score.rhythm.units import QUARTER
from bot.score.score import Score, score_of
from tests.music.harmonies import STYLES, compose
from tests.score.test_musicxml import METERS, PLAYED

MUSESCORE = shutil.which("musescore3") or shutil.which("mscore3")
BEAT = 0.5
TICKS = 480
GUITAR, BASS = 25, 33
AM7, B_FLAT_OVER_D, F = (
    Chord(3, Quality.MINOR_SEVENTH),
    Chord(-2, Quality.MAJOR, bass=4),
    Chord(-1, Quality.MAJOR),
)


def score(
    *notes: tuple[float, float, int],
    program: int = GUITAR,
    meters: tuple[tuple[int, int, int], ...] = ((0, 4, 4),),
    tempos: tuple[tuple[int, int], ...] = ((0, 500_000),),
    first_bar: int = 0,
    title: str = "x",
) -> Score:
    """Of one track by places and lengths in beats, and pitches."""
    bars = Bars(TICKS, tempos, meters, first_bar, origin=Origin.HEARD)
    played = [Note(pitch, place * BEAT, (place + length) * BEAT, 80) for place, length, pitch in notes]
    track = Track.of(sorted(played, key=lambda note: note.start_seconds), name="Guitar", program=program)
    return score_of(Song((track,), bars=bars), title=title, place=0)


PIECES = {
    "in a row": score((0, 1, 64), (1, 1, 65), (2, 2, 67), (4, 4, 69)),
    "low": score((0, 1, 28), (1, 1, 33), (2, 2, 40), program=BASS),
    "triplets": score((0, 1 / 3, 60), (1 / 3, 1 / 3, 62), (2 / 3, 1 / 3, 64), (1, 1, 65), (2, 2, 67)),
    "tied": score((0, 1, 60), (3, 2.5, 62), (5.5, 0.5, 64), (6, 2, 65)),
    "sixteenths": score(*[(place / 4, 0.25, 60 + place % 5) for place in range(16)]),
    "rests": score((0.5, 0.5, 60), (9, 1, 62), (11, 1, 64)),
    "two voices": score((0, 4, 40), (0, 1, 64), (1, 1, 65), (2, 1, 67), (3, 1, 65), (4, 4, 64)),
    "chords": score(*[(at, 1, pitch) for at in range(4) for pitch in (40, 47, 52, 56, 59, 64)]),
    "six eighths": score(*[(at * 0.5, 0.5, 60 + at) for at in range(6)], (3, 3, 64), meters=((0, 6, 8),)),
    "seven eighths": score(
        *[(at * 0.5, 0.5, 60 + at) for at in range(7)], (10.5, 2, 64), meters=((0, 7, 8),)
    ),
    "another meter": score(*[(at, 1, 60 + at) for at in range(7)], meters=((0, 4, 4), (4 * TICKS, 3, 4))),
    "pickup": score((3, 1, 60), (4, 1, 62), (5, 1, 64), (6, 2, 65), first_bar=4 * TICKS),
}


def played(one: Score) -> set[tuple[int, int, int, int]]:
    """Unit of the piece, string, fret and pitch of all notes that have a place."""
    (part,) = one.parts
    begins = one.bars[0].start
    return {
        (start - begins, place.string, place.fret, pitch) for (start, pitch), place in part.places.items()
    }


def read(gp5: bytes) -> Any:
    return guitarpro.parse(io.BytesIO(gp5))


def units_of(beat: Any) -> int:
    units = beat.duration.time * QUARTER / guitarpro.Duration.quarterTime
    assert units == int(units)
    return int(units)


def beats_of(song: Any) -> Iterator[tuple[int, int, int, Any]]:
    """Voice, bar, unit of the piece, and beat; raises AssertionError where a voice is not as long as its bar."""
    (track,) = song.tracks
    begins = 0
    for number, measure in enumerate(track.measures):
        length = int(measure.header.length * QUARTER / guitarpro.Duration.quarterTime)
        for voice, content in enumerate(measure.voices):
            at = begins
            for beat in content.beats:
                if beat.status != guitarpro.BeatStatus.empty:
                    yield voice, number, at, beat
                    at += units_of(beat)
            assert at == begins + length or (voice and at == begins)
        begins += length


def notes_in(song: Any) -> dict[tuple[int, int, int, int], int]:
    """Unit of the piece, string, fret and pitch of all notes, those that are tied as one; and their units."""
    (track,) = song.tracks
    tuning = {string.number: string.value for string in track.strings}
    found: dict[tuple[int, int, int, int], int] = {}
    held: dict[tuple[int, int], tuple[int, int, int, int]] = {}
    for voice, _, at, beat in beats_of(song):
        for note in beat.notes:
            if note.type == guitarpro.NoteType.tie:
                key = held[voice, note.string]
                assert key[0] + found[key] == at
                found[key] += units_of(beat)
            else:
                key = (at, note.string, note.value, tuning[note.string] + note.value)
                assert key not in found
                found[key] = units_of(beat)
                held[voice, note.string] = key
    return found


def made_up() -> dict[str, Score]:
    found = {}
    for style in STYLES:
        song = compose(np.random.default_rng(4), style).song
        for place, track in enumerate(song.tracks):
            one = score_of(song, title=style, place=place)
            if one.is_for_strings:
                found[f"{style} {track.name}"] = one
    return found


EVERY = {**PIECES, **made_up()}


@pytest.mark.parametrize("name", EVERY)
def test_every_note_is_where_the_tablature_has_it_and_every_bar_is_full(name: str) -> None:
    one = EVERY[name]
    song = read(guitar_pro(one))
    assert set(notes_in(song)) == played(one)
    assert played(one)
    (track,) = song.tracks
    assert len(track.measures) == len(one.bars)
    lengths = [
        measure.header.length * QUARTER // guitarpro.Duration.quarterTime for measure in track.measures
    ]
    assert lengths == [bar.length for bar in one.bars]


@pytest.mark.parametrize("name", EVERY)
def test_notes_last_as_long_as_on_the_sheet(name: str) -> None:
    one = EVERY[name]
    (part,) = one.parts
    lengths = {
        (sound.start - one.bars[0].start, pitch): sound.end - sound.start
        for voice in part.staves[0].voices
        for sound in voice
        for pitch in sound.pitches
        if (sound.start, pitch) in part.places
    }
    found = notes_in(read(guitar_pro(one)))
    assert {(at, pitch): units for (at, _, _, pitch), units in found.items()} == lengths


@settings(deadline=None, max_examples=40)
@given(st.lists(PLAYED, min_size=1, max_size=40), METERS, st.sampled_from([GUITAR, BASS]))
def test_of_any_song_every_bar_is_full_and_every_playable_note_is_there(
    notes: list[tuple[Fraction, Fraction, int]], meter: tuple[int, int], program: int
) -> None:
    one = score(
        *((float(place), float(length), pitch) for place, length, pitch in notes),
        program=program,
        meters=((0, *meter),),
    )
    assert set(notes_in(read(guitar_pro(one)))) == played(one)
    assert len(played(one)) + one.parts[0].unplayable == one.parts[0].note_count


def test_the_pieces_have_what_they_are_called_after() -> None:
    """Or the tests above would prove nothing of it."""
    songs = {name: read(guitar_pro(one)) for name, one in PIECES.items()}
    beats = {name: [beat for *_, beat in beats_of(song)] for name, song in songs.items()}
    assert any(beat.duration.tuplet.enters == 3 for beat in beats["triplets"])
    ties = [note for beat in beats["tied"] for note in beat.notes if note.type == guitarpro.NoteType.tie]
    assert ties
    assert any(beat.status == guitarpro.BeatStatus.rest for beat in beats["rests"])
    assert {voice for voice, *_ in beats_of(songs["two voices"])} == {0, 1}
    assert max(len(beat.notes) for beat in beats["chords"]) == 6


def test_every_chord_is_named_where_it_begins_or_over_the_note_that_sounds_then() -> None:
    chords = ((0, AM7), (24, B_FLAT_OVER_D), (48, F), (60, AM7), (96, F))
    song = read(guitar_pro(replace(PIECES["tied"], chords=chords[:3])))
    assert {at: beat.text for *_, at, beat in beats_of(song) if beat.text} == {0: "Am7", 24: "Bb/D", 48: "F"}
    song = read(guitar_pro(replace(score((0, 4, 40), (4, 2, 40), (8, 4, 40), program=BASS), chords=chords)))
    assert {at: beat.text for *_, at, beat in beats_of(song) if beat.text} == {
        0: "Am7 Bb/D",
        48: "F Am7",
        96: "F",
    }


def test_title_instrument_tempo_and_tuning_are_told() -> None:
    song = read(guitar_pro(score((0, 4, 64), title="Für Elise", tempos=((0, 600_000),))))
    (track,) = song.tracks
    assert (song.title, track.name, song.tempo, song.hideTempo) == ("Für Elise", "Guitar", 100, False)
    assert [string.value for string in track.strings] == [64, 59, 55, 50, 45, 40]
    assert track.channel.instrument == GUITAR
    low = read(guitar_pro(PIECES["low"]))
    assert [string.value for string in low.tracks[0].strings] == [43, 38, 33, 28]


def test_a_title_in_other_letters_is_kept_for_the_programs_that_read_it() -> None:
    gp5 = guitar_pro(score((0, 4, 64), title="夜に駆ける"))
    assert guitarpro.parse(io.BytesIO(gp5), encoding="utf-8").title == "夜に駆ける"


@pytest.mark.parametrize(
    ("name", "signatures"),
    [
        ("six eighths", [(6, 8)]),
        ("seven eighths", [(7, 8)]),
        ("another meter", [(4, 4), (3, 4)]),
        ("pickup", [(1, 4), (4, 4)]),
    ],
)
def test_bars_are_counted_as_on_the_sheet(name: str, signatures: list[tuple[int, int]]) -> None:
    (track,) = read(guitar_pro(PIECES[name])).tracks
    times = [measure.header.timeSignature for measure in track.measures]
    told = [(time.numerator, time.denominator.value) for time in times]
    assert told[:1] + [after for before, after in pairwise(told) if after != before] == signatures


@pytest.mark.parametrize("beats", [127, 255])
def test_bars_as_long_as_a_midi_file_can_say_are_a_file_too(beats: int) -> None:
    made = guitar_pro(score((0, 1, 64), (130, 1, 67), meters=((0, beats, 4),)))
    times = [header.timeSignature for header in guitarpro.parse(io.BytesIO(made)).measureHeaders]
    assert {time.numerator for time in times} == {127 if beats == 127 else 4}


def test_in_six_eighths_the_tempo_is_that_of_the_quarter() -> None:
    """Of dotted ones there are 80."""
    assert read(guitar_pro(PIECES["six eighths"])).tempo == 120


def test_a_tempo_that_changes_is_followed_bar_by_bar() -> None:
    one = score(*[(at, 1, 64) for at in range(12)], tempos=((0, 500_000), (4 * TICKS, 600_000)))
    song = read(guitar_pro(one))
    changes = {
        bar: beat.effect.mixTableChange.tempo.value
        for _, bar, _, beat in beats_of(song)
        if beat.effect.mixTableChange
    }
    assert (song.tempo, song.hideTempo, changes) == (120, True, {1: 100})


async def test_it_is_made_in_a_process_of_its_own() -> None:
    one = PIECES["in a row"]
    assert await as_guitar_pro(one) == guitar_pro(one)


async def test_a_process_that_fails_is_an_error_and_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: str, given: bytes, seconds: float) -> bytes:
        raise HelperError(f"it took over {seconds} s for {len(given)} bytes")

    monkeypatch.setattr(engraving, "answer", fails)
    with pytest.raises(SheetError):
        await as_guitar_pro(PIECES["in a row"])


@pytest.mark.slow
@pytest.mark.skipif(MUSESCORE is None, reason="MuseScore (Debian's musescore3) is not installed")
def test_musescore_plays_the_same_notes_at_the_same_places(tmp_path: Path) -> None:
    jobs, paths = [], {}
    for number, (name, one) in enumerate(EVERY.items()):
        paths[name] = tmp_path / f"{number}.gp5"
        paths[name].write_bytes(guitar_pro(one))
        jobs.append({"in": str(paths[name]), "out": str(paths[name].with_suffix(".mid"))})
    (tmp_path / "jobs.json").write_text(json.dumps(jobs))
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)}
    command = [str(MUSESCORE), "-j", str(tmp_path / "jobs.json")]
    subprocess.run(command, env=environment, capture_output=True, check=True, timeout=110)  # noqa: S603  # our own files
    for name, one in EVERY.items():
        assert struck(paths[name].with_suffix(".mid")) == sorted(
            (at, pitch) for at, _, _, pitch in played(one)
        )


def struck(path: Path) -> list[tuple[int, int]]:
    """Unit of the piece and pitch of each note of a MIDI file."""
    midi = mido.MidiFile(path)
    found = []
    for track in midi.tracks:
        now = 0
        for event in track:
            now += event.time
            if event.type == "note_on" and event.velocity:
                found.append((round(now * QUARTER / midi.ticks_per_beat), event.note))
    return sorted(found)
