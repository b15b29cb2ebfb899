"""What else begins around a candidate."""

import numpy as np
import pytest

from bot.studio.transcriber import context
from bot.studio.transcriber.candidates import BLOCK_FRAMES, Candidates, Numbers

SURE, UNLIKELY = 20.0, -20.0
CHORD = 1 + context.INTERVALS.index(4)
"""Where it is told whether something begins a third above with it."""
REPEATED = 1 + len(context.INTERVALS)


def found(*places: tuple[int, int]) -> Candidates:
    """(frame, row) of each."""
    frame, row = np.array(places, np.int64).reshape(-1, 2).T
    return Candidates(row, frame, np.ones(row.size, np.float32))


def seen(places: Candidates, odds: list[float]) -> Numbers:
    return np.concatenate(list(context.numbers(places, np.array(odds, np.float32))))


def test_without_candidates_there_is_nothing_to_tell() -> None:
    assert list(context.numbers(found(), np.zeros(0, np.float32))) == []


@pytest.mark.parametrize(("odds", "told"), [(SURE, 1.0), (0.0, 0.5), (UNLIKELY, 0.0)])
def test_what_begins_with_it_is_told_as_surely_as_it_was_judged(odds: float, told: float) -> None:
    numbers = seen(found((100, 40), (102, 44)), [0.0, odds])

    assert numbers[0, CHORD] == pytest.approx(told, abs=1e-3)


def test_what_begins_much_later_makes_no_chord() -> None:
    numbers = seen(found((100, 40), (110, 44)), [0.0, SURE])

    assert numbers[0, CHORD] == pytest.approx(0, abs=1e-3)


def test_the_same_pitch_before_and_after_is_told_by_how_long() -> None:
    numbers = seen(found((100, 40), (115, 40), (400, 40)), [SURE] * 3)

    before, after = np.array(context.REPEATED).T
    for frame, row in zip((100, 115, 400), numbers, strict=True):
        others = np.array([other for other in (100, 115, 400) if other != frame]) - frame
        wanted = [
            np.sum((others >= first) & (others <= last)) for first, last in zip(before, after, strict=True)
        ]
        assert row[REPEATED : REPEATED + len(before)] == pytest.approx(wanted, abs=1e-3)


def test_at_the_edges_of_keyboard_and_song_there_is_silence() -> None:
    numbers = seen(found((0, 0), (0, 87)), [SURE, SURE])

    assert np.isfinite(numbers).all()
    assert numbers[:, CHORD] == pytest.approx([0, 0], abs=1e-3)


def test_candidates_are_told_the_same_wherever_a_block_begins() -> None:
    random = np.random.default_rng(3)
    frame = np.sort(random.integers(0, 2 * BLOCK_FRAMES, 500))
    row, odds = random.integers(0, 88, 500), random.normal(0, 3, 500).astype(np.float32)

    here = seen(Candidates(row, frame, odds), odds.tolist())
    later = seen(Candidates(row, frame + 900, odds), odds.tolist())

    np.testing.assert_allclose(here, later, atol=2e-3)


def test_what_comes_after_silence_is_lonely_and_what_goes_on_is_not() -> None:
    song = found((100, 40), (100, 44), (100, 47), (186, 40), (1_000, 40))

    assert context.lonely(song, np.full(5, SURE, np.float32)).tolist() == [True, True, True, False, True]
