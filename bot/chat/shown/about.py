"""What Pianola says of itself: what it is, what it keeps of people and who gets it."""

from typing import Any

import discord

from bot.chat.shown.cards import BLURPLE, GREY, RED
from bot.chat.shown.custom_ids import OWN, CustomId
from bot.chat.shown.views import answered_by_id
from bot.language import Language
from bot.settings import Settings
from bot.version import VERSION


def about(settings: Settings, say: Language) -> discord.Embed:
    """What this is, and what it costs."""
    lines = [
        say(
            "A pianola plays from a piano roll; I write the roll. Give me a song, and I turn it into MIDI: a track for "
            "each instrument, a picture, and something to listen to."
        ),
        "",
        say("`/midi` takes a song, and so does **Apps > Make MIDI** on a message with audio."),
        say("`/midis` gives your songs again."),
        say("`/pianola {privacy}` says what I keep, and deletes it.", privacy=say.name("privacy")),
        "",
        say("I am free software under the MIT licence, and cost nothing to those who use me."),
    ]
    if settings.uses_kie:
        lines.append(
            say(
                "The instruments are separated and transcribed by [kie.ai](https://kie.ai), where a separation costs whoever "
                "runs me some credits."
            )
        )
    else:
        lines.append(say("The transcription is made by a studio of my own, which costs nobody anything."))
    title = say("Pianola {version}", version=VERSION)
    return discord.Embed(title=title, description="\n".join(lines), colour=BLURPLE)


def privacy(settings: Settings, say: Language) -> discord.Embed:
    """What is kept, for how long, and who gets it."""
    card = discord.Embed(title=say("What I keep of you"), colour=BLURPLE)
    kept = [
        say.plural(
            "The notes, titles and task ids of your songs, with your Discord id and the place where you asked: until {count} day after "
            "a song is finished.",
            "The notes, titles and task ids of your songs, with your Discord id and the place where you asked: until {count} days after "
            "a song is finished.",
            settings.keep_days,
        ),
        say("The address of what you gave: until the studio has it. The audio itself I do not keep."),
        say("That you asked for a song, but not for which: for 24 hours, so that limits can be counted."),
    ]
    who = (
        say(
            "[kie.ai](https://kie.ai) gets the audio and its file's name, not who you are. It says that it deletes uploads "
            "after 3 days and results after 14."
        )
        if settings.uses_kie
        else say(
            "The studio belongs to whoever runs me. It deletes uploads after 3 days and results after 14."
        )
    )
    card.add_field(name=say("What I keep"), value=_listed(kept), inline=False)
    card.add_field(
        name=say("Who gets it"), value=_listed([who, say("Nobody else, and nothing is sold.")]), inline=False
    )
    card.add_field(
        name=say("What I never read"),
        value=_listed([say("Messages, except one on which you choose Make MIDI. Lists of members.")]),
        inline=False,
    )
    return card


def question(say: Language) -> discord.Embed:
    """Asked once before all of a person is deleted."""
    told = say(
        "This deletes every song that is kept of you and stops what is under way. It cannot be undone. "
        "Messages already posted stay; they are yours to delete."
    )
    return discord.Embed(title=say("Delete all that I keep of you?"), description=told, colour=RED)


def forgotten(count: int, say: Language) -> discord.Embed:
    """Said when all of a person is deleted."""
    told = say.plural(
        "Done: {count} song deleted. Messages already posted stay; they are yours to delete.",
        "Done: {count} songs deleted. Messages already posted stay; they are yours to delete.",
        count,
    )
    return discord.Embed(description=told, colour=GREY)


def left(say: Language) -> discord.Embed:
    """Said when a person thought better of it."""
    return discord.Embed(description=say("Nothing was deleted."), colour=GREY)


def privacy_view(say: Language) -> discord.ui.View:
    """The way to the question."""
    return _view(("ask", say("Delete my data…"), discord.ButtonStyle.danger))


def question_view(say: Language) -> discord.ui.View:
    """The two answers."""
    return _view(
        ("forget", say("Delete everything"), discord.ButtonStyle.danger),
        ("keep", say("Keep everything"), discord.ButtonStyle.secondary),
    )


def _view(*buttons: tuple[str, str, discord.ButtonStyle]) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for action, label, style in buttons:
        button: discord.ui.Button[Any] = discord.ui.Button(
            custom_id=str(CustomId(OWN, action)), label=label, style=style
        )
        view.add_item(button)
    return answered_by_id(view)


def _listed(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
