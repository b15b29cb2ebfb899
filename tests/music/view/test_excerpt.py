from bot.music.song import Note, Song, Track
from bot.music.view.excerpt import excerpt


def part(*notes: Note, is_drums: bool = False, start: float = 10, seconds: float = 5) -> list[Note]:
    (track,) = excerpt(Song((Track.of(notes, is_drums=is_drums),)), start, seconds).tracks
    return list(track)


def test_times_count_from_the_cut() -> None:
    assert part(Note(60, 11, 12, 90)) == [Note(60, 1, 2, 90)]


def test_a_note_that_sounds_at_the_cut_begins_there_and_one_that_goes_on_ends_there() -> None:
    assert part(Note(60, 2, 12, 90), Note(62, 14, 99, 80)) == [Note(60, 0, 2, 90), Note(62, 4, 5, 80)]


def test_what_lies_outside_is_left_out() -> None:
    assert part(Note(60, 2, 10, 90), Note(60, 15, 16, 90), Note(60, 9, 10.01, 90)) == []


def test_a_drum_hit_before_the_cut_is_not_struck_again() -> None:
    kept = part(Note(36, 9.9, 10.4, 90), Note(38, 10, 10.4, 90), is_drums=True)
    assert [(note.pitch, note.start_seconds) for note in kept] == [(38, 0)]


def test_instruments_keep_their_names_and_sounds() -> None:
    flute = Track.of([Note(60, 0, 1, 90)], name="Flute", program=73)
    (track,) = excerpt(Song((flute,)), 5, 5).tracks
    assert (track.name, track.program, len(track)) == ("Flute", 73, 0)
