"""Forks bots that have imported everything already.

Each line that it reads is the file for one bot's log. It writes `started PID`, and at that bot's end `ended PID CODE`.
"""

import contextlib
import os
import signal
import sys
from importlib import import_module

from tests.chaos.launch import run

_ALSO_IMPORTED = (
    "bot.app",
    "bot.chat.discord.gateway",
)
"""What a bot imports on its way to be connected, besides what its command does at once."""


def main() -> None:
    for name in _ALSO_IMPORTED:
        import_module(name)
    signal.signal(signal.SIGCHLD, _tell_who_ended)
    for line in sys.stdin:
        if (pid := os.fork()) == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _write_to(line.removesuffix("\n"))
            run()
        _tell("started", pid)


def _tell_who_ended(*_: object) -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            _tell("ended", ended[0], os.waitstatus_to_exitcode(ended[1]))


def _tell(*words: object) -> None:
    # Not by `print`, which cannot be interrupted by itself.
    os.write(1, f"{' '.join(map(str, words))}\n".encode())


def _write_to(log: str) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    written = os.open(log, os.O_WRONLY | os.O_APPEND)
    for opened, place in ((nothing, 0), (written, 1), (written, 2)):
        os.dup2(opened, place)
    os.close(nothing)
    os.close(written)


if __name__ == "__main__":
    main()
