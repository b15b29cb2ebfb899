"""What a test left running beside itself."""

import os
import re

import psutil

_STAY = re.compile(r"resource_tracker|tests\.process\.nursery")


def children() -> list[psutil.Process]:
    """The processes that this one started and that still run."""
    # Python's own resource tracker stays, once another test has used a process, and so does the nursery of tests of bots; what
    # that one forks has its command line too.
    everybody, own = psutil.Process().children(recursive=True), os.getpid()
    return [
        child for child in everybody if child.ppid() != own or not _STAY.search(" ".join(child.cmdline()))
    ]
