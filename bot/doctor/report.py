"""What was found, as lines for an owner or as JSON for a program."""

import json
import re
import sys
import textwrap
from typing import Any, Final

from bot.doctor.examination import findings
from bot.errors import SettingsError
from bot.findings import Finding, Grade
from bot.language import ENGLISH
from bot.settings import Settings
from bot.terminal import tell
from bot.version import VERSION

_SIGN_WIDTH: Final = 6
_LINE_WIDTH: Final = 110

_WORST: Final = (Grade.BROKEN, Grade.WEAK, Grade.FINE)


async def write(settings: Settings, listens_at: tuple[str, int], *, as_json: bool) -> bool:
    """Examine and print; whether nothing is broken. Lines come as they are found, JSON when all is."""
    found: list[Finding] = []
    async for finding in findings(settings, listens_at=listens_at):
        found.append(finding)
        if not as_json:
            tell(_lines(finding))
    if as_json:
        sys.stdout.write(_document(found))
    return _worst(found) is not Grade.BROKEN


def of_wrong_settings(error: SettingsError) -> str:
    """The JSON where nothing could be examined."""
    return _document([_of_wrong_setting(problem) for problem in error.problems])


def _of_wrong_setting(problem: str) -> Finding:
    named = re.match("[A-Z_]{3,}", problem)
    name = named[0] if named else "it"
    advice = f"Set {name}" if f"{name} is missing" in problem else f"Correct {name}, or take it out,"
    place = (
        "in .env or in the environment, wherever this program gets its settings; .env.example explains each"
    )
    return Finding(Grade.BROKEN, "{problem}", {"problem": problem}, f"{advice} {place}", about="settings")


def _worst(found: list[Finding]) -> Grade:
    grades = {finding.grade for finding in found}
    return next(grade for grade in _WORST if grade in grades)


def _lines(finding: Finding) -> str:
    advice = [f"-> {finding.advised}"] if finding.advice else []
    lines = [line for part in (finding.said(ENGLISH), *advice) for line in _wrapped(part)]
    signs = (finding.grade.value, *[""] * (len(lines) - 1))
    return "\n".join(f"{sign:{_SIGN_WIDTH}}{line}" for sign, line in zip(signs, lines, strict=True))


def _wrapped(line: str) -> list[str]:
    # An address stays whole, so that it can be copied.
    return textwrap.wrap(line, _LINE_WIDTH - _SIGN_WIDTH, break_long_words=False, break_on_hyphens=False)


def _document(found: list[Finding]) -> str:
    told: dict[str, Any] = {
        "pianola": VERSION,
        "sign": _worst(found).value,
        "findings": [
            {
                "about": finding.about,
                "sign": finding.grade.value,
                "found": finding.said(ENGLISH),
                "do": finding.advised,
            }
            for finding in found
        ],
    }
    # In ASCII: no name in it moves a terminal's cursor.
    return json.dumps(told, indent=2) + "\n"
