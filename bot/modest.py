"""How a helper process behaves: it takes the core last, no more memory than it may have, and is the first to go where all have too little.

Apart from what starts helpers: that brings asyncio along, 12 MB in each of them.
"""

import contextlib
import errno
import os
import resource
import signal
from pathlib import Path

_NICENESS = 10
"""The bot answers people meanwhile; its loop goes first on a shared core."""

_FIRST_TO_GO = "900"
"""Of 1000. Where a container's memory is full the kernel ends the largest process, and of a bot, two sheets and a video in
256 MB that was the bot."""

_NO_MEMORY = (
    "bad_alloc",
    "failed to allocate",
    "cannot allocate memory",
    "failed to map segment",
    "cannot map zero-fill pages",
    "can't start new thread",
)
"""What is said for want of memory by what has no class for it: onnxruntime, the system's loader, threads."""


def be_modest(most_bytes: int | None = None) -> None:
    """Called by a helper first of all: take the core last, at most so much memory, and go before the bot does."""
    # Ctrl-C reaches every process of a terminal; a helper is ended by who started it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICENESS)
    # Not every system has it, and not every container lets it be written.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO, encoding="ascii")
    if most_bytes is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        most = most_bytes if hard == resource.RLIM_INFINITY else min(most_bytes, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def is_want_of_memory(error: BaseException) -> bool:
    """Whether an error, or one that it came of, is that of a process at its limit, where also an import fails in its own way."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, MemoryError) or getattr(found, "errno", None) == errno.ENOMEM:
            return True
        if any(words in str(found).lower() for words in _NO_MEMORY):
            return True
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return False
