"""Numbers of shards, as people write and read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.shards import shard_ids, spans


@given(st.sets(st.integers(0, 16_383), min_size=1, max_size=50))
def test_what_is_written_is_read_again(ids: set[int]) -> None:
    assert shard_ids(spans(ids)) == tuple(sorted(ids))


def test_neighbours_are_written_as_a_span() -> None:
    assert spans({3, 0, 1, 2, 8}) == "0-3, 8"
    assert spans([]) == ""


@given(st.text(st.sampled_from("0123456789,- "), max_size=12))
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    told = ""
    try:
        ids = shard_ids(text)
    except ValueError as error:
        ids, told = (), str(error)
    assert bool(ids) is not told.startswith("must be")
    assert ids == tuple(sorted(set(ids)))


def test_more_than_there_can_be_is_refused() -> None:
    with pytest.raises(ValueError, match="each below 16384"):
        shard_ids("16384")
