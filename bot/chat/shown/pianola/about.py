"""What Pianola says of itself: what it is, what it keeps of people and who gets it."""

from typing import Any

import discord

from bot.chat.shown.cards import BLURPLE, GREY, RED
from bot.chat.shown.custom_ids import OWN, CustomId
from bot.chat.shown.views import LOOKS, answered_by_id
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
        say("`/midis` brings your songs back."),
        say(
            "`/pianola {privacy}` shows what I store about you, and deletes it.", privacy=say.name("privacy")
        ),
        "",
        say("I'm free software (MIT licence) and free to use."),
    ]
    if settings.uses_kie:
        lines.append(
            say(
                "[kie.ai](https://kie.ai) separates and transcribes the instruments. Each separation costs my owner some credits."
            )
        )
    else:
        lines.append(say("I transcribe songs with my own built-in studio, which costs nothing."))
    title = say("Pianola {version}", version=VERSION)
    return discord.Embed(title=title, description="\n".join(lines), colour=BLURPLE)


def privacy(settings: Settings, say: Language) -> discord.Embed:
    """What is kept, for how long, and who gets it."""
    card = discord.Embed(title=say("What I store about you"), colour=BLURPLE)
    kept = [
        say.plural(
            "The notes, titles and task ids of your songs, with your Discord id and the place where you asked: until {count} day after "
            "a song is finished.",
            "The notes, titles and task ids of your songs, with your Discord id and the place where you asked: until {count} days after "
            "a song is finished.",
            settings.keep_days,
        ),
        *_sound_kept(settings, say),
        say("That you asked for a song, but not which one: for 24 hours, to count limits."),
        say("That you saw an announcement of my owner: for a week, so that you see it once."),
    ]
    who = (
        say(
            "[kie.ai](https://kie.ai) gets the audio and its file's name, not who you are. It says that it deletes uploads "
            "after 3 days and results after 14."
        )
        if settings.uses_kie
        else say("The studio belongs to whoever runs me. What you delete here is deleted there too.")
    )
    card.add_field(name=say("What I store"), value=_listed(kept), inline=False)
    seen = say(
        "Anyone who can see an answer can press what is under it, and hear some of your recording that way. With `{private}` only "
        "you see the answer.",
        private=say.name("private"),
    )
    card.add_field(
        name=say("Who gets it"),
        value=_listed([who, seen, say("Nobody else, and nothing is sold.")]),
        inline=False,
    )
    card.add_field(
        name=say("What I never read"),
        value=_listed([say("Your messages, except one you choose “Make MIDI” on. Member lists.")]),
        inline=False,
    )
    return card


def _sound_kept(settings: Settings, say: Language) -> list[str]:
    if settings.uses_kie:
        return [
            say("The address of your song: until the studio has it."),
            say.plural(
                "Its audio: not at all, or for {count} hour after you pressed “{button}”.",
                "Its audio: not at all, or for {count} hours after you pressed “{button}”.",
                settings.keep_sound_hours,
                button=say(LOOKS["here"][0]),
            ),
        ]
    return [
        say("The address of your song: until the studio has it."),
        say.plural(
            "The sound of your songs: for {count} hour, because another try needs it. After that only the notes are left.",
            "The sound of your songs: for {count} hours, because another try needs it. After that only the notes are left.",
            settings.keep_sound_hours,
        ),
    ]


def question(say: Language) -> discord.Embed:
    """Asked once before all of a person is deleted."""
    told = say(
        "This deletes all your saved songs and stops the ones in progress. It can't be undone. Messages I already posted stay; you can delete those yourself."
    )
    return discord.Embed(title=say("Delete everything I store about you?"), description=told, colour=RED)


def forgotten(count: int, say: Language) -> discord.Embed:
    """Said when all of a person is deleted."""
    told = say.plural(
        "Done: {count} song deleted. Messages I already posted stay; you can delete those yourself.",
        "Done: {count} songs deleted. Messages I already posted stay; you can delete those yourself.",
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
