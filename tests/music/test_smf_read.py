"""Which tracks of a MIDI file are there, and how far."""

import pytest

from bot.music.smf_read import read_events
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


def test_more_tracks_than_announced_are_read() -> None:
    two = smf(C4 + END, C4 + END)
    announcing_one = two[:11] + b"\1" + two[12:]
    assert lacks(announcing_one) == (0, 0)
    assert len(read_events(announcing_one).tracks) == 2
