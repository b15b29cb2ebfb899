"""What is counted and timed while the program runs: plain numbers in memory, which `/metrics` shows where it is switched on.

Labels are words of our own or codes of a protocol, never what people send: each new one is kept for as long as the program runs.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from typing import Final

import msgspec

_STEP_BOUNDS: Final = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0)
_LAG_BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Counted(msgspec.Struct, frozen=True):
    """Something that happens, told apart by `labels`."""

    name: str
    told: str
    labels: tuple[str, ...]


class Timed(msgspec.Struct, frozen=True):
    """Something that takes time, counted up to each of `bounds`, in seconds."""

    name: str
    told: str
    labels: tuple[str, ...]
    bounds: tuple[float, ...]


JOBS_ENDED: Final = Counted(
    "pianola_jobs_ended", "Jobs that came to an end, and by which error", ("state", "error")
)
CALLBACKS: Final = Counted(
    "pianola_callbacks", "Callbacks by the status they were answered with", ("status",)
)
KIE_CALLS: Final = Counted(
    "pianola_kie_calls",
    "Calls of the studio by path, and the code in its answer or the error",
    ("call", "outcome"),
)
DISCORD_CALLS: Final = Counted(
    "pianola_discord_calls", "Calls of Discord by the status of its answer", ("outcome",)
)
JOB_SECONDS: Final = Timed("pianola_job_seconds", "From a command to its result", (), _STEP_BOUNDS)
STEP_SECONDS: Final = Timed(
    "pianola_step_seconds", "One look at a job, by the state it was in", ("state",), _STEP_BOUNDS
)
LOOP_LAG_SECONDS: Final = Timed(
    "pianola_loop_lag_seconds", "How much later than asked for the event loop came back", (), _LAG_BOUNDS
)

COUNTED: Final = (JOBS_ENDED, CALLBACKS, KIE_CALLS, DISCORD_CALLS)
TIMED: Final = (JOB_SECONDS, STEP_SECONDS, LOOP_LAG_SECONDS)


class Spread(msgspec.Struct):
    """How often something took up to each bound, the last one being any time, and how long all of it took."""

    counts: list[int]
    seconds: float = 0.0


class _Kept(msgspec.Struct, frozen=True):
    counts: defaultdict[str, Counter[tuple[str, ...]]] = msgspec.field(
        default_factory=lambda: defaultdict(Counter)
    )
    spreads: defaultdict[str, dict[tuple[str, ...], Spread]] = msgspec.field(
        default_factory=lambda: defaultdict(dict)
    )


_KEPT: Final = _Kept()


def count(what: Counted, *labels: str) -> None:
    """It happened once more."""
    _KEPT.counts[what.name][labels] += 1


def took(what: Timed, seconds: float, *labels: str) -> None:
    """It took so long this time."""
    spreads = _KEPT.spreads[what.name]
    spread = spreads.setdefault(labels, Spread([0] * (len(what.bounds) + 1)))
    spread.counts[bisect_left(what.bounds, seconds)] += 1
    spread.seconds += seconds


def counts_of(what: Counted) -> dict[tuple[str, ...], int]:
    """How often so far, by the labels."""
    return dict(_KEPT.counts[what.name])


def spreads_of(what: Timed) -> dict[tuple[str, ...], Spread]:
    """How long so far, by the labels."""
    return dict(_KEPT.spreads[what.name])
