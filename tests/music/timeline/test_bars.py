"""The beat in which a song's tempo is told, and its bars at another tempo."""

import io

import mido
import pytest
from msgspec.structs import replace

from bot.music.meter.given import given_bars
from bot.music.song import Note, Song, Track
from bot.music.stored import StoredBars
from bot.music.timeline.bars import Bars
from bot.music.timeline.beat import DOTTED_QUARTER, QUARTER
from bot.music.timeline.key_signature import KeySignature
from bot.music.view.view import View
from bot.music.view.viewed import viewed
from bot.music.write.encode import encode

BAR = 1440
"""Ticks of 6/8."""


def given(*meters: tuple[int, int, int], tempos: tuple[tuple[int, int], ...] = ((0, 666_667),)) -> Bars:
    """Bars of a file of 90 quarters a minute."""
    return given_bars(StoredBars(480, list(tempos), list(meters)))


@pytest.mark.parametrize(
    ("meters", "beat"),
    [
        ([(0, 6, 8)], DOTTED_QUARTER),
        ([(0, 9, 8)], DOTTED_QUARTER),
        ([(0, 12, 8)], DOTTED_QUARTER),
        ([(0, 6, 8), (BAR, 9, 8)], DOTTED_QUARTER),
        ([(0, 1, 8), (240, 6, 8)], DOTTED_QUARTER),  # a pickup of an eighth
        ([(0, 3, 8), (720, 6, 8)], DOTTED_QUARTER),
        ([], QUARTER),
        ([(0, 4, 4)], QUARTER),
        ([(0, 3, 8)], QUARTER),
        ([(0, 7, 8)], QUARTER),
        ([(0, 6, 4)], QUARTER),
        ([(0, 6, 8), (BAR, 2, 4)], QUARTER),
        ([(0, 2, 4), (9600, 6, 8)], QUARTER),
        ([(0, 1, 4), (480, 4, 4)], QUARTER),
    ],
)
def test_only_where_all_bars_go_by_threes_beats_are_dotted(
    meters: list[tuple[int, int, int]], beat: float
) -> None:
    assert given(*meters).beat == beat


@pytest.mark.parametrize(
    ("meters", "first_bar"),
    [
        ([(0, 1, 8), (240, 6, 8)], 240),
        ([(0, 1, 4), (480, 4, 4)], 480),
        ([(0, 4, 4), (1920, 3, 4)], 0),
        ([(0, 2, 4), (9600, 6, 8)], 0),
        ([(0, 4, 4)], 0),
    ],
)
def test_a_short_first_bar_of_a_given_file_is_its_pickup(
    meters: list[tuple[int, int, int]], first_bar: int
) -> None:
    assert given(*meters).first_bar == first_bar


def test_the_tempo_of_a_given_file_is_in_its_beats() -> None:
    assert given((0, 6, 8)).bpm == pytest.approx((60, 60), abs=0.001)
    assert given((0, 6, 8), (BAR, 3, 4)).bpm == pytest.approx((90, 90), abs=0.001)


def test_of_six_eighths_a_part_tells_its_own_tempos_in_the_same_beats() -> None:
    bars = given((0, 6, 8), tempos=((0, 666_667), (4 * BAR, 500_000), (8 * BAR, 400_000)))
    song = Song((Track.of([Note(60, place / 2, place / 2 + 0.4, 80) for place in range(40)]),), bars=bars)
    part = viewed(song, View(0, 0.0, 12.0)).bars
    assert part is not None
    assert part.bpm == (60, 80)


def test_a_part_in_one_time_signature_of_a_song_in_two_has_its_own_beats() -> None:
    bars = given((0, 3, 4), (4 * BAR, 6, 8))
    song = Song((Track.of([Note(60, place / 2, place / 2 + 0.4, 80) for place in range(40)]),), bars=bars)
    begins = float(bars.tempo_map.at(4 * BAR))  # type: ignore[arg-type]  # one tick
    part = viewed(song, View(0, begins, None)).bars
    assert part is not None
    assert bars.bpm == pytest.approx((90, 90), abs=0.01)
    assert part.beat == DOTTED_QUARTER
    assert part.bpm == (60, 60)


@pytest.mark.parametrize(
    ("meters", "bpm", "said", "quarters"),
    [
        ([(0, 6, 8)], 60, (6, 8), 90),
        ([(0, 1, 8), (240, 6, 8)], 60, (6, 8), 90),
        ([(0, 3, 4)], 93, (3, 4), 93),
        ([(0, 6, 8), (BAR, 2, 4)], 93, (4, 4), 93),
        ([(0, 6, 8)], 1000, (6, 8), 1500),
    ],
)
def test_a_file_at_another_tempo_keeps_time_signature_and_key(
    meters: list[tuple[int, int, int]], bpm: float, said: tuple[int, int], quarters: float
) -> None:
    bars = replace(given(*meters), key=KeySignature(-2, is_minor=True))
    song = Song((Track.of([Note(60, 0.5, 1, 80)]),), bars=bars)
    conductor = mido.MidiFile(file=io.BytesIO(encode(song, title="x", bpm=bpm))).tracks[0]
    told = {message.type: message for message in conductor}
    assert (told["time_signature"].numerator, told["time_signature"].denominator) == said
    assert mido.tempo2bpm(told["set_tempo"].tempo) == pytest.approx(quarters, abs=0.01)
    assert told["key_signature"].key == "Gm"
    assert len(conductor) == len(told)
