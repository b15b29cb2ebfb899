"""The texts of the pages for people: the same sentences that the commands say, where they say them."""

from collections.abc import Callable

import discord

from bot.chat.shown.pianola.about import about, privacy
from bot.language import ENGLISH
from bot.settings import Settings
from bot.web.pages import Pages, Section


def pages(settings: Settings, invite: Callable[[], str | None]) -> Pages:
    """Made from the settings; `invite` gives the link once the bot is logged in."""
    return Pages(
        about=[Section("", (about(settings, ENGLISH).description or "").splitlines())],
        privacy=_sections(privacy(settings, ENGLISH)),
        terms=_terms(settings),
        invite=invite,
    )


def _sections(card: discord.Embed) -> list[Section]:
    return [Section(field.name or "", (field.value or "").splitlines()) for field in card.fields]


def _terms(settings: Settings) -> list[Section]:
    return [
        Section(
            "What you may do",
            [
                f"- Send songs of up to {settings.max_song_mb} MB that you may copy: your own, or those whose makers allow it.",
                "- Use the MIDI files as you like, as far as the rights in the song allow it. I claim none.",
                *_limits(settings),
            ],
        ),
        Section(
            "What you may not do",
            [
                "- Send what is against the law, or what you have no right to copy.",
                "- Try to overload, break or bypass me.",
            ],
        ),
        Section(
            "What you can expect",
            [
                "- It is free, and comes as it is: notes may be wrong, and I may be away or stop one day.",
                f"- Your notes are deleted {_days(settings.keep_days)} after a song is finished, or by `/pianola forget`.",
                *(
                    ["- Songs are worked on by [kie.ai](https://kie.ai), whose own terms hold there."]
                    if settings.uses_kie
                    else []
                ),
            ],
        ),
        Section(
            "Who is behind this",
            [
                "Whoever runs this bot, on a machine of theirs. Pianola itself is free software under the MIT licence."
            ],
        ),
    ]


def _limits(settings: Settings) -> list[str]:
    kinds = ((settings.songs_per_user, "You"), (settings.songs_per_server, "A server"))
    return [
        f"- {who} may send {count} song{'' if count == 1 else 's'} in 24 hours."
        for count, who in kinds
        if count
    ]


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
