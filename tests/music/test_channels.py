from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from bot.music.channels import DRUM_CHANNEL, MELODIC_CHANNELS, seats
from bot.music.song import Note, Track


def _tracks(programs: Iterable[int], *, notes: int = 1, is_drums: bool = False) -> list[Track]:
    made = [Note(60, at, at + 1, 64) for at in range(notes)]
    return [Track.of(made, program=program, is_drums=is_drums) for program in programs]


def test_fifteen_melodic_parts_have_a_channel_each_and_drums_the_tenth() -> None:
    found = seats([*_tracks([0] * 8), *_tracks([0, 0], is_drums=True), *_tracks([0] * 7)])
    assert [seat.channel for seat in found] == [*range(8), 9, 9, 8, *range(10, 16)]
    assert not any(seat.is_shared for seat in found)


def test_the_sixteenth_part_shares_with_its_own_program_first() -> None:
    found = seats(_tracks([0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 0]))
    assert found[0] == found[15]
    assert sum(seat.is_shared for seat in found) == 2


def test_then_with_the_smallest_of_its_family_which_plays_the_larger_ones_program() -> None:
    programs = [0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112]
    found = seats([*_tracks(programs, notes=9), *_tracks([41], notes=2)])
    assert found[5] == found[15]
    assert (found[15].program, found[15].is_shared) == (40, True)


def test_and_without_a_relative_with_the_smallest_of_all() -> None:
    programs = list(range(0, 128, 8))  # one of each family: 16
    found = seats([*_tracks(programs[:14], notes=9), *_tracks(programs[14:], notes=2)])
    assert found[14].channel == found[15].channel
    assert sum(seat.is_shared for seat in found) == 2


@given(st.lists(st.tuples(st.integers(0, 127), st.booleans()), max_size=60))
def test_every_channel_plays_one_program_and_only_drums_the_tenth(parts: list[tuple[int, bool]]) -> None:
    tracks = [_tracks([program], is_drums=is_drums)[0] for program, is_drums in parts]
    found = seats(tracks)
    assert len(found) == len(tracks)
    for track, seat in zip(tracks, found, strict=True):
        assert (seat.channel == DRUM_CHANNEL) == track.is_drums
        assert track.is_drums or seat.channel in MELODIC_CHANNELS
    assert len({(seat.channel, seat.program) for seat in found}) == len({seat.channel for seat in found})
