"""What the grids look like around a candidate."""

import numpy as np
import pytest

from bot.studio.transcriber.activity import PITCHES, Activity
from bot.studio.transcriber.candidates import Candidates, Numbers
from bot.studio.transcriber.patches import AT_ONCE, DISTANCES, LAGS, patches

FRAMES = 200


def grids(frames: int = FRAMES) -> Activity:
    random = np.random.default_rng(7)
    sounding, beginning, loudness = random.integers(0, 256, (3, PITCHES, frames)).astype(np.uint8)
    return Activity(sounding, beginning, loudness, np.ones(frames, np.float32))


def seen(activity: Activity, *places: tuple[int, int]) -> Numbers:
    """[candidates, LAGS, DISTANCES, 3] around each (row, frame)."""
    row, frame = np.array(places, np.int64).reshape(-1, 2).T
    found = Candidates(row, frame, np.ones(row.size, np.float32))
    every = [np.zeros((0, len(LAGS) * len(DISTANCES) * 3), np.float32), *patches(activity, found)]
    return np.concatenate(every).reshape(-1, len(LAGS), len(DISTANCES), 3)


def test_without_candidates_there_is_nothing_to_see() -> None:
    assert seen(grids()).size == 0


@pytest.mark.parametrize(("lag", "distance"), [(0, 0), (56, 28), (-48, -36), (5, -12)])
def test_a_place_is_told_by_its_frames_and_semitones_from_the_candidate(lag: int, distance: int) -> None:
    activity = grids()

    patch = seen(activity, (45, 100))[0, LAGS.index(lag), DISTANCES.index(distance)]

    place = 45 + distance, 100 + lag
    assert patch[:2].tolist() == [activity.sounding[place], activity.beginning[place]]


def test_loudness_is_told_beside_the_candidate_s_own_and_not_under_what_can_be_told_apart() -> None:
    activity = grids()
    activity.loudness[:] = 20
    activity.loudness[45, 103] = 220
    activity.loudness[57, 100] = 180

    loudness = seen(activity, (45, 100))[0, LAGS.index(0), :, 2]

    assert loudness[DISTANCES.index(12)] == 180 - 220
    assert loudness[DISTANCES.index(7)] == -100  # 50 dB are told apart


@pytest.mark.parametrize("place", [(0, 0), (PITCHES - 1, FRAMES - 1)])
def test_beyond_the_keyboard_and_the_song_there_is_silence(place: tuple[int, int]) -> None:
    patch = seen(grids(), place)[0]

    rows, frames = np.array(DISTANCES) + place[0], np.array(LAGS) + place[1]
    outside = ((rows < 0) | (rows >= PITCHES))[None, :] | ((frames < 0) | (frames >= FRAMES))[:, None]
    assert outside.any()
    assert not patch[outside, :2].any()


def test_many_are_seen_as_each_is_alone() -> None:
    activity = grids(3_000)
    places = [(number % PITCHES, 5 + 9 * number) for number in range(AT_ONCE + 20)]

    together = seen(activity, *places)

    assert len(together) == len(places)
    for number in (0, AT_ONCE - 1, AT_ONCE, len(places) - 1):
        assert together[number].tolist() == seen(activity, places[number])[0].tolist()
