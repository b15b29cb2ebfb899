"""Take away each constant, bound and guard of a room in turn, and see whether its tests miss it.

    uv run python -m tests.mutants                        every room of ROOMS: hours
    uv run python -m tests.mutants bot/web                one of them
    uv run python -m tests.mutants bot/jobs/work/tasks.py one module

Prints JSON: how many mutants there were, and those that no test missed. Works in a copy of the tree, and of the room's tests
runs only those that reach the changed lines, the quickest first, until one fails.
"""

import argparse
import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from coverage import CoverageData

ROOT = Path(__file__).resolve().parent.parent

ROOMS = {
    "bot/jobs": ("tests/jobs", "tests/test_app.py"),
    "bot/web": ("tests/web",),
    "bot/chat/discord": ("tests/chat", "tests/cogs"),
}
"""Rooms, and the tests that have to miss what is taken away from them."""

KNOWN: dict[str, str] = {
    "bot/jobs/admission.py: never asker.server_id is None": "it saves a look at the database, which has no rules for None",
    "bot/web/accepting.py: _WAITING with 128 a thousand times as large": "the system has a bound of its own",
    "bot/chat/discord/client.py: never application is None": "nobody asks for anything before the login, which sets it",
    "bot/chat/discord/courier.py: _MOST_REMEMBERED with 1000 a thousand times as large": "only memory shows it, 0.1 kB a song",
    "bot/chat/discord/courier.py: _PATIENCE_SECONDS with 10.0 a thousand times as large": "its test sets it, not to wait",
}
"""Mutants that nothing has to miss, by `path: what`, each with its reason."""

_PATIENCE = 5.0
"""Times what the tests of a mutant took without it, beside a minute: one that hangs is missed."""

_PYTEST = (
    *(sys.executable, "-m", "pytest", "-q", "-n", "0", "--dist=no", "-x", "-p", "no:cacheprovider"),
    "--timeout=0",  # the patience above is what counts
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one thing changed: `what` says which, `lines` are those that show it."""

    path: str
    what: str
    lines: frozenset[int]
    source: str

    @property
    def name(self) -> str:
        return f"{self.path}: {self.what}"


def mutants_of(path: str, source: str) -> Iterator[Mutant]:
    """Each constant of a module a thousand times as large, and each guard of it never true."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            yield from _constants(path, source, tree, node)
    for found in ast.walk(tree):
        if isinstance(found, ast.If) and not found.orelse and isinstance(found.body[-1], _LEAVES):
            what = f"never {ast.unparse(found.test)}"
            lines = frozenset(range(found.test.lineno, (found.test.end_lineno or found.test.lineno) + 1))
            yield Mutant(path, what, lines, _with(source, found.test, "False"))


_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def _constants(
    path: str, source: str, tree: ast.Module, node: ast.Assign | ast.AnnAssign
) -> Iterator[Mutant]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
    uses = frozenset(
        found.lineno
        for found in ast.walk(tree)
        if isinstance(found, ast.Name) and isinstance(found.ctx, ast.Load) and found.id in names
    )
    for value in ast.walk(node):
        if isinstance(value, ast.Constant) and type(value.value) in {int, float}:
            changed = _with(source, value, f"({ast.unparse(value)} * 1000 + 1)")
            what = f"{', '.join(sorted(names))} with {ast.unparse(value)} a thousand times as large"
            yield Mutant(path, what, uses, changed)


def _with(source: str, node: ast.expr, text: str) -> str:
    """The source with other text in the place of a node. Columns of `ast` count bytes."""
    lines = source.encode().splitlines(keepends=True)
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    before, after = lines[first][: node.col_offset], lines[last][node.end_col_offset :]
    return b"".join([*lines[:first], before + text.encode() + after, *lines[last + 1 :]]).decode()


class Reach:
    """Which tests of a room reach which line, and how long each takes."""

    def __init__(self, tree: Path, room: str, tests: tuple[str, ...]) -> None:
        self._tree = tree
        found = tree / ".coverage-of-mutants"
        ran = subprocess.run(  # noqa: S603 (this very Python)
            [
                *_PYTEST,
                "--durations=0",
                f"--cov={room}",
                "--cov-context=test",
                "--cov-report=",
                "--cov-fail-under=0",
                *tests,
            ],
            cwd=tree,
            check=False,
            env={**os.environ, "COVERAGE_FILE": str(found)},
            stdout=subprocess.PIPE,
            text=True,
        )
        sys.stderr.write(ran.stdout)
        ran.check_returncode()
        self._seconds: dict[str, float] = defaultdict(float)
        for seconds, test in _DURATION.findall(ran.stdout):
            self._seconds[test] += float(seconds)
        self._data = CoverageData(str(found))
        self._data.read()

    def tests(self, mutant: Mutant) -> list[str]:
        """Those that reach its lines, the quickest first; of what only an import reaches, all that reach its module."""
        contexts = self._data.contexts_by_lineno(str(self._tree / mutant.path))
        reaching = _named(contexts.get(line, []) for line in mutant.lines) or _named(contexts.values())
        return sorted(reaching, key=lambda test: (self._seconds[test], test))

    def patience(self, tests: Iterable[str]) -> float:
        """Seconds after which these hang."""
        return 60 + _PATIENCE * sum(self._seconds[test] for test in tests)


_DURATION = re.compile(r"^([0-9.]+)s (?:setup|call|teardown) +(.+)$", re.MULTILINE)


def _named(contexts: Iterable[Iterable[str]]) -> set[str]:
    # `tests/x.py::test_y|run`; what is imported before any test has no name.
    return {name.partition("|")[0] for names in contexts for name in names if name}


def is_missed(tree: Path, mutant: Mutant, reach: Reach) -> bool:
    """Whether a test fails because of it."""
    tests = reach.tests(mutant)
    if not tests:
        return False
    file = tree / mutant.path
    original = file.read_text(encoding="utf-8")
    file.write_text(mutant.source, encoding="utf-8")
    try:
        ran = subprocess.run(  # noqa: S603 (this very Python)
            [*_PYTEST, *tests], cwd=tree, check=False, timeout=reach.patience(tests), capture_output=True
        )
    except subprocess.TimeoutExpired:
        return True
    finally:
        file.write_text(original, encoding="utf-8")
    return ran.returncode != 0


def _copy_of_tree(into: Path) -> Path:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)  # noqa: S607 (the git of whoever runs this)
    tree = into / "tree"
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    # Some tests ask git which files there are.
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)  # noqa: S607 (as above)
    subprocess.run(["git", "add", "-A"], cwd=tree, check=True)  # noqa: S607 (as above)
    return tree


def _survivors(wanted: str) -> Iterator[tuple[Mutant, bool]]:
    """Every mutant of what is wanted, and whether it was missed."""
    with tempfile.TemporaryDirectory(prefix="pianola-mutants-") as directory:
        tree = _copy_of_tree(Path(directory))
        for room, tests in ROOMS.items():
            modules = [
                path.relative_to(tree).as_posix()
                for path in sorted((tree / room).rglob("*.py"))
                if "migrations" not in path.parts
            ]
            chosen = [module for module in modules if f"{module}/".startswith(wanted.rstrip("/"))]
            reach = Reach(tree, room, tests) if chosen else None
            for module in chosen:
                for mutant in mutants_of(module, (tree / module).read_text(encoding="utf-8")):
                    if mutant.name not in KNOWN and reach is not None:
                        yield mutant, is_missed(tree, mutant, reach)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("wanted", nargs="?", default="bot", help="a room or a module")
    tried, survivors = 0, []
    for mutant, missed in _survivors(parser.parse_args().wanted):
        tried += 1
        if not missed:
            survivors.append(mutant.name)
        sys.stderr.write(f"{'missed  ' if missed else 'SURVIVED'} {mutant.name}\n")
    sys.stdout.write(json.dumps({"mutants": tried, "survivors": survivors, "known": KNOWN}, indent=2) + "\n")


if __name__ == "__main__":
    main()
