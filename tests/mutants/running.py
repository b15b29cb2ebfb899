"""Run some tests against a mutant, in a process forked from one that has imported everything before.

Of six seconds of processor time that a run of one test takes, imports take nearly all. A guard that was taken away changes
one function, whose code is exchanged; a constant that only functions read is set. What else changes when it is imported is
imported anew.
"""

import ast
import contextlib
import dis
import gc
import inspect
import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from tests import postgres
from tests.mutants.mutate import Mutant

PYTEST = (
    *("-q", "-n", "0", "--dist=no", "-p", "no:cacheprovider"),
    "--timeout=0",  # patience is what counts
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # of what was imported before
)

_OURS = ("bot", "cogs", "tests", "conftest")

_LOOK_SECONDS = 0.05


def prepare(tree: Path, files: Iterable[str]) -> None:
    """Import these test files of a tree, and what they import, in this process."""
    missing = sorted(set(files) - _prepared)
    if not _prepared:
        here = str(Path(__file__).resolve().parent.parent.parent)
        os.chdir(tree)
        sys.path[:] = [str(tree), *(path for path in sys.path if path not in {"", here, str(tree)})]
        os.environ["PYTHONPATH"] = str(tree)  # for the processes that tests start
        _forget_ours()
    _prepared.update(missing)
    if missing:
        with _silence():
            pytest.main([*PYTEST, "--collect-only", *missing])


_prepared: set[str] = set()


@contextlib.contextmanager
def one_postgres() -> Iterator[None]:
    """A server, where there is one, for all mutants: to start one takes longer than most tests do."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(pytest.skip.Exception):
            os.environ[postgres.TEST_DATABASE_URL] = stack.enter_context(postgres.server())
        yield


def fails(tree: Path, mutant: Mutant, tests: list[str], patience: float) -> bool:
    """Whether one of these tests fails, or they take longer than this."""
    child = os.fork()
    if not child:
        _run(tree, mutant, tests)
    until = time.monotonic() + patience
    try:
        while time.monotonic() < until:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status) != 0
            time.sleep(_LOOK_SECONDS)
        return True
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # and whatever it started
        with contextlib.suppress(ChildProcessError):
            os.waitpid(child, 0)


def _run(tree: Path, mutant: Mutant, tests: list[str]) -> None:
    status = 1
    try:
        os.setsid()
        with _silence():
            file = tree / mutant.path
            if not _exchange_code(file, mutant.source) and not _set_constant(file, mutant.source):
                _forget_ours()
            # A collection would write to all that was imported, and so copy it: half of what a quick test takes.
            gc.freeze()
            status = pytest.main([*PYTEST, "-x", *tests])
    finally:
        os._exit(status)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    kept = [os.dup(descriptor) for descriptor in (1, 2)]
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    try:
        yield
    finally:
        for descriptor, was in zip((1, 2), kept, strict=True):
            os.dup2(was, descriptor)
            os.close(was)
        os.close(nowhere)


def _forget_ours() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in _OURS]:
        del sys.modules[name]


def _exchange_code(file: Path, source: str) -> bool:
    """Give the functions of a module the code of another source. False where that is not all that differs."""
    functions = [
        found
        for found in gc.get_objects()
        if isinstance(found, FunctionType) and found.__code__.co_filename == str(file)
    ]
    now, wanted = (dict(_codes(compile(text, str(file), "exec"))) for text in (ORIGINALS[file], source))
    differs = {
        place for place in now.keys() | wanted.keys() if not _is_same(now.get(place), wanted.get(place))
    }
    places = {(code.co_qualname, code.co_firstlineno): place for place, code in now.items()}
    met = set()
    for function in functions:
        place = places.get((function.__code__.co_qualname, function.__code__.co_firstlineno))
        if place in differs:
            code = wanted.get(place)
            if code is None or code.co_freevars != function.__code__.co_freevars:
                return False
            function.__code__ = code
            met.add(place)
    return bool(differs) and differs == met


def _set_constant(file: Path, source: str) -> bool:
    """Give a module's own constant its other value. False where that would not be all that differs."""
    was, now = ast.parse(ORIGINALS[file]), ast.parse(source)
    differs = [new for old, new in zip(was.body, now.body, strict=True) if ast.dump(old) != ast.dump(new)]
    names = {
        found.id
        for statement in differs
        for found in ast.walk(statement)
        if isinstance(found, ast.Name) and isinstance(found.ctx, ast.Store)
    }
    is_own = all(isinstance(statement, ast.Assign | ast.AnnAssign) for statement in differs)
    is_own = is_own and all(name.startswith("_") for name in names)
    module = next(
        (found for found in sys.modules.values() if getattr(found, "__file__", "") == str(file)), None
    )
    if module is None or not is_own or names & _read_when_imported(compile(source, str(file), "exec")):
        return False
    exec(compile(ast.Module(differs, []), str(file), "exec"), vars(module))  # noqa: S102 (what importing it would do)
    return True


def _read_when_imported(code: CodeType) -> set[str]:
    """The names that a module reads when it is imported: its own code, and its classes'; not what comprehensions and calls in these read."""
    found = {step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_NAME"}
    for _, within in _codes(code):
        if within is not code and not within.co_flags & inspect.CO_OPTIMIZED:
            found |= _read_when_imported(within)
    return found


ORIGINALS: dict[Path, str] = {}
"""The sources as they were imported, of the modules of which there are mutants."""


def _codes(code: CodeType) -> Iterator[tuple[tuple[str, int], CodeType]]:
    """Each function of a module by its name, and which of that name it is."""
    of_name: dict[str, int] = defaultdict(int)
    waiting = [code]
    while waiting:
        found = waiting.pop(0)
        yield (found.co_qualname, of_name[found.co_qualname]), found
        of_name[found.co_qualname] += 1
        waiting += [constant for constant in found.co_consts if isinstance(constant, CodeType)]


def _is_same(one: CodeType | None, other: CodeType | None) -> bool:
    return (
        one is not None
        and other is not None
        and one.co_code == other.co_code
        and one.co_names == other.co_names
        and _plain_constants(one) == _plain_constants(other)
    )


def _plain_constants(code: CodeType) -> list[object]:
    return [(type(constant), constant) for constant in code.co_consts if not isinstance(constant, CodeType)]
