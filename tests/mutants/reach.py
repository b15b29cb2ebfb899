"""Which tests of a room reach which line, and how long each takes: measured once, and again where a file is another."""

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from coverage import CoverageData

from tests.mutants.copied import ROOT, digest
from tests.mutants.mutate import Mutant
from tests.mutants.running import PYTEST

KEPT = ROOT / ".mutants"

_PATIENCE = 5.0
"""Times what the tests of a mutant took without it, beside a minute: one that hangs is missed."""


class Reach:
    def __init__(
        self, texts: dict[str, str], seconds: dict[str, float], lines: dict[str, dict[int, set[str]]]
    ) -> None:
        """`texts` are those of the test files, `seconds` those of the tests; `lines` has the tests of each line of a module."""
        self.files = sorted(texts)
        self._texts = texts
        self._seconds = seconds
        self._lines = lines

    @classmethod
    def of(cls, tree: Path, room: str, tests: Iterable[str]) -> Self:
        """Of a room and its tests. What was measured of the same source and test files is not measured again."""
        sources = digest((tree / room).rglob("*.py"))
        files = {
            file.relative_to(tree).as_posix(): digest([file])
            for test in tests
            for file in ((tree / test).rglob("test_*.py") if (tree / test).is_dir() else [tree / test])
        }
        kept_at = KEPT / f"{room.replace('/', '-')}.json"
        kept: dict[str, Any] = json.loads(kept_at.read_text()) if kept_at.exists() else {}
        known = kept.get("files", {}) if kept.get("sources") == sources else {}
        measured = {file: found for file, found in known.items() if found["digest"] == files.get(file)}
        if missing := sorted(files.keys() - measured):
            for file, found in _measured(tree, room, missing).items():
                measured[file] = {"digest": files[file], **found}
            KEPT.mkdir(exist_ok=True)
            others = {file: found for file, found in known.items() if file not in files}
            kept_at.write_text(json.dumps({"sources": sources, "files": {**others, **measured}}))
        lines: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        seconds: dict[str, float] = {}
        for found in measured.values():
            seconds |= found["seconds"]
            for test, reached in found["lines"].items():
                for path, numbers in reached.items():
                    for number in numbers:
                        lines[path][number].add(test)
        texts = {file: (tree / file).read_text(encoding="utf-8") for file in files}
        return cls(texts, seconds, lines)

    def tests(self, mutant: Mutant) -> list[str]:
        """Those that reach its lines or name it, the quickest first; of what only an import reaches, all that reach its module."""
        of_module = self._lines.get(mutant.path, {})
        reaching = set[str]().union(*(of_module.get(line, set()) for line in mutant.lines))
        if reaching:
            naming = {
                file for file, text in self._texts.items() if any(name in text for name in mutant.names)
            }
            reaching |= {test for test in self._seconds if test.partition("::")[0] in naming}
        reaching = reaching or set[str]().union(*of_module.values()) or set(self._seconds)
        return sorted(reaching, key=lambda test: (self._seconds.get(test, 0.0), test))

    def patience(self, tests: Iterable[str]) -> float:
        """Seconds after which these hang."""
        return 60 + _PATIENCE * sum(self._seconds.get(test, 0.0) for test in tests)


def _measured(tree: Path, room: str, files: list[str]) -> dict[str, Any]:
    """Of each test file: the seconds of each test, and the lines of the room's modules that it reaches."""
    found = tree / ".coverage-of-mutants"
    ran = subprocess.run(  # noqa: S603 (this very Python)
        [
            *(sys.executable, "-m", "pytest", *PYTEST, "--durations=0", "-vvv", "--no-header"),
            *(f"--cov={room}", "--cov-context=test", "--cov-report=", "--cov-fail-under=0", *files),
        ],
        cwd=tree,
        check=False,
        env={**os.environ, "COVERAGE_FILE": str(found), "PYTHONPATH": str(tree)},
        stdout=subprocess.PIPE,
        text=True,
    )
    # One that fails without a mutant tells nothing about one.
    failed = set(_FAILED.findall(ran.stdout))
    sys.stderr.write("".join(f"fails already: {test}\n" for test in sorted(failed)))
    measured: dict[str, Any] = {file: {"seconds": defaultdict(float), "lines": {}} for file in files}
    for seconds, test in _DURATION.findall(ran.stdout):
        if test not in failed:
            measured[test.partition("::")[0]]["seconds"][test] += float(seconds)
    data = CoverageData(str(found))
    data.read()
    for module in data.measured_files():
        path = Path(module).relative_to(tree).as_posix()
        for line, names in data.contexts_by_lineno(module).items():
            # `tests/x.py::test_y|run`; what is imported before any test has no name.
            for test in {name.partition("|")[0] for name in names if name} - failed:
                reached = measured[test.partition("::")[0]]["lines"].setdefault(test, defaultdict(list))
                reached[path].append(line)
    found.unlink()
    return measured


_DURATION = re.compile(r"^([0-9.]+)s (?:setup|call|teardown) +(.+)$", re.MULTILINE)
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+::.+?)(?: - .*)?$", re.MULTILINE)
