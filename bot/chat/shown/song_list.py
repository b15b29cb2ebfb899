"""`/midis` without a song: a page of somebody's songs, with menus to open and delete one.

Its controls name the page: whose songs they are says who presses. `page` shows one, `erase` deletes a song and shows one;
the menus `open` a song or `drop` it, and their values are jobs.
"""

from datetime import datetime
from typing import Any

import discord
import msgspec
from discord.utils import format_dt

from bot.chat.shown.cards import BLURPLE, GREY, RED, one_line, shortened, title_of
from bot.chat.shown.custom_ids import LIST, LIST_MENU, CustomId
from bot.chat.shown.views import answered_by_id
from bot.jobs.model import Job
from bot.jobs.storage.kept_songs import SONGS_A_PAGE, KeptSongs, Page
from bot.language import Language

_LONGEST_TITLE = 100
"""Ten of these with what is said of them stay within the 4096 characters of an embed, in every language."""

_LONGEST_CHOICE = 100
"""Discord's limit for a choice of an autocompletion, and for the label of one in a menu."""


class Sheet(msgspec.Struct, frozen=True):
    """One state of the list."""

    embed: discord.Embed
    view: discord.ui.View | None = None


def listed(page: Page, kept_songs: KeptSongs, say: Language) -> Sheet:
    """A page of songs."""
    if not page.songs:
        return _empty(kept_songs, say)
    first = page.number * SONGS_A_PAGE + 1
    entries = [_entry(place, job, kept_songs, say) for place, job in enumerate(page.songs, first)]
    embed = discord.Embed(title=say("Your songs"), description="\n".join(entries), colour=BLURPLE)
    footer = say.plural("{count} song", "{count} songs", page.count)
    if page.pages > 1:
        footer += " · " + say("page {number} of {pages}", number=page.number + 1, pages=page.pages)
    kept_for = say.plural("each kept for {count} day", "each kept for {count} days", kept_songs.keep_for.days)
    embed.set_footer(text=f"{footer} · {kept_for}")
    view = discord.ui.View(timeout=None)
    view.add_item(_menu("open", page, say("Open a song here…"), first, say))
    view.add_item(_menu("drop", page, say("Delete a song…"), first, say))
    if page.pages > 1:
        view.add_item(_turn(say("Previous"), page.number - 1, is_there=page.number > 0))
        view.add_item(_turn(say("Next"), page.number + 1, is_there=page.number + 1 < page.pages))
    return Sheet(embed, answered_by_id(view))


def question(job: Job, page: int, say: Language) -> Sheet:
    """Asked before a song is deleted."""
    told = say(
        "Delete this song and all its files? It can't be undone. Messages I already posted stay; you can delete those yourself."
    )
    embed = discord.Embed(title=title_of(job, say), description=told, colour=RED)
    view = discord.ui.View(timeout=None)
    yes = discord.ui.Button[Any](
        label=say("Delete"),
        style=discord.ButtonStyle.danger,
        custom_id=str(CustomId(LIST, "erase", page, job.id)),
    )
    no = discord.ui.Button[Any](label=say("Keep it"), custom_id=str(CustomId(LIST, "page", page)))
    view.add_item(yes).add_item(no)
    return Sheet(embed, answered_by_id(view))


def offer(title: str, used_at: datetime, say: Language) -> str:
    """A song in a line of an autocompletion, where Discord draws no times: `Night Drive · 2026-06-01 12:00 UTC`."""
    date = f" · {used_at:%Y-%m-%d %H:%M} UTC"
    return shortened(one_line(title) or say("Song"), _LONGEST_CHOICE - len(date)) + date


def _empty(kept_songs: KeptSongs, say: Language) -> Sheet:
    told = say.plural(
        "You have no saved songs yet. Make one with `/midi`: I keep it for {count} day, or until you delete it.",
        "You have no saved songs yet. Make one with `/midi`: I keep it for {count} days, or until you delete it.",
        kept_songs.keep_for.days,
    )
    return Sheet(discord.Embed(title=say("Your songs"), description=told, colour=GREY))


def _entry(place: int, job: Job, kept_songs: KeptSongs, say: Language) -> str:
    facts = [format_dt(job.created_at, "R"), *_heard(job, say)]
    if kept_songs.is_going_soon(job):
        facts.append(say("kept until {date}", date=format_dt(kept_songs.kept_until(job), "d")))
    if job.message_id is None:
        facts.append(f"**{say('not delivered yet')}**")
    # Its point is escaped, or Discord would number the lines itself.
    return f"**{place}\\. {title_of(job, say, _LONGEST_TITLE)}**\n{' · '.join(facts)}"


def _heard(job: Job, say: Language) -> list[str]:
    """What was heard in a song; those of older versions were not counted."""
    if job.instruments is None or job.notes is None:
        return []
    return [
        say.plural("{count} instrument", "{count} instruments", job.instruments),
        say.plural("{count} note", "{count} notes", job.notes),
    ]


def _menu(action: str, page: Page, prompt: str, first: int, say: Language) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(
            label=shortened(f"{place}. {one_line(job.title) or say('Song')}", _LONGEST_CHOICE),
            value=job.id,
            description=" · ".join(_heard(job, say)) or None,
        )
        for place, job in enumerate(page.songs, first)
    ]
    return discord.ui.Select(
        custom_id=str(CustomId(LIST_MENU, action, page.number)), placeholder=prompt, options=options
    )


def _turn(label: str, number: int, *, is_there: bool) -> discord.ui.Button[Any]:
    # Of two buttons that go nowhere each needs an id of its own.
    custom_id = CustomId(LIST, "page" if is_there else "none", max(0, number))
    return discord.ui.Button(label=label, custom_id=str(custom_id), disabled=not is_there)
