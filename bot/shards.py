"""Shards, as Discord calls the connections that share a bot's servers: their numbers, as people write and read them."""

from collections.abc import Iterable
from itertools import groupby
from typing import Final

MOST_SHARDS: Final = 16_384
"""For 40 million servers; there are fewer in all of Discord."""


def shard_ids(text: str) -> tuple[int, ...]:
    """Numbers and spans of them, such as 0-3,8, in order.

    Raises:
        ValueError: with the sentence that says what would be right.
    """
    spans = [part.strip().partition("-") for part in text.split(",")]
    if not all(_is_shard(first) and (not dash or _is_shard(last)) for first, dash, last in spans):
        raise ValueError(f"must be numbers of shards, such as 0-3 or 0,2,5, each below {MOST_SHARDS}")
    ends = [(int(first), int(last if dash else first)) for first, dash, last in spans]
    if any(first > last for first, last in ends):
        raise ValueError("must be spans that go up, such as 0-3")
    return tuple(sorted({shard for first, last in ends for shard in range(first, last + 1)}))


def _is_shard(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and int(text) < MOST_SHARDS


def spans(ids: Iterable[int]) -> str:
    """The shortest way to write some shards: `0-3, 8`."""
    # Neighbours differ from their place in the order by the same number.
    neighbours = groupby(enumerate(sorted(set(ids))), lambda placed: placed[1] - placed[0])
    runs = [[shard for _, shard in run] for _, run in neighbours]
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
