"""Forks bots that have imported everything already.

Each line that it reads is the file for one bot's log. It writes `started PID`, and at that bot's end `ended PID CODE`.
At the end of its input it ends those that live.
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
    living: set[int] = set()

    def tell_who_ended(*_: object) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                living.discard(ended[0])
                _tell("ended", ended[0], os.waitstatus_to_exitcode(ended[1]))

    signal.signal(signal.SIGCHLD, tell_who_ended)
    for line in sys.stdin:
        # One that ends at once is not to be known as dead before it is known as living.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        if (pid := os.fork()) == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            _write_to(line.removesuffix("\n"))
            run()
        living.add(pid)
        _tell("started", pid)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    # One that ends now is still known to the system until it is waited for.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    for pid in living:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


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
