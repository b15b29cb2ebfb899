#!/usr/bin/env python3
"""Pin every package: exact versions in pyproject.toml, versions with hashes in requirements.txt.

    uv run --no-project scripts/lock.py            take the newest versions that fit, and write both
    uv run --no-project scripts/lock.py --check    exit 1, with a readable line, where the files do not agree

uv's own lock file carries the addresses of the package index that it was made with, and hosts that build
with pip refuse it beside a requirements.txt. So it is made in a temporary directory and only its versions and
hashes are kept: for uv as `constraint-dependencies`, for pip as requirements.txt (without the groups).
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN = "# >>> written by scripts/lock.py"
END = "# <<< written by scripts/lock.py"

# Without these uv also resolves what only the overrides' platform "never" would install: 142 packages instead of
# 83, 11 s instead of 3 s before a newcomer's first start, and a protobuf three years old. Python 3.15 has no
# onnxruntime yet.
SUPPORTED = ("python_full_version < '3.15'", "sys_platform != 'never'")

RENEW = "renew with `uv run --no-project scripts/lock.py`"

_HASH = re.compile(r"--hash=(\S+)")


class LockError(Exception):
    """The two files cannot be made, or do not agree; the message says what to do."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, and change nothing")
    check = parser.parse_args().check
    try:
        if check:
            compare(ROOT)
        else:
            renew(ROOT)
    except LockError as error:
        sys.stderr.write(f"lock: {error}\n")
        return 1
    sys.stdout.write("lock: pyproject.toml and requirements.txt agree\n" if check else "lock: written\n")
    return 0


def renew(root: Path) -> None:
    """Write the newest versions that fit the ranges in `root`/pyproject.toml."""
    pins, requirements = resolve(with_block(read_project(root), []))
    # Read again: resolving takes a while, and somebody may have edited the file meanwhile.
    (root / "pyproject.toml").write_text(with_block(read_project(root), pins), encoding="utf-8")
    (root / "requirements.txt").write_text(requirements, encoding="utf-8")


def compare(root: Path) -> None:
    """Check that the pins fit the ranges, and that requirements.txt is what they give.

    Newer releases do not matter, nor do wheels that were added to a release later.

    Raises:
        LockError: the first thing that does not agree.
    """
    text = read_project(root)
    pins = pins_of(text)
    if with_block(text, pins) != text:
        raise LockError(f"the marked block of pyproject.toml was edited by hand; {RENEW}")
    try:
        resolved, requirements = resolve(text)
    except LockError as error:
        raise LockError(f"the pins do not fit pyproject.toml's ranges; {RENEW}\n{error}") from None
    _agree("constraint-dependencies", pins, resolved)
    have = parse_requirements((root / "requirements.txt").read_text(encoding="utf-8"))
    want = parse_requirements(requirements)
    _agree("requirements.txt", list(have), list(want))
    for pin, hashes in have.items():
        if not hashes or not hashes <= want[pin]:
            raise LockError(f"requirements.txt has other hashes for {pin} than the index; {RENEW}")


def read_project(root: Path) -> str:
    return (root / "pyproject.toml").read_text(encoding="utf-8")


def pins_of(text: str) -> list[str]:
    """The pins that the text of a pyproject.toml holds."""
    pins: list[str] = tomllib.loads(text)["tool"]["uv"].get("constraint-dependencies", [])
    return pins


def with_block(text: str, pins: list[str]) -> str:
    """The text of pyproject.toml with `pins` between the two markers, and nothing else changed.

    Raises:
        LockError: the markers are not there, once each.
    """
    if text.count(f"{BEGIN}\n") != 1 or text.count(f"{END}\n") != 1:
        raise LockError(f"pyproject.toml needs two lines in [tool.uv]: {BEGIN!r} and {END!r}")
    before, _, rest = text.partition(f"{BEGIN}\n")
    _, _, after = rest.partition(f"{END}\n")
    environments = f'environments = ["{" and ".join(SUPPORTED)}"]'
    lines = [BEGIN, environments, "constraint-dependencies = [", *(f'    "{pin}",' for pin in pins), "]", END]
    return before + "\n".join(lines) + "\n" + after


def parse_requirements(text: str) -> dict[str, set[str]]:
    """Pins of a requirements.txt, in order, each with its hashes."""
    whole_lines = text.replace("\\\n", " ").splitlines()
    return {
        line.split(" --hash")[0].strip(): set(_HASH.findall(line)) for line in whole_lines if line.strip()
    }


def resolve(project: str) -> tuple[list[str], str]:
    """Pins of everything, and the requirements.txt of the base, for the text of a pyproject.toml.

    Raises:
        LockError: no set of versions fits, or uv is not there.
    """
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "pyproject.toml").write_text(project, encoding="utf-8")
        _uv(directory, "lock", "--python", sys.executable)
        export = ("export", "--frozen", "--no-emit-project", "--no-annotate", "--no-header")
        everything = _uv(directory, *export, "--all-groups", "--no-hashes")
        base = _uv(directory, *export, "--no-default-groups")
    return shorten(everything).splitlines(), shorten(base)


def shorten(requirements: str) -> str:
    """Leave out of the markers what holds in every supported environment.

    uv repeats it on each line; as constraints such lines split the resolution until it finds nothing (tried
    with 0.13), and a pip on a newer Python would skip them all and call that a success.
    """
    for always in SUPPORTED:
        requirements = requirements.replace(f" ; {always} and ", " ; ").replace(f" and {always}", "")
        requirements = requirements.replace(f" ; {always}", "")
    return requirements


def _uv(directory: Path, *arguments: str) -> str:
    # `uv run` says in UV which uv it is; there may be none on the PATH.
    program = os.environ.get("UV") or shutil.which("uv")
    if program is None:
        raise LockError("uv is not installed; `pip install uv` brings it")
    done = subprocess.run(  # noqa: S603 - a fixed command of our own, no shell
        [program, *arguments], cwd=directory, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LockError(f"uv {arguments[0]} failed\n{done.stderr.strip()}")
    return done.stdout


def _agree(name: str, have: list[str], want: list[str]) -> None:
    missing = [pin for pin in want if pin not in have]
    needless = [pin for pin in have if pin not in want]
    if missing or needless:
        words = [*(f"{pin} is missing" for pin in missing), *(f"{pin} is needless" for pin in needless)]
        raise LockError(f"{name} does not fit pyproject.toml's ranges: {', '.join(words)}; {RENEW}")


if __name__ == "__main__":
    sys.exit(main())
