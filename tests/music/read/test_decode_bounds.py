"""Given MIDI files that are more than a song: refused before they cost time or memory."""

import tracemalloc

import pytest

from bot.music.errors import MidiTooLongError
from bot.music.read.decode import decode
from bot.music.read.parse import read_notes
from bot.music.smf import read as events
from bot.music.song import Song
from tests.music.score import END, smf

C4 = "00 90 3c 64  83 60 80 3c 40 "
"""Middle C for a quarter of 480 ticks, on channel 1."""


def read(data: bytes) -> Song:
    return read_notes(decode(data))


@pytest.mark.parametrize(
    "data",
    [
        bytes(events.MAX_FILE_BYTES + 1),
        smf(*[C4] * (events.MAX_TRACKS + 1)),
        smf(C4 + "01 c0 00 01 c0 01 " * (events.MAX_CHANGES // 2 + 1)),
        smf(*[C4 + "01 c0 00 01 c0 01 " * 60] * 1000),
        smf(C4 + "01 ff 51 03 07 a1 20 01 ff 51 03 07 a1 21 " * (events.MAX_CHANGES // 2 + 1)),
    ],
    ids=["bytes", "tracks", "programs", "programs of many tracks", "tempos"],
)
def test_a_file_over_a_limit_is_refused(data: bytes) -> None:
    with pytest.raises(MidiTooLongError) as caught:
        decode(data)
    assert "I read up to 10 MB" in caught.value.sentence


def test_what_changes_nothing_counts_for_no_limit() -> None:
    again = "01 c0 05 01 ff 51 03 07 a1 20 "
    assert read(smf(again * (events.MAX_CHANGES + 1) + C4 + END)).note_count == 1


def test_tempos_are_held_once_however_many_tracks_there_are() -> None:
    tempos = "".join(f"01 ff 51 03 {400_000 + at:06x} " for at in range(20_000))
    held = "00 90 3c 64  81 a0 00 80 3c 00 " + END  # for as long as the tempos move
    few, many = (smf(tempos + END, *[held] * count) for count in (1, 500))
    tracemalloc.start()
    peaks = []
    for file in (few, many):
        tracemalloc.reset_peak()
        decode(file)
        peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert peaks[1] - peaks[0] < 500 * 20_000, "not even a byte for each tempo and track"


@pytest.mark.parametrize(("pair", "count"), [("00 90 3c 64", 400_001), ("00 c0 01", 2_000_001)])
def test_events_are_counted_while_they_are_read(pair: str, count: int) -> None:
    with pytest.raises(MidiTooLongError):
        decode(smf(bytes.fromhex(pair) + bytes.fromhex(pair[:2] + pair[5:]) * count))


def test_over_1024_instruments_are_no_song() -> None:
    tracks = ["".join(f"00 c{channel:x} 05 00 9{channel:x} 3c 64 " for channel in range(9))] * 114
    with pytest.raises(MidiTooLongError):
        decode(smf(*tracks))


def test_the_largest_file_can_be_read_again() -> None:
    note = bytes.fromhex("18 7f 7f  18 7f 00")
    track = bytes.fromhex("a0 80 00 90 7f 7f  18 7f 00") + note * (events.MAX_NOTES - 1)
    stored = decode(smf(track))
    assert read_notes(stored).note_count == events.MAX_NOTES
