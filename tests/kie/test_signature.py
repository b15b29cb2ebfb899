"""Callbacks are believed only with a right and recent signature."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kie.signature import TOLERANCE_SECONDS, sign, verify

KEY = "example-hmac-key"
TASK = "5c79aaaabbbbccccddddeeeeffffbe8e"
STAMP = "1769670760"
SIGNATURE = "G3Qg/yUgkgqmBex6xaQ59U7ItwaKJN1FgWuHSYQtQHo="
NOW = 1769670760.0


def test_the_known_vector_is_signed() -> None:
    assert sign(KEY, TASK, STAMP) == SIGNATURE


def test_a_right_signature_is_believed() -> None:
    assert verify(KEY, TASK, STAMP, SIGNATURE, now=NOW)


@pytest.mark.parametrize("drift", [-TOLERANCE_SECONDS, TOLERANCE_SECONDS])
def test_a_clock_that_drifts_within_the_tolerance_is_believed(drift: int) -> None:
    assert verify(KEY, TASK, STAMP, SIGNATURE, now=NOW + drift)


@pytest.mark.parametrize("drift", [-TOLERANCE_SECONDS - 1, TOLERANCE_SECONDS + 1])
def test_an_old_or_future_signature_is_refused(drift: int) -> None:
    assert not verify(KEY, TASK, STAMP, SIGNATURE, now=NOW + drift)


def test_another_key_another_task_and_another_time_are_refused() -> None:
    assert not verify("other", TASK, STAMP, SIGNATURE, now=NOW)
    assert not verify(KEY, TASK + "0", STAMP, SIGNATURE, now=NOW)
    assert not verify(KEY, TASK, "1769670761", SIGNATURE, now=NOW)


@pytest.mark.parametrize("stamp", ["", "-1", "1e9", "\u0661", "nan", "9" * 5000, " 1769670760", "1_769"])
def test_a_time_that_is_no_time_is_refused_even_when_signed(stamp: str) -> None:
    assert not verify(KEY, TASK, stamp, sign(KEY, TASK, stamp), now=NOW)


@given(st.text(), st.text(), st.text())
def test_any_text_gives_an_answer(task_id: str, timestamp: str, signature: str) -> None:
    assert not verify(KEY, task_id, timestamp, signature, now=NOW)


@given(st.text(), st.integers(0, 2**40))
def test_what_is_signed_is_verified(task_id: str, seconds: int) -> None:
    assert verify(KEY, task_id, str(seconds), sign(KEY, task_id, str(seconds)), now=float(seconds))
