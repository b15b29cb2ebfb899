"""The answer to requests without a target is given to a server that is there."""

import pytest
from aiohttp import web

from bot.web.malformed import take_what_has_no_target


def test_a_runner_that_was_not_set_up_is_told() -> None:
    with pytest.raises(RuntimeError, match="not set up"):
        take_what_has_no_target(web.AppRunner(web.Application()))
