"""The table of what serves a press knows whatever is shown."""

from pathlib import Path

import discord
import pytest

from bot.chat.shown.custom_ids import CustomId, read
from bot.language import ENGLISH
from cogs.controls import ROUTES
from tests.chat.test_discord_limits import MADE, parts_of

JOB = "0123456789abcdef0123"


def shown_ids(tmp_path: Path) -> set[str]:
    """The custom ids of every message and modal that can be shown, but of what cannot be pressed."""
    found: set[str] = set()
    for make in MADE.values():
        for part in (part for shown in make(ENGLISH, tmp_path) for part in parts_of(shown)):
            if isinstance(part, discord.ui.Modal):
                found.add(part.custom_id)
            elif isinstance(part, discord.ui.View):
                controls = [control for row in part.to_components() for control in row["components"]]
                found |= {control["custom_id"] for control in controls if not control.get("disabled")}
    return found


def test_whatever_is_shown_has_a_route(tmp_path: Path) -> None:
    ids = shown_ids(tmp_path)
    assert len(ids) > 25
    unknown = {text for text in ids if not (one := read(text)) or (one.subject, one.action) not in ROUTES}
    assert unknown == set()


@pytest.mark.parametrize(
    "one",
    [
        CustomId("pianola", "again", job_id=JOB),
        CustomId("pianola-list", "erase", 12, JOB),
        CustomId("pianola-songs", "open", 0),
        CustomId("pianola-rules", "no-previews"),
    ],
    ids=str,
)
def test_a_custom_id_is_read_as_it_was_written(one: CustomId) -> None:
    assert read(str(one)) == one


@pytest.mark.parametrize(
    "text", ["", "music:play", "pianola", "pianola:again:xyz", "pianola:Again", f"pianola:again:{JOB}:1"]
)
def test_what_is_not_ours_is_not_read(text: str) -> None:
    assert read(text) is None
