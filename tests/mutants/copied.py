"""A copy of the tree, in which modules are changed."""

import hashlib
import itertools
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

_seconds = itertools.count(1)


def copy_of_tree(into: Path) -> Path:
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


@contextmanager
def changed(file: Path, source: str) -> Iterator[None]:
    """The file with another source meanwhile."""
    original = file.read_bytes()
    was_at = file.stat().st_mtime
    file.write_bytes(source.encode())
    # Python takes kept bytecode for that of a source of the same size and second.
    changed_at = was_at + next(_seconds)
    os.utime(file, (changed_at, changed_at))
    try:
        yield
    finally:
        file.write_bytes(original)
        os.utime(file, (was_at, was_at))


def digest(files: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for file in sorted(files):
        found.update(file.read_bytes())
    return found.hexdigest()
