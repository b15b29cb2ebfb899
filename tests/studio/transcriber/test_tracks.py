"""Which notes of a band are its bass."""

from bot.studio.transcriber.heard import Played
from bot.studio.transcriber.tracks import BASS, HIGHEST_BASS, REST, parted


def note(pitch: int, start: float = 0, end: float = 0.5) -> Played:
    return Played(start, end, pitch, 0.8)


def test_the_lowest_note_is_the_bass_if_it_is_low() -> None:
    low, middle, high = note(40), note(55), note(60)

    assert parted([low, middle, high]) == {BASS: [low], REST: [middle, high]}


def test_what_is_too_high_for_a_bass_is_none() -> None:
    notes = [note(HIGHEST_BASS + 1), note(70, 0.6, 0.9)]

    assert parted(notes) == {BASS: [], REST: notes}


def test_a_low_note_above_the_bass_stays_with_the_rest() -> None:
    bass, left_hand = note(36), note(48, 0.2, 0.4)

    assert parted([bass, left_hand]) == {BASS: [bass], REST: [left_hand]}


def test_of_two_that_begin_a_moment_apart_the_lower_is_the_bass() -> None:
    early, late = note(48), note(36, 0.02, 0.5)

    assert parted([early, late]) == {BASS: [late], REST: [early]}


def test_nothing_is_lost_and_nothing_is_doubled() -> None:
    notes = [note(30 + place * 7 % 40, place * 0.1, place * 0.1 + 0.25) for place in range(40)]

    tracks = parted(notes)

    assert sorted(tracks[BASS] + tracks[REST], key=lambda each: each.start) == notes


def test_nothing_has_no_tracks() -> None:
    assert parted([]) == {BASS: [], REST: []}
