"""Places go round: by person, and by server among those who had as few."""

import asyncio

import pytest

from bot.jobs.work.places import Places
from bot.rounds import Whose


class Room:
    """People who want a place, one after the other, and leave it when they are told to."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.inside: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._leave: dict[str, asyncio.Event] = {}

    async def come(self, name: str, person: str, server: str | None = None) -> None:
        self._leave[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._stay(name, Whose(person, server)), name=name)
        await self.settle()

    async def leave(self, name: str) -> None:
        self._leave[name].set()
        await self.settle()

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    async def order(self, count: int) -> list[str]:
        """In which order the next `count` come in, each leaving as soon as they are."""
        found = []
        for _ in range(count):
            (name,) = self.inside
            found.append(name)
            await self.leave(name)
        return found

    async def _stay(self, name: str, whose: Whose) -> None:
        async with self.places.place(whose):
            self.inside.append(name)
            try:
                await self._leave[name].wait()
            finally:
                self.inside.remove(name)


async def test_no_more_come_in_than_there_are_places() -> None:
    room = Room(Places(2))
    for name in "abc":
        await room.come(name, person=name)
    assert room.inside == ["a", "b"]
    await room.leave("a")
    assert room.inside == ["b", "c"]
    for name in "bc":
        await room.leave(name)
    assert room.inside == []


async def test_everybody_has_one_before_anybody_has_two() -> None:
    room = Room(Places(1))
    for name in ("a1", "a2", "a3", "b1", "b2", "c1"):
        await room.come(name, person=name[0])
    assert await room.order(6) == ["a1", "b1", "c1", "a2", "b2", "a3"]


async def test_among_equals_the_servers_take_turns() -> None:
    room = Room(Places(1))
    for name in ("big1", "big2", "big3", "big4"):
        await room.come(name, person=name, server="big")
    await room.come("small1", person="small1", server="small")
    await room.come("alone", person="alone")
    assert await room.order(6) == ["big1", "small1", "alone", "big2", "big3", "big4"]


async def test_one_person_on_many_servers_is_one_person() -> None:
    room = Room(Places(1))
    for server in ("x", "y", "z"):
        await room.come(f"a on {server}", person="a", server=server)
    await room.come("b", person="b", server="x")
    assert (await room.order(4))[:2] == ["a on x", "b"]


async def test_nobody_holds_more_than_each_may_even_where_a_place_is_free() -> None:
    room = Room(Places(3, each=1))
    for name in ("a1", "a2", "b1"):
        await room.come(name, person=name[0])
    assert room.inside == ["a1", "b1"]
    await room.leave("a1")
    assert room.inside == ["b1", "a2"]
    for name in ("b1", "a2"):
        await room.leave(name)


async def test_one_person_has_as_many_as_are_left_for_others() -> None:
    room = Room(Places(4))
    for name in ("a1", "a2", "a3", "b1", "c1"):
        await room.come(name, person=name[0])
    assert room.inside == ["a1", "a2", "b1", "c1"]
    for name in ("a1", "a2", "b1", "c1", "a3"):
        await room.leave(name)


async def test_a_server_leaves_some_of_many_places_to_others() -> None:
    room = Room(Places(8, each=1))
    for name in "abcdefgh":
        await room.come(name, person=name, server="big")
    assert room.inside == list("abcdef")
    await room.come("small", person="small", server="small")
    await room.come("alone", person="alone")
    assert room.inside == [*"abcdef", "small", "alone"]
    for name in [*room.inside, "g", "h"]:
        await room.leave(name)


async def test_one_server_has_all_of_few_places() -> None:
    room = Room(Places(2, each=1))
    for name in "ab":
        await room.come(name, person=name, server="big")
    assert room.inside == ["a", "b"]
    for name in "ab":
        await room.leave(name)


async def test_who_comes_in_knows_whether_there_was_any_waiting() -> None:
    places = Places(1)
    told = []

    async def second() -> None:
        async with places.place(Whose("b")) as has_waited:
            told.append(has_waited)

    async with places.place(Whose("a")) as has_waited:
        told.append(has_waited)
        waiting = asyncio.create_task(second(), name="second")
        await asyncio.sleep(0)
    await waiting
    assert told == [False, True]


async def test_who_gives_up_waiting_takes_no_place_along() -> None:
    room = Room(Places(1))
    for name in "abc":
        await room.come(name, person=name)
    room.tasks["b"].cancel()
    await room.leave("a")
    assert room.inside == ["c"]
    await room.leave("c")
    await room.come("d", person="d")
    assert room.inside == ["d"]
    await room.leave("d")


async def test_who_is_called_and_cancelled_at_once_hands_the_place_on() -> None:
    room = Room(Places(1))
    for name in "abc":
        await room.come(name, person=name)
    room._leave["a"].set()
    # Cancelled when the place was given, before it could be taken.
    room.tasks["a"].add_done_callback(lambda _: room.tasks["b"].cancel())
    await room.settle()
    assert room.inside == ["c"]
    await room.leave("c")


async def test_a_place_is_free_again_after_an_error() -> None:
    places = Places(1)
    with pytest.raises(ValueError, match="ours"):
        async with places.place(Whose("a")):
            raise ValueError("ours")
    async with asyncio.timeout(5), places.place(Whose("b")):
        pass


async def test_there_is_room_for_who_would_not_wait() -> None:
    places = Places(4)
    async with places.place(Whose("a", "big")), places.place(Whose("a", "big")):
        assert not places.has_room(Whose("a", "small"))
        assert places.has_room(Whose("b", "big"))
        async with places.place(Whose("b", "big")):
            assert not places.has_room(Whose("c", "big"))
            assert places.has_room(Whose("c", "small"))
            async with places.place(Whose("c", "small")):
                assert not places.has_room(Whose("d"))
    assert places.has_room(Whose("a", "big"))
