"""From grids to notes."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.kie.strength import Strength
from bot.studio.transcriber import candidates, endings, patches
from bot.studio.transcriber.activity import LOWEST_PITCH, PITCHES, SURE, Activity
from bot.studio.transcriber.loudness import audible, velocities
from bot.studio.transcriber.notes import Note, Table, find_notes, notes_of

FRAMES = 100

BEGINNING = 3 * (patches.LAGS.index(0) * len(patches.DISTANCES) + patches.DISTANCES.index(0)) + 1
"""Where a patch tells the candidate's own beginning."""

LAYERS = {
    "judge": lambda numbers: 10 * (numbers[:, 0] - 0.5),
    "look": lambda seen: 10 * (np.maximum(seen[:, BEGINNING] / SURE, seen[:, -63]) - 0.5),
    "again": lambda numbers: 10 * (numbers[:, 0] - 0.5),
    "held": lambda numbers: 10 * (numbers[:, 3] - 0.5),
}
"""In place of the networks, which know music and not bare grids: the clearness of a beginning, and whether it sounds now."""


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.studio.transcriber.notes._layers", lambda name, _: LAYERS[name])


def quiet(frames: int = FRAMES) -> Activity:
    grid = np.zeros((PITCHES, frames), np.uint8)
    return Activity(grid, grid.copy(), grid.copy(), np.full(frames, 0.1, np.float32))


def play(activity: Activity, pitch: int, start: int, end: int, *, attack: float = 0.9) -> None:
    row = pitch - LOWEST_PITCH
    activity.sounding[row, start:end] = round(0.8 * SURE)
    activity.beginning[row, start] = round(attack * SURE)
    activity.loudness[row, max(0, start - 2) : end] = 160


def table(*notes: Note) -> Table:
    rows = [(note.start, note.end, note.pitch, note.strength) for note in notes]
    return np.array(rows, np.float32).reshape(-1, 4)


def spans(notes: list[Note]) -> list[tuple[int, int, int]]:
    return [(note.pitch, note.start, note.end) for note in notes]


def places(activity: Activity) -> list[tuple[int, int]]:
    found = candidates.candidates(activity)
    return list(zip((found.row + LOWEST_PITCH).tolist(), found.frame.tolist(), strict=True))


@pytest.mark.parametrize("frames", [0, 1, 2, FRAMES])
def test_nothing_gives_nothing(frames: int) -> None:
    assert all(notes == [] for notes in find_notes(quiet(frames)).values())


@pytest.mark.usefixtures("plain")
def test_chords_are_several_notes_that_last_while_they_sound() -> None:
    activity = quiet()
    for pitch in (60, 64, 67):
        play(activity, pitch, 20, 60)

    notes = find_notes(activity)[Strength.USUAL]

    assert [note.pitch for note in notes] == [60, 64, 67]
    for note in notes:
        assert 14 <= note.start <= 20
        assert note.end == pytest.approx(60, abs=8)


@pytest.mark.usefixtures("plain")
def test_a_note_struck_again_is_two_notes_that_do_not_overlap() -> None:
    activity = quiet()
    play(activity, 60, 10, 40)
    play(activity, 60, 40, 70)

    first, second = find_notes(activity)[Strength.USUAL]

    assert first.end <= second.start + 6
    assert second.start == pytest.approx(40, abs=6)


@pytest.mark.usefixtures("plain")
def test_of_two_peaks_within_fifty_milliseconds_one_is_a_note() -> None:
    activity = quiet()
    play(activity, 60, 10, 40)
    activity.beginning[60 - LOWEST_PITCH, 13] = round(0.85 * SURE)

    assert len(places(activity)) == 2
    assert len(find_notes(activity)[Strength.USUAL]) == 1


@pytest.mark.usefixtures("plain")
def test_what_sounds_alone_though_nothing_begins_is_a_note_and_its_partials_are_none() -> None:
    activity = quiet()
    activity.sounding[[10, 22], 30:60] = SURE * 4 // 5

    assert spans(find_notes(activity)[Strength.USUAL]) == [(31, 30, 60)]


def test_a_sound_that_begins_without_a_peak_is_a_candidate() -> None:
    activity = quiet()
    activity.sounding[39, 10:40] = np.minimum(np.arange(30) * 20, 200)

    assert [(pitch, 10 <= frame <= 20) for pitch, frame in places(activity)] == [(60, True)]


def test_two_equal_frames_are_one_peak() -> None:
    activity = quiet()
    activity.beginning[39, 20:22] = SURE // 2

    assert places(activity) == [(60, 20)]


@pytest.mark.usefixtures("plain")
def test_more_notes_are_at_least_the_usual_ones_and_fewer_at_most() -> None:
    random = np.random.default_rng(3)
    activity = quiet(600)
    for _ in range(120):
        start = int(random.integers(0, 560))
        play(
            activity, int(random.integers(40, 80)), start, start + 30, attack=float(random.uniform(0.2, 0.9))
        )

    found = find_notes(activity)

    counts = [len(found[strength]) for strength in (Strength.FEWER, Strength.USUAL, Strength.MORE)]
    assert counts == sorted(counts)
    assert counts[0] < counts[2]


def test_a_long_song_has_the_same_notes_as_if_it_were_looked_at_in_one_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = np.random.default_rng(5)
    activity = quiet(5_000)
    for start in random.integers(0, 4_900, 300).tolist():
        length = int(random.choice([20, 60, 400]))
        play(activity, int(random.integers(30, 90)), start, start + length, attack=random.uniform(0.2, 0.9))
    whole = find_notes(activity)

    monkeypatch.setattr("bot.studio.transcriber.notes.SECTION_FRAMES", 700)

    parts = notes_of(activity)
    assert len(whole[Strength.USUAL]) > 50
    assert {strength: found.tolist() for strength, found in parts.items()} == {
        strength: table(*notes).tolist() for strength, notes in whole.items()
    }


def test_a_note_certainly_ends_where_its_pitch_is_struck_again_or_has_long_been_silent() -> None:
    activity = quiet()
    play(activity, 60, 10, 30)
    play(activity, 60, 30, 40)
    play(activity, 62, 80, FRAMES)

    last = endings.spans(activity, np.array([39, 39, 41]), np.array([10, 30, 80]))

    assert last.tolist() == [30, 40, FRAMES]


@given(seed=st.integers(0, 10_000), frames=st.integers(0, 60), level=st.floats(0, 1))
@settings(max_examples=60)
def test_any_grid_gives_ordered_notes_within_it(seed: int, frames: int, level: float) -> None:
    random = np.random.default_rng(seed)
    grids = (random.random((3, PITCHES, frames)) * level * SURE).astype(np.uint8)
    activity = Activity(grids[0], grids[1], grids[2], random.random(frames, np.float32))

    notes = find_notes(activity)[Strength.MORE]

    for note in notes:
        assert 0 <= note.start < note.end <= frames
        assert LOWEST_PITCH <= note.pitch < LOWEST_PITCH + PITCHES
        assert 0 <= note.strength <= 1
    for pitch in {note.pitch for note in notes}:
        line = sorted((note.start, note.end) for note in notes if note.pitch == pitch)
        assert all(before[1] <= after[0] for before, after in pairwise(line))


def test_what_nobody_can_hear_is_left_out() -> None:
    activity = quiet()
    activity.level[50:] = 1e-6
    heard, noise = Note(0, 20, 60, 0.8), Note(60, 80, 60, 0.8)

    assert audible(activity.level, table(heard, noise)).tolist() == table(heard).tolist()


def test_velocities_follow_the_level_and_stay_within_bounds() -> None:
    activity = quiet()
    activity.level[:] = np.geomspace(1, 1e-5, FRAMES)
    notes = [Note(start, start + 5, 60, 0.8) for start in range(0, 90, 10)]

    found = velocities(activity.level, table(*notes))

    assert (np.diff(found) <= 0).all()
    assert found[0] > 0.8
    assert (found > 0.1).all()
    assert (found <= 1).all()
    assert velocities(activity.level, table()).size == 0
