"""What a held job asks, as a card: its price, or which track is meant."""

import discord

from bot.chat.shown.cards import BLURPLE, Card, title_of
from bot.chat.shown.controls import Button, Choice, Control, Menu
from bot.chat.shown.prices import credits_text
from bot.jobs.model import Hold, Job, Question
from bot.kie.music import Track
from bot.language import Language, language_of
from bot.music.clock_time import clock_time


def question(job: Job, hold: Hold) -> Card:
    """The question that `job` waits with, and what can be answered."""
    say = language_of(job.reply.locale)
    asked, answers = _track(job, say) if hold.question is Question.TRACK else _price(job, hold, say)
    # Discord shows this in the reader's own time and language.
    until = say("If nobody answers, I stop {when}.", when=f"<t:{hold.until.timestamp():.0f}:R>")
    embed = discord.Embed(title=title_of(job, say), description=f"{asked}\n{until}", colour=BLURPLE)
    return Card(embeds=(embed,), controls=(*answers, Button("cancel", job.id)), say=say)


def _price(job: Job, hold: Hold, say: Language) -> tuple[str, tuple[Control, ...]]:
    price = credits_text(hold.price, say)
    told = [say("Separating this song costs about {credits} (list price).", credits=price)]
    if hold.credits_left is not None:
        left = credits_text(hold.credits_left, say)
        told.append(say("The account has {credits} left.", credits=left))
    answers = [Button("go", job.id)]
    if job.is_learned:
        told.insert(0, say("Two stems gave no notes here so far, so this would be all stems."))
        answers.append(Button("gotwo", job.id))
    return " ".join([*told, say("Shall I go on?")]), tuple(answers)


def _track(job: Job, say: Language) -> tuple[str, tuple[Control, ...]]:
    tracks = next(part.music.tracks for part in job.parts if part.music)
    choices = tuple(_choice(track, place, say) for place, track in enumerate(tracks, 1))
    menu = Menu("track", job.id, say("Which track…"), choices)
    return say("This has several tracks. Which one should I use?"), (menu,)


def _choice(track: Track, place: int, say: Language) -> Choice:
    title = track.title or say("Track {number}", number=place)
    length = clock_time(track.seconds) if track.seconds else say("length unknown")
    return Choice(f"{place} · {title}", length)
