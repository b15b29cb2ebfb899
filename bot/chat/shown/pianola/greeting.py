"""What Pianola says where it comes in."""

from typing import Any

import discord

from bot.chat.shown.custom_ids import EXAMPLE, CustomId
from bot.chat.shown.views import answered_by_id
from bot.language import Language


def greeting(say: Language, *, has_menus: bool = True, has_example: bool = False) -> str:
    """Three lines, and one more where a song hangs on them. Text alone needs no right but that to write.

    The page knows no menus on messages, so `has_menus` is false there.
    """
    lines = [
        say("Hi, I'm Pianola. Give me a song, and I turn it into MIDI: a track for each instrument."),
        say("Type `/midi` and attach a song, or choose **Apps > Make MIDI** on a message with audio.")
        if has_menus
        else say("Type `/midi` and attach a song."),
        say("`/midis` brings your songs back."),
    ]
    if has_example:
        lines += ["", say("No song at hand? Press the button, and I'll take the one below.")]
    return "\n".join(lines)


def example_view(say: Language) -> discord.ui.View:
    """The button that takes the song of its own message."""
    view = discord.ui.View(timeout=None)
    button: discord.ui.Button[Any] = discord.ui.Button(
        custom_id=str(CustomId(EXAMPLE, "make")), label=say("Make MIDI"), style=discord.ButtonStyle.primary
    )
    view.add_item(button)
    return answered_by_id(view)
