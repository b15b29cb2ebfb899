import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sound.pcm import SAMPLE_RATE, finished, from_bytes


def tone(peak: float, seconds: float = 1.0) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    wave = np.sin(np.arange(round(seconds * SAMPLE_RATE)) * 0.05)
    return np.stack([wave, wave], axis=1).astype(np.float32) * np.float32(peak)


@given(st.floats(0.001, 50))
def test_any_loudness_comes_out_at_one_peak_below_full_scale(peak: float) -> None:
    heard = np.abs(finished(tone(peak), fade_in_seconds=0, fade_out_seconds=0)).max()
    assert heard == pytest.approx(0.8, rel=0.01)


def test_both_ends_fade_and_the_middle_stays() -> None:
    heard = np.abs(finished(tone(1), fade_in_seconds=0.1, fade_out_seconds=0.2)).max(axis=1)
    assert heard[0] == heard[-1] == 0
    assert heard[: SAMPLE_RATE // 20].max() < heard[SAMPLE_RATE // 5 :].max() * 0.6
    assert heard[-SAMPLE_RATE // 10 :].max() < 0.5
    assert heard[SAMPLE_RATE // 2 : SAMPLE_RATE // 2 + 1000].max() == pytest.approx(0.8, rel=0.01)


def test_silence_stays_silence() -> None:
    assert not finished(tone(0), fade_in_seconds=0.05, fade_out_seconds=0.5).any()


def test_a_fade_longer_than_the_sound_is_as_long_as_the_sound() -> None:
    assert finished(tone(1, 0.01), fade_in_seconds=1, fade_out_seconds=1).shape == (480, 2)


@pytest.mark.parametrize("frames", [0, 1, 3, 8])
def test_too_few_samples_are_filled_and_too_many_cut(frames: int) -> None:
    samples = np.arange(1, 7, dtype=np.float32).tobytes()
    pcm = from_bytes(samples, frames)
    assert pcm.shape == (frames, 2)
    assert pcm[:3].ravel().tolist() == [1, 2, 3, 4, 5, 6][: 2 * frames]
    assert not pcm[3:].any()
