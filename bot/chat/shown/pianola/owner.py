"""What who runs the bot sees of its songs: numbers and ids, no titles, and of errors no word of who asked."""

from collections.abc import Iterator
from datetime import datetime

import discord

from bot.chat.shown.cards import BLURPLE, short_id
from bot.chat.shown.pianola.status import SIGNS
from bot.errors import from_code
from bot.findings import Finding
from bot.jobs.model import Job, State
from bot.jobs.storage.day import Day
from bot.language import Language

_MOST_REASONS = 5
"""What is behind them happened once or twice."""

_OURS = {"reason", "time", "when"}
"""Values of errors that are words of ours, and no names of files or stems."""


def today(day: Day, studio: Finding, servers: int, say: Language) -> discord.Embed:
    """The last 24 hours; `servers` is how many the bot is on. The studio's line says how many credits are left."""
    lines = [
        say("Songs done: {count}", count=say.number(day.ended[State.DONE])),
        say("Songs failed: {count}", count=say.number(day.ended[State.FAILED])),
        say("Songs cancelled: {count}", count=say.number(day.ended[State.CANCELLED])),
        say("Songs in progress: {count}", count=say.number(day.under_way)),
        "",
        say("People who asked: {count}", count=say.number(day.people)),
        say(
            "Servers they asked on: {count} of {all}",
            count=say.number(day.servers),
            all=say.number(servers),
        ),
        say("Credits spent: {credits}", credits=say.decimal(day.credits)),
        "",
        f"{SIGNS[studio.grade]} {studio.said(say)}",
    ]
    card = discord.Embed(title=say("The last 24 hours"), description="\n".join(lines), colour=BLURPLE)
    if day.failures:
        reasons = (
            f"{say.number(count)} × {_reason(code, {}, say)}"
            for code, count in day.failures.most_common(_MOST_REASONS)
        )
        card.add_field(name=say("Why songs failed"), value="\n".join(reasons)[:1024], inline=False)
    return card


def job_card(job: Job, say: Language) -> discord.Embed:
    """One song: how it is and why, whose it is by their ids, and what the studio calls it."""
    return discord.Embed(
        title=f"#{short_id(job)}", description="\n".join(_told(job, say))[:4096], colour=BLURPLE
    )


def _told(job: Job, say: Language) -> Iterator[str]:
    yield say("State: {state}", state=f"`{job.state}`")
    if job.hold:
        yield say("It waits for an answer until {when}.", when=_moment(job.hold.until))
    if job.error_code:
        yield say("Reason: {reason}", reason=_reason(job.error_code, job.error_values, say))
    yield ""
    yield say("Asked: {when}", when=_moment(job.created_at))
    if job.finished_at:
        yield say("Ended: {when}", when=_moment(job.finished_at))
    else:
        yield say("In this state since: {when}", when=_moment(job.stage_since))
        yield say("Time is up: {when}", when=_moment(job.deadline_at))
    yield ""
    yield say("Person: {id}", id=f"`{job.reply.user_id}`")
    if job.reply.guild_id:
        yield say("Server: {id}", id=f"`{job.reply.guild_id}`")
    yield say("Job: {id}", id=f"`{job.id}`")
    if job.studio:
        yield say("Studio: {name}", name=f"`{job.studio}`")
    if tasks := [task.id for part in job.parts for task in (part.separation, part.midi) if task and task.id]:
        yield say("Its tasks: {ids}", ids=", ".join(f"`{task}`" for task in tasks))
    if job.cost:
        yield say("Credits spent: {credits}", credits=say.decimal(job.cost.credits))


def _reason(code: str, values: dict[str, str | int | float], say: Language) -> str:
    shown = {
        name: "…" if isinstance(value, str) and name not in _OURS else value for name, value in values.items()
    }
    return f"`{code}` {say.error(from_code(code, shown))}"


def _moment(at: datetime) -> str:
    return f"<t:{at.timestamp():.0f}:T> (<t:{at.timestamp():.0f}:R>)"
