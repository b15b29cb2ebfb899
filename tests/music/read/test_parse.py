import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotesError
from bot.music.read import parse
from bot.music.read import parse_tolerant as tolerant
from bot.music.read.parse import read_notes
from bot.music.report import Report
from bot.music.song import Note, Song
from tests.music.payloads import DOCUMENTED, body, instruments, note


def _notes(song: Song) -> list[Note]:
    return [note for track in song.tracks for note in track]


def _one(**values: Any) -> Song:
    return read_notes(body([{"name": "Flute", "notes": [note(**values)]}]))


def test_the_documented_answer_becomes_tracks_with_sounds() -> None:
    song = read_notes(json.dumps(DOCUMENTED).encode())
    drums, bass = song.tracks
    assert (drums.name, drums.is_drums, drums.guessed) == ("Drums", True, False)
    assert (bass.name, bass.program, bass.guessed) == ("Electric Bass (finger)", 33, False)
    assert list(bass)[2] == Note(51, 7.6875, 7.911458333333333, 63)
    assert song.note_count == 6
    assert song.duration_seconds == pytest.approx(7.911458333333333)


@pytest.mark.parametrize(
    "nothing",
    [
        b"",
        b" \n",
        b"null",
        b'""',
        b'" "',
        b"{}",
        b"[]",
        b'{"instruments": null}',
        b'{"instruments": []}',
        b'"{}"',
        b'"null"',
    ],
)
def test_nothing_is_a_song_without_tracks(nothing: bytes) -> None:
    song = read_notes(nothing)
    assert song.tracks == ()
    assert song.report.lines() == ()
    assert song.duration_seconds == 0.0


def test_a_bare_list_and_json_in_a_string_are_read_too() -> None:
    plain = json.dumps(DOCUMENTED)
    bare = json.dumps(DOCUMENTED["instruments"])
    for form in (bare, json.dumps(plain), json.dumps(json.dumps(plain)), json.dumps(bare)):
        assert _notes(read_notes(form.encode())) == _notes(read_notes(plain.encode()))


@pytest.mark.parametrize(
    "broken",
    [
        b"{", b"5", b"true", b'"text"', b'{"instruments": 5}', b'{"instruments": {}}', b"\xff\xfe\x00", b"\x00" * 99,
        b"[" * 100_000, b'{"instruments":' * 50_000, b'{"x":' * 100_000 + b"1" + b"}" * 100_000, b"[" * 100_000 + b"]" * 100_000,
        b'{"instruments": [{"name": "Flute", "notes": [{"pitch": 60', json.dumps(json.dumps(json.dumps("{}"))).encode(),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_one_readable_error(broken: bytes) -> None:
    with pytest.raises(NotesError) as caught:
        read_notes(broken)
    assert "damaged" in caught.value.sentence


def test_nesting_inside_a_note_is_one_readable_error_or_a_note_left_out() -> None:
    deep = b'{"instruments":[{"name":"Flute","notes":[{"pitch":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}]}"
    with pytest.raises(NotesError):
        read_notes(deep)
    assert _one(pitch=[[[[]]]]).report == Report(malformed_notes=1, empty_instruments=1)


def test_nesting_that_a_string_without_an_end_hides_is_one_readable_error() -> None:
    """It goes with the note that it stands in, and all strings after it begin and end elsewhere."""
    hidden = b'{"instruments":[{"notes":[{"pitch":60,"start":"0.3,"end":1}]},{"name":' + b"[" * 5000
    with pytest.raises(NotesError):
        read_notes(hidden + b"]" * 5000 + b"}]}")


def test_a_body_over_the_limits_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "MAX_BODY_BYTES", 100)
    with pytest.raises(NotesError):
        read_notes(b" " * 101)
    monkeypatch.setattr(tolerant, "MAX_VALUES", 10)
    with pytest.raises(NotesError):
        read_notes(b"[" + b"[]," * 10 + b"[]]")


def test_more_than_a_thousand_instruments_are_no_song() -> None:
    with pytest.raises(NotesError):
        read_notes(body([{"name": "Flute", "notes": [note()]}] * 1025))
    assert read_notes(body([{"name": "Flute", "notes": []}] * 1025)).report == Report(empty_instruments=1025)


@pytest.mark.parametrize(
    ("values", "report"),
    [
        ({"pitch": 128}, Report(pitches_out_of_range=1, empty_instruments=1)),
        ({"pitch": -1}, Report(pitches_out_of_range=1, empty_instruments=1)),
        ({"pitch": 60.5}, Report(malformed_notes=1, empty_instruments=1)),
        ({"pitch": True}, Report(malformed_notes=1, empty_instruments=1)),
        ({"pitch": 10**400}, Report(malformed_notes=1, empty_instruments=1)),
        ({"start": 2}, Report(impossible_times=1, empty_instruments=1)),
        ({"start": -0.1}, Report(impossible_times=1, empty_instruments=1)),
        ({"start": float("nan")}, Report(malformed_notes=1, empty_instruments=1)),
        ({"end": float("inf")}, Report(malformed_notes=1, empty_instruments=1)),
        ({"start": float("-inf"), "end": float("inf")}, Report(malformed_notes=1, empty_instruments=1)),
        ({"start": 1e308, "end": 1.7e308}, Report(malformed_notes=1, empty_instruments=1)),
        ({"start": "nan"}, Report(malformed_notes=1, empty_instruments=1)),
        ({"start": "1_0", "end": 20}, Report(malformed_notes=1, empty_instruments=1)),
        ({"start": "٣", "end": 20}, Report(malformed_notes=1, empty_instruments=1)),
        ({"end": 21600.1}, Report(times_too_late=1, empty_instruments=1)),
        ({"velocity": "loud"}, Report(velocities_guessed=1)),
        ({"velocity": None}, Report(velocities_guessed=1)),
        ({"velocity": -0.5}, Report(velocities_held=1)),
        ({"velocity": 200}, Report(velocities_held=1)),
        ({"end": 0}, Report(lengthened_notes=1)),
        ({"end": 21600}, Report()),
        ({"pitch": "60", "start": " 0.5 ", "end": "+1.5e0"}, Report()),
    ],
)
def test_what_cannot_be_a_note_is_left_out_and_counted(values: dict[str, Any], report: Report) -> None:
    assert _one(**values).report == report


@pytest.mark.parametrize(
    ("spelt", "seconds"),
    [(".5", 0.5), ("+1", 1), ("1.", 1), ("+.5", 0.5), ("01.5", 1.5), ("1.e0", 1), ('" 1 "', 1), ('"\\u00a01"', 1), ("\x1c1", 1), ('"\\u001c1"', 1), ('".5"', 0.5)],
)  # fmt: skip
def test_numbers_that_are_nearly_json_are_read(spelt: str, seconds: float) -> None:
    song = read_notes(_beside(spelt))
    assert [given.start_seconds for given in song.tracks[0]] == [0, seconds, 3]
    assert song.report == Report(guessed_programs=1)


@pytest.mark.parametrize(
    "spelt",
    ["NaN", "-Infinity", "nan", "0x1F", "1e", "-", ".", "1,5", "1_0", "1 000", "undefined", "None", "--1", "1.5.2", "½", "1.0f", "'1'"],
)  # fmt: skip
def test_what_is_no_number_costs_its_note_alone(spelt: str) -> None:
    song = read_notes(_beside(spelt))
    assert [given.start_seconds for given in song.tracks[0]] == [0, 3]
    assert song.report == Report(malformed_notes=1, guessed_programs=1)


def _beside(spelt: str) -> bytes:
    """A note that starts at `spelt`, between two sound ones, of an instrument whose name is hard to read past."""
    notes = [
        f'{{"pitch": 60, "start": {start}, "end": {end}, "velocity": 0.5}}'
        for start, end in [(0, 0.25), (spelt, 2), (3, 4)]
    ]
    name = r"a: .5, \"b\" {"
    return f'{{"instruments": [{{"name": "{name}", "notes": [{", ".join(notes)}]}}]}}'.encode()


@pytest.mark.parametrize(
    ("given_velocity", "velocity"),
    [(0, 1), (0.001, 1), (63 / 127, 63), (1, 127), (1.4, 1), (64, 64), (127, 127), (500, 127), (-3, 1)],
)
def test_velocities_are_fractions_or_beyond_one_already_seven_bits(
    given_velocity: float, velocity: int
) -> None:
    (found,) = _notes(_one(velocity=given_velocity))
    assert found.velocity == velocity


def test_entries_that_are_no_instruments_are_left_out_and_counted() -> None:
    song = read_notes(
        body([5, None, [], {"name": 7, "notes": [note()]}, {"notes": "none"}, {"name": "Flute"}])
    )
    assert [track.name for track in song.tracks] == ["Instrument 1"]
    assert song.report == Report(malformed_instruments=4, empty_instruments=1, guessed_programs=1)


def test_a_repeated_pitch_ends_the_note_before_and_equal_starts_become_one() -> None:
    overlapping = [note(60, 0, 2, 0.2), note(60, 1, 1.5, 0.4), note(60, 1, 1.25, 0.9), note(61, 0, 2, 0.2)]
    song = read_notes(body([{"name": "Flute", "notes": overlapping}]))
    assert _notes(song) == [Note(60, 0, 1, 25), Note(61, 0, 2, 25), Note(60, 1, 1.5, 114)]
    assert song.report == Report(cut_notes=1, merged_notes=1)


def test_drum_tracks_share_channel_ten_and_so_its_pitches() -> None:
    kit = {"name": "Drums", "notes": [note(36, 0, 1), note(38, 0, 0)]}
    more = {"name": "Percussion", "notes": [note(36, 0.5, 1)]}
    song = read_notes(body([kit, more]))
    assert _notes(song) == [Note(36, 0, 0.5, 64), Note(38, 0, 0.05, 64), Note(36, 0.5, 1, 64)]
    assert song.report == Report(cut_notes=1, lengthened_notes=1)


def test_drums_that_are_no_kit_pieces_keep_their_pitches_and_the_report_says_so() -> None:
    song = read_notes(body([{"name": "Drums", "notes": [note(61), note(73)]}]))
    assert [n.pitch for n in _notes(song)] == [61, 73]
    assert song.report.unmapped_drum_tracks == 1
    assert read_notes(body([{"name": "Percussion", "notes": [note(61), note(73)]}])).report == Report()


def test_names_are_one_clean_line_of_at_most_64_characters() -> None:
    (track,) = read_notes(
        body([{"name": "\u202eFlu\x00te\n\ud800 e\u0301" + "x" * 99, "notes": [note()]}])
    ).tracks
    assert track.name == "Flute é" + "x" * 57


def test_columns_cannot_be_written_to() -> None:
    (track,) = _one().tracks
    with pytest.raises(ValueError, match="read-only"):
        track.pitch[0] = 1


@given(instruments)
def test_the_fast_and_the_tolerant_way_agree(made: list[dict[str, Any]]) -> None:
    slow = [*made, {"name": None}]  # which the fast way cannot take
    fast, tolerant_song = read_notes(body(made)), read_notes(body(slow))
    assert [track.name for track in fast.tracks] == [track.name for track in tolerant_song.tracks]
    assert _notes(fast) == _notes(tolerant_song)
    assert tolerant_song.report == fast.report + Report(empty_instruments=1)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["instruments", "name", "notes", "pitch", "start", "end", "velocity"]), inner
        )
    ),
    max_leaves=30,
)


@given(json_values)
def test_any_json_is_a_song_or_a_typed_error(value: Any) -> None:
    _song_or_error(json.dumps(value).encode())


@given(st.binary())
def test_any_bytes_are_a_song_or_a_typed_error(value: bytes) -> None:
    _song_or_error(value)


@given(instruments, st.integers(0, 10_000), st.binary(max_size=3), st.integers(0, 3))
def test_a_damaged_answer_is_a_song_or_a_typed_error(
    made: list[dict[str, Any]], at: int, patch: bytes, removed: int
) -> None:
    whole = body(made)
    at %= len(whole)
    _song_or_error(whole[:at] + patch + whole[at + removed :])


def _song_or_error(value: bytes) -> None:
    try:
        song = read_notes(value)
    except NotesError:
        return
    for track in song.tracks:
        assert len(track) > 0
        assert np.isfinite(track.end_seconds).all()


def test_a_given_program_is_kept_and_not_guessed() -> None:
    stored = [
        {"name": "Bass", "program": 40, "notes": [note()]},
        {"name": "Violin", "drums": True, "notes": [note()]},
        {"name": "Bass", "program": None, "notes": [note()]},
    ]
    song = read_notes(body(stored))
    assert [(t.name, t.program, t.is_drums) for t in song.tracks] == [
        ("Bass", 40, False),
        ("Violin", 0, True),
        ("Bass", 33, False),
    ]
    assert song.report.guessed_programs == 0


def test_what_was_told_before_the_notes_were_kept_is_told_with_them() -> None:
    stored = {"instruments": [{"name": "Flute", "notes": [note(), note()]}], "report": {"unclosed_notes": 2}}
    report = read_notes(json.dumps(stored).encode()).report
    assert (report.unclosed_notes, report.merged_notes) == (2, 1)


@pytest.mark.parametrize("report", [{"strange": 1}, {"unclosed_notes": -1}, {"unclosed_notes": "x"}, 7])
def test_a_report_that_is_none_changes_nothing(report: object) -> None:
    stored = {"instruments": [{"name": "Flute", "notes": [note()]}], "report": report}
    song = read_notes(json.dumps(stored).encode())
    assert (song.note_count, song.report.unclosed_notes) == (1, 0)
