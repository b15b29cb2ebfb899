"""Starts the bot as `tests.process.launch` does, with what the tests of kills and of many songs need besides."""

import functools
import os
from pathlib import Path

from bot.kie import client
from bot.kie.limits import Window
from tests.chaos import kills
from tests.process.launch import launch

COMMAND = "TEST_COMMAND"
"""The command of `pianola`: `run` or `worker`."""

KILLS = "TEST_KILLS"
"""A directory for `kills`."""

GENERATIONS = "TEST_GENERATIONS"
"""What the studio's account takes in 10 s: with the ordinary 20, 300 songs would wait for 150 s."""


def run() -> None:
    """Be that bot; returns by `SystemExit`."""
    kills.watch(Path(os.environ[KILLS]))
    setattr(client, "Window", functools.partial(Window, int(os.environ[GENERATIONS])))  # noqa: B010 (mypy knows a class)
    launch(os.environ[COMMAND])


if __name__ == "__main__":
    run()
