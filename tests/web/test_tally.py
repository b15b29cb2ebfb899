"""What is turned away is told at once, and then once a minute for as long as there is any."""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.web.tally import Tally


def told(events: list[Any]) -> list[dict[str, int]]:
    return [
        {name: value for name, value in event.items() if name not in {"event", "log_level"}}
        for event in events
    ]


async def told_after(events: list[Any], count: int) -> dict[str, int]:
    """The next line after so many."""
    async with asyncio.timeout(10):
        while len(events) == count:  # noqa: ASYNC110 (the log gives no other sign)
            await asyncio.sleep(0.01)
    return told(events)[-1]


async def test_the_first_at_once_and_the_others_together() -> None:
    with capture_logs() as events:
        tally = Tally(every_seconds=0.05)
        assert [tally.count("malformed") for _ in range(3)] == [True, False, False]
        assert tally.count("forged")
        assert not tally.count("forged")
        assert told(events) == [{"malformed": 1}]
        assert await told_after(events, 1) == {"malformed": 2, "forged": 2}
        assert tally.count("malformed")
        assert await told_after(events, 2) == {"malformed": 1}
        tally.close()
    assert len(events) == 3


async def test_it_is_told_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    now, later = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: now() + later)
    with capture_logs() as events:
        tally = Tally()
        tally.count("malformed")
        for later in (50.0, 61.0):
            tally.count("forged")
            # The loop notices that it is later.
            await asyncio.sleep(0.01)
            assert len(events) == (1 if later < 60 else 2)
        tally.close()


async def test_what_is_left_is_told_at_the_end() -> None:
    with capture_logs() as events:
        tally = Tally()
        tally.count("malformed")
        tally.count("malformed")
        tally.close()
    assert told(events) == [{"malformed": 1}, {"malformed": 1}]
