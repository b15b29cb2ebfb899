"""Take away each constant, bound and guard of a room in turn, and see whether its tests miss it.

    uv run python -m tests.mutants                        every room of ROOMS
    uv run python -m tests.mutants bot/web                one of them
    uv run python -m tests.mutants bot/jobs/work/tasks.py one module
    uv run python -m tests.mutants bot/web/tally.py tests/web/test_tally.py
                                                          with these tests only, while one writes them

Prints JSON: how many mutants there were, and those that no test missed. Works in a copy of the tree, and of the room's tests
runs only those that reach the changed lines, those of the module itself and the quickest first, until one fails. Which tests
reach what is found once, and kept in `.mutants/`.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.mutants.copied import changed, copy_of_tree
from tests.mutants.mutate import Mutant, mutants_of
from tests.mutants.reach import Reach
from tests.mutants.running import ORIGINALS, fails, one_postgres, prepare

ROOMS = {
    "bot/jobs": ("tests/jobs", "tests/doctor/test_database.py", "tests/test_app.py"),
    "bot/web": ("tests/web",),
    "bot/chat/discord": ("tests/chat", "tests/cogs"),
}
"""Rooms, and the tests that have to miss what is taken away from them."""

KNOWN: dict[str, str] = {
    "bot/jobs/admission.py: never asker.server_id is None": "it saves a look at the database, which has no rules for None",
    "bot/jobs/engines/embedded.py: never room <= 0": "it saves a look at the database, which gives nothing where nothing may begin",
    "bot/jobs/engines/look.py: MOST_IN_HAND with 1000 a thousand times as large": "its test sets it, not to begin so many",
    "bot/jobs/engines/procrastinate.py: _NOW_FIRST with 1 a thousand times as large": "any number above 0 comes first",
    "bot/jobs/work/retelling.py: _PATIENCE_SECONDS with 600.0 a thousand times as large": "its test sets it, not to wait",
    "bot/jobs/storage/day.py: _AT_ONCE with 200 a thousand times as large": "it bounds what is held at a time, not what is counted",
    "bot/jobs/storage/store.py: _DELETED_AT_ONCE with 1000 a thousand times as large": "its test sets it, not to delete so many",
    "bot/jobs/work/songs.py: never job.view is None": "it saves a way to the workshop, which gives the whole song back",
    "bot/web/accepting.py: _WAITING with 128 a thousand times as large": "the system has a bound of its own",
    "bot/chat/discord/client.py: never application is None": "nobody asks for anything before the login, which sets it",
    "bot/chat/discord/courier.py: _MOST_REMEMBERED with 1000 a thousand times as large": "only memory shows it, 0.1 kB a song",
    "bot/chat/discord/courier.py: _PATIENCE_SECONDS with 10.0 a thousand times as large": "its test sets it, not to wait",
}
"""Mutants that nothing has to miss, by `path: what`, each with its reason."""


def _survivors(wanted: str, chosen_tests: list[str]) -> Iterator[tuple[Mutant, bool]]:
    """Every mutant of what is wanted, and whether it was missed."""
    with tempfile.TemporaryDirectory(prefix="pianola-mutants-") as directory, one_postgres():
        tree = copy_of_tree(Path(directory))
        for room, tests in ROOMS.items():
            for path in sorted((tree / room).rglob("*.py")):
                module = path.relative_to(tree).as_posix()
                if "migrations" not in path.parts and f"{module}/".startswith(f"{wanted.rstrip('/')}/"):
                    ORIGINALS[path] = path.read_text(encoding="utf-8")
                    yield from _of_module(tree, room, module, chosen_tests or tests)


def _of_module(tree: Path, room: str, module: str, tests: Sequence[str]) -> Iterator[tuple[Mutant, bool]]:
    left = [mutant for mutant in mutants_of(module, ORIGINALS[tree / module]) if mutant.name not in KNOWN]
    # Most are missed by the tests of the module itself, which are quickly found and run.
    own = tree / "tests" / Path(*Path(module).parts[1:-1]) / f"test_{Path(module).stem}.py"
    for files in ((own.relative_to(tree).as_posix(),) if own.exists() else ()), tests:
        if left and files:
            reach = Reach.of(tree, room, files)
            prepare(tree, reach.files)
            survivors = []
            for mutant in left:
                if _is_missed(tree, mutant, reach):
                    yield mutant, True
                else:
                    survivors.append(mutant)
            left = survivors
    for mutant in left:
        yield mutant, False


def _is_missed(tree: Path, mutant: Mutant, reach: Reach) -> bool:
    """Whether a test fails because of it."""
    tests = reach.tests(mutant)
    with changed(tree / mutant.path, mutant.source):
        return bool(tests) and fails(tree, mutant, tests, reach.patience(tests))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("wanted", nargs="?", default="bot", help="a room or a module")
    parser.add_argument("tests", nargs="*", help="test files, in the place of the room's")
    given = parser.parse_args()
    tried, survivors = 0, []
    for mutant, missed in _survivors(given.wanted, given.tests):
        tried += 1
        if not missed:
            survivors.append(mutant.name)
        sys.stderr.write(f"{'missed  ' if missed else 'SURVIVED'} {mutant.name}\n")
    sys.stdout.write(json.dumps({"mutants": tried, "survivors": survivors, "known": KNOWN}, indent=2) + "\n")


if __name__ == "__main__":
    main()
