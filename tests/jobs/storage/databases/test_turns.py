"""Turns: who is waited for goes first, and nobody's place is lost."""

import asyncio

from bot.jobs.storage.databases.turns import Turns


async def come(turns: Turns, name: str, order: list[str], *, first: bool = False) -> None:
    async with turns.turn(first=first):
        order.append(name)
        await asyncio.sleep(0)


async def test_who_is_waited_for_goes_before_who_merely_works() -> None:
    turns, order = Turns(1), list[str]()
    async with turns.turn(first=False):
        waiting = [
            asyncio.create_task(come(turns, name, order, first=name.isupper()), name=name) for name in "abAB"
        ]
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    assert order == ["A", "B", "a", "b"]


async def test_a_place_is_not_lost_with_who_gave_up_waiting() -> None:
    turns, order = Turns(1), list[str]()
    async with turns.turn(first=False):
        waiting = [asyncio.create_task(come(turns, name, order), name=name) for name in "abc"]
        await asyncio.sleep(0)
        waiting[0].cancel()
    # Called by the end of the block above, and cancelled before it could begin.
    waiting[1].cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert order == ["c"]
    await come(turns, "d", order)
    assert order == ["c", "d"]


async def test_there_are_as_many_places_as_were_given() -> None:
    turns, inside, most = Turns(3), 0, 0

    async def work() -> None:
        nonlocal inside, most
        async with turns.turn(first=False):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(work() for _ in range(20)))
    assert most == 3
