import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.music.meter.bar_lines import bars_of
from bot.music.meter.tempo_curve import TempoCurve
from bot.music.quantise import GRIDS, quantised
from bot.music.read.parse import read_notes
from bot.music.song import Note, Song, Track
from tests.music.payloads import body, instruments


def _starts(song: Song) -> list[float]:
    return [note.start_seconds for track in song.tracks for note in track]


def _track(*starts: float) -> Song:
    return Song((Track.of([Note(60 + at, start, start + 0.2, 64) for at, start in enumerate(starts)]),))


def test_full_strength_puts_every_start_on_the_grid_and_keeps_lengths() -> None:
    song = quantised(_track(0.01, 0.13, 0.24, 0.51), bpm=120, grid="1/16")
    assert _starts(song) == [0, 0.125, 0.25, 0.5]
    assert [n.end_seconds - n.start_seconds for n in song.tracks[0]] == pytest.approx([0.2] * 4)


@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_a_pickup_for_whose_bar_there_was_no_time_has_a_whole_one_in_the_copy(strength: float) -> None:
    starts = [0.01, *(0.5 * beat + 0.02 for beat in range(1, 9))]
    curve = TempoCurve(np.array([0, 1]), np.array([0.5, 1.0]))
    bars = bars_of(curve, first=0, meter="4/4", first_note=0.01)
    assert len(bars.tempos) > 1
    copy = quantised(replace(_track(*starts), bars=bars), strength=strength)
    assert copy.bars is not None
    assert (copy.bars.tempos, copy.bars.first_bar) == (((0, 500_000),), bars.first_bar)
    late = 0.02 * (1 - strength)
    assert _starts(copy)[1:] == pytest.approx([1.5 + 0.5 * beat + late for beat in range(1, 9)], abs=1e-6)
    assert _starts(copy)[0] == pytest.approx(1.5, abs=0.02 * (1 - strength) + 1e-9)


def test_half_strength_goes_half_way() -> None:
    song = quantised(_track(0.0, 0.135, 0.24, 0.5), bpm=120, strength=0.5)
    assert _starts(song) == pytest.approx([0, 0.130, 0.245, 0.5], abs=0.002)


def test_no_strength_changes_nothing() -> None:
    assert _starts(quantised(_track(0.01, 0.13, 0.24), bpm=120, strength=0)) == [0.01, 0.13, 0.24]


def test_a_grid_that_begins_late_in_the_recording_is_moved_to_the_files_own() -> None:
    late = [0.06 + beat * 0.125 + wobble for beat, wobble in enumerate([0.004, -0.004, 0.003, -0.003] * 4)]
    starts = _starts(quantised(_track(*late), bpm=120))
    assert np.diff(starts) == pytest.approx([0.125] * 15)


def test_notes_that_meet_on_the_grid_are_merged_and_counted() -> None:
    song = Song((Track.of([Note(60, 0, 0.1, 50), Note(60, 0.02, 0.3, 90)]),))
    (only,) = quantised(song, bpm=120).tracks[0]
    assert (only.start_seconds, only.velocity) == (0, 90)
    assert only.end_seconds == pytest.approx(0.28)
    assert quantised(song, bpm=120).report.merged_notes == 1


@pytest.mark.parametrize(
    "wrong", [{"grid": "1/5"}, {"strength": 1.1}, {"strength": -0.1}, {"bpm": 0}, {"bpm": float("nan")}]
)
def test_what_makes_no_grid_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"grid|range"):
        quantised(_track(0), **{"bpm": 120, **wrong})  # type: ignore[arg-type]  # one wrong value at a time


@given(instruments, st.sampled_from(sorted(GRIDS)), st.floats(40, 240))
def test_any_song_lands_on_any_grid(made: list[dict[str, object]], grid: str, bpm: float) -> None:
    step = GRIDS[grid] * 60 / bpm
    for start in _starts(quantised(read_notes(body(made)), bpm=bpm, grid=grid)):
        assert start / step == pytest.approx(round(start / step), abs=1e-6)
