"""What a test left running beside itself."""

import psutil


def children() -> list[psutil.Process]:
    """The processes that this one started and that still run."""
    # Python's own resource tracker stays, once another test has used a process.
    everybody = psutil.Process().children(recursive=True)
    return [child for child in everybody if "resource_tracker" not in " ".join(child.cmdline())]
