"""A few cases of each part, others each time; and that what breaks is told with what makes it break again."""

import secrets

import pytest
from hypothesis import strategies as st

from tests.fuzz.part import Part, run
from tests.fuzz.parts import PARTS

CASES = 100


@pytest.mark.parametrize("name", PARTS)
def test_nothing_that_comes_from_outside_breaks_anything(name: str) -> None:
    seed = secrets.randbelow(1 << 32)
    with PARTS[name]() as part:
        outcome = run(part, CASES, seed)
    assert outcome.failure is None, (
        f"uv run python -m tests.fuzz --part '{name}' --seed {seed}\n{outcome.failure}"
    )
    assert outcome.cases >= CASES // 2
    assert len(outcome.found) > 1


def test_what_breaks_is_told_and_broken_again_by_its_seed() -> None:
    def check(number: int) -> str:
        assert number < 1000
        return "small"

    part = Part(st.integers(0, 1 << 20), check)
    first = run(part, 100, 5)
    assert first.failure
    assert "AssertionError" in first.failure
    assert run(part, 100, first.seed or 0).failure == first.failure
