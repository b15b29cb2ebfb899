"""Work that goes on beside a block."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.background import beside
from tests.studio.conftest import eventually


async def test_it_is_done_while_the_block_is_and_ends_with_it() -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with beside(work(), name="a chore"):
        await began.wait()
        assert not ended.is_set()
    assert ended.is_set()


async def test_its_error_is_told_with_its_name_and_ends_nothing_else() -> None:
    async def work() -> None:
        raise ValueError("no ink")

    with capture_logs() as lines:
        async with beside(work(), name="a chore"):
            await eventually(lambda: bool(lines))

    [line] = lines
    assert (line["event"], line["task"], str(line["exc_info"])) == ("background.ended", "a chore", "no ink")


async def test_an_error_of_the_block_is_the_blocks() -> None:
    with pytest.raises(ValueError, match="mine"):
        async with beside(asyncio.sleep(60), name="a chore"):
            raise ValueError("mine")
