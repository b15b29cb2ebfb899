"""From grids to notes."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.studio.transcriber.harmonics import without_overtones
from bot.studio.transcriber.loudness import audible, velocities
from bot.studio.transcriber.model import LOWEST_PITCH, PITCHES, SURE, Activity
from bot.studio.transcriber.notes import GAP_FRAMES, Note, Thresholds, find_notes

STRICT = Thresholds(beginning=0.5, sounding=0.3, unbegun=0.5, shortest_frames=5)
FRAMES = 100


def quiet(frames: int = FRAMES) -> Activity:
    grid = np.zeros((PITCHES, frames), np.uint8)
    return Activity(grid, grid.copy(), np.full(frames, 0.1, np.float32))


def play(
    activity: Activity, pitch: int, start: int, end: int, *, attack: float = 0.9, sure: float = 0.8
) -> None:
    activity.sounding[pitch - LOWEST_PITCH, start:end] = round(sure * SURE)
    activity.beginning[pitch - LOWEST_PITCH, start] = round(attack * SURE)


def spans(notes: list[Note]) -> list[tuple[int, int, int]]:
    return [(note.pitch, note.start, note.end) for note in notes]


def test_nothing_gives_nothing() -> None:
    assert find_notes(quiet(), STRICT) == []
    assert find_notes(quiet(0), STRICT) == []


def test_a_note_lasts_while_it_sounds() -> None:
    activity = quiet()
    play(activity, 60, 10, 40)

    assert spans(find_notes(activity, STRICT)) == [(60, 10, 40)]


def test_the_last_note_may_sound_to_the_end() -> None:
    activity = quiet()
    play(activity, 60, 80, FRAMES)

    assert spans(find_notes(activity, STRICT)) == [(60, 80, FRAMES)]


def test_a_note_struck_again_is_two_notes() -> None:
    activity = quiet()
    play(activity, 60, 10, 40)
    play(activity, 60, 40, 70)

    assert spans(find_notes(activity, STRICT)) == [(60, 10, 40), (60, 40, 70)]


@pytest.mark.parametrize(("gap", "count"), [(GAP_FRAMES - 1, 1), (GAP_FRAMES, 2)])
def test_short_gaps_are_bridged(gap: int, count: int) -> None:
    activity = quiet()
    play(activity, 60, 10, 70, sure=0.55)
    activity.sounding[60 - LOWEST_PITCH, 40 : 40 + gap] = SURE // 4

    assert len(find_notes(activity, STRICT)) == count


def test_a_sound_whose_beginning_was_not_seen_is_a_note_too() -> None:
    activity = quiet()
    activity.sounding[60 - LOWEST_PITCH, 10:40] = SURE * 4 // 5
    activity.beginning[90 - LOWEST_PITCH, 5] = SURE // 10

    assert [note.pitch for note in find_notes(activity, STRICT)] == [60]


def test_short_and_doubtful_ones_are_none() -> None:
    activity = quiet()
    play(activity, 60, 10, 13)
    play(activity, 70, 10, 40, sure=0.2)
    play(activity, 80, 10, 40, sure=0.4, attack=0.2)

    assert [note.pitch for note in find_notes(activity, STRICT)] in ([], [80])


def test_chords_are_several_notes_but_neighbours_are_one() -> None:
    activity = quiet()
    for pitch in (60, 64, 67):
        play(activity, pitch, 10, 40)
    play(activity, 61, 12, 40, attack=0.3, sure=0.4)

    assert [note.pitch for note in find_notes(activity, STRICT)] == [60, 64, 67]


@given(seed=st.integers(0, 10_000), frames=st.integers(0, 60), level=st.floats(0, 1))
@settings(max_examples=80)
def test_any_grid_gives_ordered_notes_within_it(seed: int, frames: int, level: float) -> None:
    random = np.random.default_rng(seed)
    sounding, beginning = (random.random((2, PITCHES, frames)) * level * SURE).astype(np.uint8)
    activity = Activity(sounding, beginning, random.random(frames, np.float32))

    notes = find_notes(activity, STRICT)

    assert [(note.start, note.pitch) for note in notes] == sorted((note.start, note.pitch) for note in notes)
    for note in notes:
        assert 0 <= note.start < note.end <= frames
        assert note.end - note.start >= STRICT.shortest_frames
        assert LOWEST_PITCH <= note.pitch < LOWEST_PITCH + PITCHES
        assert 0 <= note.strength <= 1
    for pitch in {note.pitch for note in notes}:
        line = [note for note in notes if note.pitch == pitch]
        assert all(before.end <= after.start for before, after in pairwise(line))


@pytest.mark.parametrize("distance", [12, 19, 24, 28, 31, 34, 36])
def test_a_faint_note_that_begins_softly_above_another_is_an_overtone(distance: int) -> None:
    low, ghost = Note(0, 50, 40, 0.8, 0.9), Note(1, 20, 40 + distance, 0.4, 0.5)

    assert without_overtones([low, ghost]) == [low]


@pytest.mark.parametrize(
    "note",
    [
        Note(0, 50, 52, 0.8, 0.9),  # an octave that was played
        Note(60, 90, 52, 0.4, 0.5),  # after the low note's end
        Note(1, 20, 47, 0.4, 0.5),  # a fifth is no overtone
        Note(1, 20, 28, 0.4, 0.5),  # nor is what is below
    ],
)
def test_other_notes_stay(note: Note) -> None:
    low = Note(0, 50, 40, 0.8, 0.9)

    assert without_overtones([low, note]) == [low, note]


def test_what_nobody_can_hear_is_left_out() -> None:
    activity = quiet()
    activity.level[50:] = 1e-6
    heard, noise = Note(0, 20, 60, 0.8, 0.9), Note(60, 80, 60, 0.8, 0.9)

    assert audible(activity, [heard, noise]) == [heard]


def test_velocities_follow_the_level_and_stay_within_bounds() -> None:
    activity = quiet()
    activity.level[:] = np.geomspace(1, 1e-5, FRAMES)
    notes = [Note(start, start + 5, 60, 0.8, 0.9) for start in range(0, 90, 10)]

    found = velocities(activity, notes)

    assert (np.diff(found) <= 0).all()
    assert found[0] > 0.8
    assert (found > 0.1).all()
    assert (found <= 1).all()
    assert velocities(activity, []).size == 0
