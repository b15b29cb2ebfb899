"""What the network saw of a song, kept in a file: the same as if it were held, at no cost in memory."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from bot.studio.transcriber.activity import PITCHES, SURE, Activity, Seen
from bot.studio.transcriber.rows import Rows

WINDOW = 142


def windows(count: int) -> list[Activity]:
    random = np.random.default_rng(count)
    grids = (random.random((count, 3, PITCHES, WINDOW)) * SURE).astype(np.uint8)
    level = random.random((count, WINDOW), np.float32)
    return [Activity(each[0], each[1], each[2], loud) for each, loud in zip(grids, level, strict=True)]


def joined(parts: list[Activity]) -> Activity:
    def whole(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts], axis=-1)

    return Activity(whole("sounding"), whole("beginning"), whole("loudness"), whole("level"))


@pytest.mark.parametrize(("first", "stop"), [(0, 5 * WINDOW), (0, 10), (130, 300), (700, 9_999), (800, 900)])
def test_a_part_is_as_of_a_song_that_is_held(tmp_path: Path, first: int, stop: int) -> None:
    with Seen(tmp_path / "made") as seen:
        for window in windows(5):
            seen.add(window)
        found = seen.part(first, stop)
        assert seen.frames == 5 * WINDOW

    held = joined(windows(5)).part(first, stop)
    for name in ("sounding", "beginning", "loudness", "level"):
        assert np.array_equal(getattr(found, name), getattr(held, name))
    assert found.song == held.song


def test_nothing_is_left_in_the_folder(tmp_path: Path) -> None:
    with Seen(tmp_path) as seen:
        seen.add(windows(1)[0])
        assert list(tmp_path.iterdir()) == []


def test_a_song_of_any_length_is_held_in_the_same_memory() -> None:
    def most_bytes(count: int) -> int:
        (window,) = windows(1)
        with Seen() as seen:
            tracemalloc.start()
            for _ in range(count):
                seen.add(window)
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    # 600 windows are 16 minutes, 22 MB of grids; their levels alone are held, four bytes a frame.
    assert most_bytes(600) < most_bytes(6) + 600 * WINDOW * 4 * 2


def test_rows_are_read_as_they_were_written() -> None:
    table = np.arange(60, dtype=np.uint8).reshape(20, 3)
    with Rows(3) as rows:
        assert rows[:].shape == (0, 3)
        rows.add(table[:7])
        assert np.array_equal(rows[5:50], table[5:7])
        rows.add(table[7:])
        assert len(rows) == 20
        assert np.array_equal(rows[:], table)
        assert np.array_equal(rows[18:], table[18:])
        assert rows[9:4].size == 0
