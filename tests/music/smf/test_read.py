"""Which tracks of a MIDI file are there, and how far."""

import pytest

from bot.music.smf.read import read_events
from tests.music.score import END, smf

C4 = "00 90 3c 64  83 60 80 3c 40 "
TRACK_BYTES = len(smf(C4 + END)) - len(smf())


def lacks(data: bytes) -> tuple[int, int]:
    """How many tracks are damaged, and how many missing."""
    found = read_events(data)
    return sum(track.is_damaged for track in found.tracks), found.missing


@pytest.mark.parametrize(
    ("lost", "damaged", "missing"),
    [
        (10, 1, 0),
        (4, 1, 0),
        (TRACK_BYTES - 8, 1, 0),
        (TRACK_BYTES - 7, 0, 1),
        (TRACK_BYTES, 0, 1),
        (TRACK_BYTES + 4, 1, 1),
        (2 * TRACK_BYTES + 6, 1, 2),
    ],
    ids=[
        "in a note",
        "between two events",
        "behind a track's beginning",
        "in a track's beginning",
        "between two tracks",
        "between two events of the one before",
        "two tracks before the end",
    ],
)
def test_of_a_file_that_was_cut_off_it_is_told_what_is_missing(lost: int, damaged: int, missing: int) -> None:
    whole = smf(C4 + C4 + END, C4 + END, C4 + END, C4 + END)
    assert lacks(whole[:-lost]) == (damaged, missing)


def test_a_track_without_an_end_is_whole() -> None:
    assert lacks(smf(C4, C4)) == (0, 0)


@pytest.mark.parametrize(
    ("name", "size"),
    [(b"MTrk", 0), (b"MTrk", 5), (b"MTrk", 99_999), (b"MTrk", 0xFFFFFFFF)],
    ids=["none", "too short", "too long", "endless"],
)
def test_a_track_whose_length_is_wrong_is_read_to_its_end(name: bytes, size: int) -> None:
    wrong = name + size.to_bytes(4) + bytes.fromhex(C4 + END)
    found = read_events(smf(C4 + END) + wrong + smf(C4 + END)[14:])
    assert [(track.pitch, track.is_damaged) for track in found.tracks] == [([60], False)] * 3


@pytest.mark.parametrize(
    "garbage", [b"\0\xff\x51\x03\7\xa1\x20" * 5, b"MTrk", b"\0", b"XFIHabcd12", bytes(5000)]
)
def test_a_track_behind_garbage_is_found(garbage: bytes) -> None:
    found = read_events(smf(C4 + END) + garbage + smf(C4 + END)[14:])
    assert [(track.pitch, track.is_damaged) for track in found.tracks] == [([60], False)] * 2


def test_half_a_note_takes_nothing_from_the_next_track() -> None:
    first, second = read_events(smf(C4 + "00 90 40", C4 + END)).tracks
    assert (first.pitch, first.is_damaged) == ([60], True)
    assert (second.pitch, second.is_damaged) == ([60], False)


def test_zeros_behind_the_last_track_are_nothing() -> None:
    assert lacks(smf(C4 + END, C4 + END) + bytes(5000)) == (0, 0)


def test_a_file_of_nothing_but_beginnings_is_soon_given_up() -> None:
    assert len(read_events(smf(C4 + END) + b"MTrk" * 2_000_000).tracks) == 1


def test_more_tracks_than_announced_are_read() -> None:
    two = smf(C4 + END, C4 + END)
    announcing_one = two[:11] + b"\1" + two[12:]
    assert lacks(announcing_one) == (0, 0)
    assert len(read_events(announcing_one).tracks) == 2
