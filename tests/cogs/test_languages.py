"""Commands, buttons, menus and modals, as a reader of each language meets them."""

import re
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.chat.discord.client import Pianola
from bot.chat.discord.commands import CommandTexts
from bot.errors import NothingGivenError
from bot.language import LOCALES, language_of
from tests.cogs.results import finished, more
from tests.kie_server import KieServer
from tests.languages import english_in, reading
from tests.stage import pianola_at, text_of, told

LANGUAGES = sorted(LOCALES)


def everything_in(message: discord.Message) -> str:
    """All that can be read in a message, its controls and alt texts included."""
    controls = [component.to_dict() for component in message.components]
    shown = re.sub(r"'(custom_id|value)': '[^']*'", "", f"{controls}")
    alt_texts = [file.description for file in message.attachments]
    return f"{message.content}\n{text_of(message)}\n{alt_texts}\n{shown}"


@pytest.mark.parametrize("locale", LANGUAGES)
async def test_a_song_is_answered_in_the_language_of_who_asked(
    tmp_path: Path, kie: KieServer, locale: str
) -> None:
    say = language_of(locale)
    async with pianola_at(kie, tmp_path) as stage:
        person = stage.world.person
        with reading(locale):
            assert told(await stage.midi()) == say.error(NothingGivenError())
            _, message = await finished(stage, kie)
            assert english_in(everything_in(message), locale) == []
            zipped = await person.click(message, label=say("All as zip"))
            asked = await more(person, message, "tempo")
            refused = await person.submit_modal(asked, {"bpm": "fast"})
    for answer in (told(zipped), told(refused), str(asked.modal)):
        assert answer
        assert english_in(answer, locale) == []


async def test_each_reader_of_a_song_gets_answers_in_their_own_language(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        with reading("fr"):
            _, message = await finished(stage, kie)
        with reading("ko"):
            answer = told(await more(stage.world.person, message, "csv"))
    assert answer == language_of("ko")("Every note, one line each.")


@pytest.mark.parametrize("locale", LANGUAGES)
async def test_discord_is_told_names_and_descriptions_that_it_takes(
    tmp_path: Path, kie: KieServer, locale: str
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        bot = stage.world.env.bot
        assert isinstance(bot, Pianola)
        tree = bot.tree
        payloads = [
            await command.get_translated_payload(tree, CommandTexts()) for command in tree.get_commands()
        ]
    for payload in payloads:
        _check(payload, locale)
        assert sum(map(len, _strings(payload, locale))) <= 8000


def _check(payload: dict[str, Any], locale: str) -> None:
    """Within Discord's limits, and in one language."""
    description = payload.get("description_localizations", {}).get(locale, payload.get("description", ""))
    assert len(description) <= 100
    assert english_in(description, locale) == []
    options = payload.get("options", [])
    names = [option.get("name_localizations", {}).get(locale, option["name"]) for option in options]
    assert len(set(names)) == len(names)
    for option in options:
        _check(option, locale)


def _strings(payload: dict[str, Any], locale: str) -> list[str]:
    """What counts towards the 8000 characters that a command may have in all."""
    own = [
        payload.get(f"{key}_localizations", {}).get(locale, payload.get(key, ""))
        for key in ("name", "description")
    ]
    below = [*payload.get("options", []), *payload.get("choices", [])]
    return own + [text for part in below for text in _strings(part, locale)]
