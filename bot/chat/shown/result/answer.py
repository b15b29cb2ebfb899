"""The card of a finished song: its file, its picture, something to hear, what is in it and what can be done with it."""

from datetime import datetime, timedelta

import discord
from msgspec.structs import replace

from bot.chat.shown.cards import (
    COVER,
    GREEN,
    PICTURE,
    Card,
    CardFile,
    hidden_with,
    title_of,
    told_of_separation,
)
from bot.chat.shown.prices import credits_text
from bot.chat.shown.result.actions import controls, track_names
from bot.chat.shown.result.key_and_part import stem_of, told_of_view
from bot.chat.shown.result.table import summary_table
from bot.chat.shown.result.tempos import by_beats, in_beats, tempo_told
from bot.jobs.model import Job
from bot.kie.strength import Strength
from bot.language import Language, text
from bot.music.chords.chart import gist
from bot.music.chords.hear import Chords, find_chords
from bot.music.clock_time import clock_time
from bot.music.heard.key import Key
from bot.music.heard.tempo import Tempo
from bot.music.roll.draw import draw
from bot.music.song import Song
from bot.music.summary import Summary, summarise
from bot.music.timeline.bars import Bars, Origin
from bot.music.write.encode import encode
from bot.sound.preview import Preview

_STRENGTHS = {
    Strength.MORE: text("With more notes than usual, as you asked: faint ones too."),
    Strength.FEWER: text("With fewer notes than usual, as you asked: only clear ones."),
}

_CONTRADICTS = 0.6
"""Confidence from which on a tempo that is heard is told beside what a file says."""

_SAME_BEAT = (1 / 3, 1 / 2, 2 / 3, 1, 3 / 2, 2, 3)
"""Tempos that two people may tap to one song, by that of its file."""

_MOST_GUESSES = 6
"""Names in the sentence about guesses: more are a table of their own."""

REST_OF_MIX = "Keys and others"
"""What the built-in studio calls the instruments of a mix that it cannot tell apart."""


def result(job: Job, song: Song, now: datetime, say: Language, lacks: frozenset[str] = frozenset()) -> Card:
    """The finished song; `lacks` are actions that this machine has nothing for. Takes tens of milliseconds: not for the loop."""
    summary, chords = summarise(song), find_chords(song)
    instruments = say.plural("{count} instrument", "{count} instruments", len(summary.instruments))
    notes = say.plural("{count} note", "{count} notes", summary.notes)
    at_once = say.plural("{count} note at a time", "up to {count} notes at once", summary.most_notes_at_once)
    head = f"**{instruments} · {notes} · {clock_time(summary.duration_seconds)}** · {at_once}"
    table = f"```\n{summary_table(summary, say)}\n```"
    told = [
        *song.report.lines(say),
        *_tuning(song, say),
        *_guessed(job, song, say),
        *_silent(song, say),
        *_beside(job, song, say),
    ]
    about = [
        head,
        *_hints(job, song, summary, say),
        *_chords(chords, say),
        *told_of_view(job, song, say),
    ]
    embeds = _embeds(job, about, [table, *told], say)
    took = say.duration(max(job.worked(now), timedelta(seconds=1)))
    if job.is_score:
        footer = say("as given · took {time}", time=took)
    else:
        footer = say("as played · took {time}", time=took)
    embeds[-1].set_footer(text=" · ".join([footer, *_cost(job, say)]))
    if not job.is_spoiler:  # Discord hides files, and no pictures of embeds
        embeds[-1].set_image(url=f"attachment://{PICTURE}")
    roll = draw(song, say=say, chords=chords)
    files = [CardFile(hidden_with(job, PICTURE), roll.png, roll.alt_text)]
    if job.cover:
        files.append(CardFile(COVER, job.cover, say("The cover of the song")))
    # Who gave a MIDI file has it, but not with the instrument that was named, or in another key.
    if not job.is_score or song.view or any(part.instrument for part in job.parts):
        names = say.list([track.name for track in song.tracks])
        described = say("MIDI file: {instruments} ({names})", instruments=instruments, names=names)[:1024]
        midi = encode(song, title=job.title, chords=chords)
        files.insert(0, CardFile(f"{stem_of(job, song)}.mid", midi, described))
    return Card(embeds=embeds, files=tuple(files), controls=controls(job, song, say, lacks), say=say)


def _embeds(job: Job, about: list[str], table: list[str], say: Language) -> tuple[discord.Embed, ...]:
    """What is said of a song and of its instruments; apart where there is a cover, which takes the width that a table needs."""
    title = title_of(job, say)
    if not job.cover:
        return (discord.Embed(title=title, description="\n".join(about + table)[:4096], colour=GREEN),)
    head = discord.Embed(title=title, description="\n".join(about)[:1024], colour=GREEN)
    head.set_thumbnail(url=f"attachment://{COVER}")
    return head, discord.Embed(description="\n".join(table)[:4096], colour=GREEN)


def with_preview(card: Card, job: Job, song: Song, preview: Preview) -> Card:
    """The card with something to listen to: Discord plays no MIDI."""
    say, length = card.say, card.say.duration(timedelta(seconds=preview.seconds))
    if begins := song.begins_seconds + preview.start_seconds:
        start = clock_time(begins)
        described = say(
            "Preview: {time} from {start}, played by a General MIDI synthesizer",
            time=length,
            start=start,
        )
    else:
        described = say("Preview: the first {time}, played by a General MIDI synthesizer", time=length)
    name = f"{stem_of(job, song)}.ogg"
    return replace(card, files=(*card.files, CardFile(name, preview.ogg, described)))


def _cost(job: Job, say: Language) -> list[str]:
    if job.cost is None:
        return []
    price = credits_text(job.cost.credits, say)
    if job.cost.is_said:
        return [say("cost {credits}", credits=price)]
    return [say("about {credits} (list price)", credits=price)]


def _hints(job: Job, song: Song, summary: Summary, say: Language) -> list[str]:
    """The bars of the file, or else the tempo that is stated; and the key. What is heard only where it is worth reading."""
    stated, tempo, key = song.stated_tempo, summary.hints.tempo, summary.hints.key
    told = []
    if song.bars and song.bars.origin is not Origin.GIVEN:
        told.append(_bars(song, song.bars, key, say))
        if song.bars.key:
            key = None
    elif stated and stated.only_bpm:
        told.append(_stated(in_beats(stated.only_bpm, song), song, tempo, say))
    elif stated:
        slowest, fastest = (say.decimal(in_beats(bpm, song)) for bpm in stated)
        changes = say("tempo changes between {slowest} and {fastest} BPM", slowest=slowest, fastest=fastest)
        told.append(by_beats(changes, song, say))
    elif not job.is_score:
        told.append(say("I heard no steady beat, so the file is at 120 BPM"))
    elif tempo and tempo.is_sure:
        told.append(say("about {bpm} BPM (or half/double)", bpm=f"{tempo.bpm:.0f}"))
    if key and key.is_sure:
        told.append(say("probably {key}", key=say(key.name)))
    return [" · ".join(told)] if told else []


def _stated(bpm: float, song: Song, heard: Tempo | None, say: Language) -> str:
    """What a given file says; and what is heard where that is no other reading of the same beat, as of notes that were only put on a grid."""
    told = tempo_told(bpm, song, say)
    if (
        heard is None
        or heard.confidence < _CONTRADICTS
        or any(heard.is_near(bpm * ratio) for ratio in _SAME_BEAT)
    ):
        return told
    return say("{tempo} in the file, about {heard} BPM by ear", tempo=told, heard=f"{heard.bpm:.0f}")


def _chords(chords: Chords | None, say: Language) -> list[str]:
    """The chords that the song begins with, where they are sure."""
    return [say("Chords: {chords}", chords=gist(chords))] if chords and chords.is_sure else []


def _bars(song: Song, bars: Bars, key: Key | None, say: Language) -> str:
    """Such as "104 BPM, 4/4, G minor (sure)"."""
    slowest, fastest = (round(bpm, 1) for bpm in bars.bpm)
    if slowest == fastest:
        told = [tempo_told(slowest, song, say)]
    else:
        both = say(
            "{slowest} to {fastest} BPM",
            slowest=say.decimal(round(slowest)),
            fastest=say.decimal(round(fastest)),
        )
        told = [by_beats(both, song, say)]
    told.append(bars.meter)
    if bars.key and key:
        told.append(say(key.name))
    if bars.origin is Origin.CHOSEN:
        return say("{bars} (as you say)", bars=", ".join(told))
    return say("{bars} (sure)", bars=", ".join(told))


def _guessed(job: Job, song: Song, say: Language) -> list[str]:
    """Which sounds are a guess; of many, the first."""
    names = [
        _quoted(name)
        for name, track in zip(track_names(job, song, say), song.tracks, strict=True)
        if track.guessed
    ]
    if not names:
        return []
    shown = names[:_MOST_GUESSES]
    if left := len(names) - len(shown):
        shown.append(say.plural("{count} more", "{count} more", left))
    return [
        say.plural(
            "The sound of {names} is a guess from its name.",
            "The sounds of {names} are guesses from their names.",
            len(names),
            names=say.list(shown),
        )
    ]


def _tuning(song: Song, say: Language) -> list[str]:
    cents = abs(song.tuning_cents)
    if song.tuning_cents < 0:
        return [
            say(
                "The recording is tuned {cents} cents flat; the notes are as played on the instrument.",
                cents=cents,
            )
        ]
    if song.tuning_cents > 0:
        return [
            say(
                "The recording is tuned {cents} cents sharp; the notes are as played on the instrument.",
                cents=cents,
            )
        ]
    return []


def _silent(song: Song, say: Language) -> list[str]:
    names = [_quoted(name) for name in song.silent_parts]
    return [say("I heard nothing in: {names}.", names=say.list(names))] if names else []


def _quoted(name: str) -> str:
    return "`{}`".format(name.replace("`", "'"))


def _beside(job: Job, song: Song, say: Language) -> list[str]:
    """What a person should know that is not of this song."""
    told = told_of_separation(job, say)
    if job.strength is not Strength.USUAL:
        told.append(say(_STRENGTHS[job.strength]))
    if any(track.name == REST_OF_MIX for track in song.tracks):
        told.append(
            say(
                "I heard this as a mix: the bass and the drums have their own tracks, the rest shares one. "
                "With the song's stems (`/stems`), or with kie.ai, each instrument gets its own."
            )
        )
    if job.stem and job.is_separated and any(not part.stems and not part.audio_id for part in job.parts):
        told.append(say("I couldn't look up the stems of this separation, so I used all of them."))
    if job.passed_over:
        told.append(say("Not used: {names}.", names=say.list([_quoted(name) for name in job.passed_over])))
    if job.undelivered:
        told.append(
            say.plural(
                "I couldn't post {count} earlier song of yours; get it with `/midis`.",
                "I couldn't post {count} earlier songs of yours; get them with `/midis`.",
                job.undelivered,
            )
        )
    return told
