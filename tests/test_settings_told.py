"""Every setting is told of in .env.example, explained there, and listed on its page."""

import re

import pytest

from bot.settings import Settings
from scripts.settings import PAGE, ROOT
from scripts.settings import page as settings_page

EXAMPLE = ROOT / ".env.example"


def example() -> dict[str, str]:
    """Names and defaults of .env.example, where every setting is commented out."""
    found = re.findall(r"^#([A-Z][A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(found)


def test_the_example_names_every_setting_in_order() -> None:
    assert list(example()) == [name.upper() for name in Settings.model_fields]


def test_the_example_gives_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    given = {name.lower(): value for name, value in example().items() if value}
    unset = {name for name, field in Settings.model_fields.items() if field.default is None}
    assert Settings(_env_file=None, **given) == Settings(_env_file=None)  # type: ignore[arg-type, call-arg] # texts are parsed
    assert unset == set(Settings.model_fields) - set(given)


def test_the_example_explains_every_setting() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for name in example():
        at = next(index for index, line in enumerate(lines) if line.startswith(f"#{name}="))
        assert re.match(r"# \w.+\.$", lines[at - 1]), f"{name} has no explanation above it"


def test_the_page_of_settings_is_what_the_settings_give() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == settings_page(), "renew it with `uv run python -m scripts.settings`"
    listed = re.findall(r"^\| `([A-Z_]+)` \|", written, re.MULTILINE)
    assert sorted(listed) == sorted(name.upper() for name in Settings.model_fields)
