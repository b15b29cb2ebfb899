# ruff: noqa: INP001 (a program of its own, which needs nothing but Python)
"""Prints what CHANGELOG.md says of a version: `python3 scripts/release_notes.py v0.2.0`."""

import re
import sys
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"


class NoNotesError(Exception):
    """CHANGELOG.md has nothing on this version."""


def notes(changelog: str, tag: str) -> str:
    """The section of a version, without its heading.

    Raises:
        NoNotesError: there is none, or nothing in it.
    """
    version = re.escape(tag.removeprefix("v"))
    found = re.search(rf"^## \[{version}\][^\n]*\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if found is None or not found[1].strip():
        raise NoNotesError(f"CHANGELOG.md has no section for {tag}: give Unreleased its number and date")
    return found[1].strip() + "\n"


def main() -> int:
    try:
        sys.stdout.write(notes(CHANGELOG.read_text(encoding="utf-8"), sys.argv[1]))
    except NoNotesError as error:
        sys.stderr.write(f"release notes: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
