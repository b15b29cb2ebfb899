import io

import mido

from bot.music.chords.hear import find_chords
from bot.music.read.decode import decode
from bot.music.song import Note, Song, Track
from bot.music.write.encode import encode
from tests.music.chords.test_hear import AM, BARS, C, F, G, song_of


def conductor(midi: bytes) -> list[tuple[int, mido.MetaMessage]]:
    tick, found = 0, []
    for message in mido.MidiFile(file=io.BytesIO(midi)).tracks[0]:
        tick += message.time
        found.append((tick, message))
    return found


def test_sure_chords_are_markers_and_names_for_notation_programs() -> None:
    song = song_of([C, AM, F, (43, 59, 62, 65)] * 2)
    events = conductor(encode(song, title="x", chords=find_chords(song)))
    markers = [(tick, event.text) for tick, event in events if event.type == "marker"]
    assert markers[:4] == [(0, "C"), (1920, "Am"), (3840, "F"), (5760, "G7")]
    xf = [(tick, bytes(event.data)) for tick, event in events if event.type == "sequencer_specific"]
    # 43 7B 01, then root (3: natural, 6: A) and kind (8: minor), and no other bass.
    assert xf[1] == (1920, bytes.fromhex("43 7B 01 36 08 7F 7F"))


def test_a_chord_begins_with_the_note_that_it_is_heard_from() -> None:
    late = Track.of(
        [
            note._replace(start_seconds=note.start_seconds + 0.04)
            for note in song_of([C, AM, F, G] * 2).tracks[0]
        ]
    )
    song = Song((late,), bars=BARS)
    events = conductor(encode(song, title="x", chords=find_chords(song)))
    assert [tick for tick, event in events if event.type == "marker"][:2] == [38, 1958]


def test_chords_of_which_nobody_is_sure_are_not_written() -> None:
    notes = [Note(48 + at * 7 % 31, at / 4, at / 4 + 0.5, 80) for at in range(120)]
    song = Song((Track.of(notes),))
    chords = find_chords(song)
    assert chords is not None
    assert not chords.is_sure
    assert encode(song, title="x", chords=chords) == encode(song, title="x")


def test_a_file_with_chords_is_read_back_whole() -> None:
    song = song_of([C, AM, F, G] * 2)
    kept = decode(encode(song, title="x", chords=find_chords(song)))
    assert kept.count(b'"pitch"') == song.note_count
