# ruff: noqa: INP001 (run with -m: it reads the settings of the program)
"""Writes docs/settings.md from `Settings` and what .env.example says of each: `uv run python -m scripts.settings`."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from bot.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "settings.md"

MOST_SET = (
    "discord_token",
    "kie_api_key",
    "kie_webhook_hmac_key",
    "database_url",
    "data_dir",
    "public_base_url",
)
"""What a bot on a host has; the rest has defaults that few change."""

FEW_SET = {
    "Who transcribes, and what it costs": (
        "studio", "studio_url", "studio_engine", "engine_url", "engine_licence", "kie_api_url", "kie_upload_url", "separation_type", "separation_credits",
        "confirm_price",
    ),
    "What people may send": (
        "songs_per_user", "songs_per_server", "cooldown_seconds", "max_song_mb", "max_song_minutes",
    ),
    "What they get": ("preview_seconds", "video_seconds", "sound_font", "keep_days"),
}  # fmt: skip
"""Groups of the others; what is in none comes last."""

HEAD = """# Settings

All are variables of the environment or lines of a file `.env`; the environment comes before the file. None is needed: with
nothing set, a local page opens. Write values without quotes. This page is made by `uv run python -m scripts.settings`.
"""


def page() -> str:
    """The whole page."""
    explained = explanations((ROOT / ".env.example").read_text(encoding="utf-8"))
    fields = Settings.model_fields
    grouped = {*MOST_SET, *(name for names in FEW_SET.values() for name in names)}
    groups = {**FEW_SET, "How it runs": tuple(name for name in fields if name not in grouped)}
    parts = [HEAD, "## What most set\n", *_table(MOST_SET, explained), "\n## What few set\n"]
    for title, names in groups.items():
        parts += [f"\n### {title}\n", *_table(names, explained)]
    return "\n".join(parts) + "\n"


def explanations(example: str) -> dict[str, str]:
    """What stands above each setting of .env.example."""
    found = re.findall(r"^# (.+)\n#([A-Z][A-Z_]+)=", example, re.MULTILINE)
    return {name.lower(): said for said, name in found}


def _table(names: tuple[str, ...], explained: dict[str, str]) -> Iterator[str]:
    yield "| setting | default | what it is |\n|---|---|---|"
    for name in names:
        said = explained[name].replace("|", "\\|")
        yield f"| `{name.upper()}` | {_default(Settings.model_fields[name])} | {said} |"


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None:
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`{','.join(f'{each:g}' for each in value)}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"settings: {PAGE.relative_to(ROOT)} is written\n")
