"""Whose turn it is: everybody once before anybody twice, and among those who are equal, server by server."""

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from typing import TypeVar

import msgspec

_Waiting = TypeVar("_Waiting")

MOST_REMEMBERED = 10_000
"""People and servers whose last turn is known; about 1 MB. Who had none for so long counts as new."""


class Whose(msgspec.Struct, frozen=True):
    """Who asks for something, and on which server (None: outside of any)."""

    person: Hashable
    server: Hashable | None = None


class Rounds:
    """Remembers who had a turn when."""

    def __init__(self) -> None:
        """Nobody had one."""
        self._turns = 0
        self._last: OrderedDict[tuple[str, Hashable], int] = OrderedDict()

    def next_of(self, waiting: Iterable[tuple[Whose, _Waiting]]) -> _Waiting:
        """Whoever is next of `waiting`, which is in the order of coming and not empty, and now has a turn."""
        whose, chosen = min(waiting, key=lambda one: self._rank(one[0]))
        self._turns += 1
        for key in self._keys(whose):
            self._last[key] = self._turns
            self._last.move_to_end(key)
        while len(self._last) > MOST_REMEMBERED:
            self._last.popitem(last=False)
        return chosen

    def _rank(self, whose: Whose) -> list[int]:
        return [self._last.get(key, 0) for key in self._keys(whose)]

    def _keys(self, whose: Whose) -> list[tuple[str, Hashable]]:
        person = ("person", whose.person)
        # Outside of servers everybody is for themselves.
        return [person, person if whose.server is None else ("server", whose.server)]
