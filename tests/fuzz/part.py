"""A part of what comes from outside: what is made up, and what must hold of each case."""

import itertools
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

BATCH = 5_000
"""Cases that hypothesis keeps in mind at once, so as to make no two alike."""

_LONGEST_TOLD = 5_000
"""Characters of a trace: its end, with the case."""

_LONGEST_SHOWN = 1_000

Check: TypeAlias = Callable[[Any], str]
"""Does what the program does with a case, and says in a word what came of it; raises for what must not be."""


@dataclass(frozen=True, slots=True)
class Part:
    """`cases` makes them up, `check` takes them."""

    cases: st.SearchStrategy[Any]
    check: Check


Opening: TypeAlias = Callable[[], AbstractContextManager[Part]]
"""A part may need something that runs meanwhile."""


@contextmanager
def ready(part: Part) -> Iterator[Part]:
    """A part that needs nothing."""
    yield part


@dataclass(slots=True)
class Outcome:
    """What came of a part. With a `failure` the cases end there; its `seed` makes the same ones again."""

    cases: int = 0
    seconds: float = 0.0
    longest_ms: float = 0.0
    longest_of: str = ""
    found: Counter[str] = field(default_factory=Counter)
    failure: str | None = None
    seed: int | None = None


def run(part: Part, count: int, first_seed: int) -> Outcome:
    """So many cases, in batches with a seed each."""
    outcome = Outcome()
    began = time.monotonic()
    for number in itertools.count():
        left = count - number * BATCH
        if left <= 0:
            break
        batch_seed = first_seed + number
        try:
            _batch(part, min(BATCH, left), batch_seed, outcome)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is the finding)
            outcome.failure = "".join(traceback.format_exception(error))[-_LONGEST_TOLD:]
            outcome.seed = batch_seed
            break
    outcome.seconds = time.monotonic() - began
    return outcome


def _batch(part: Part, count: int, batch_seed: int, outcome: Outcome) -> None:
    @seed(batch_seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(part.cases)
    def check(case: Any) -> None:
        # Of the processor: another program's turn is no fault of a case.
        began = time.process_time()
        try:
            word = part.check(case)
        except Exception as error:
            error.add_note(f"by {case!r}"[:_LONGEST_SHOWN])
            raise
        took = (time.process_time() - began) * 1000
        if took > outcome.longest_ms:
            outcome.longest_ms, outcome.longest_of = took, repr(case)[:_LONGEST_SHOWN]
        outcome.found[word] += 1
        outcome.cases += 1

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # hypothesis' own, of what it cannot know about a test that is no test of pytest's
        warnings.filterwarnings("ignore", module="hypothesis")
        # discord.py's own: it gives `re.sub` its count by place, which Python 3.13 deprecates
        warnings.filterwarnings("ignore", "'count' is passed as positional", DeprecationWarning)
        check()
