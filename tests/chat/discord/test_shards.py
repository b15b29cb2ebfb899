"""What is told of the shards of all processes."""

from bot.chat.discord.shards import Shards, told_of
from bot.findings import Grade


def test_of_a_single_shard_nothing_is_told() -> None:
    assert told_of(1, {0}, 5) is None


def test_those_that_are_away_are_named() -> None:
    found = told_of(4, {0, 3}, 5)
    assert found is not None
    assert (found.grade, found.values) == (Grade.BROKEN, {"count": 4, "away": "1-2"})


def test_all_of_them_are_told_with_their_servers() -> None:
    found = told_of(4, {0, 1, 2, 3}, 5)
    assert found is not None
    assert (found.grade, found.values) == (Grade.FINE, {"count": 4, "servers": 5})


def test_a_shard_is_lost_later_where_others_serve() -> None:
    now = 0.0
    shards = Shards(lambda: now)
    shards.expect((0, 1), 2)
    shards.came(0)
    shards.went(1)
    now = 899.0
    assert shards.lost() == {}
    now = 901.0
    assert shards.lost() == {1: 901.0}
    shards.went(0)
    now = 1202.0
    assert shards.lost() == {0: 301.0, 1: 1202.0}
