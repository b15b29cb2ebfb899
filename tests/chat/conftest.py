"""Jobs and songs to show."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from bot.jobs.model import Job, State
from bot.jobs.song_part import SongPart, Source
from bot.music.song import Note, Song, Track
from tests.jobs.replies import a_reply

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def a_job(**changes: Any) -> Job:
    """A job that came in at noon."""
    reply = a_reply(NOON, 2, user_id=3, channel_id=4, guild_id=5)
    job = Job(
        id="0123456789abcdef0123",
        state=State.RECEIVED,
        title="Night Drive",
        reply=reply,
        parts=(SongPart(Source.ATTACHMENT, "Night Drive.wav", "https://cdn.example/song.wav"),),
        created_at=NOON,
        stage_since=NOON,
        deadline_at=NOON + timedelta(minutes=20),
        callback_secret="secret",
    )
    return replace(job, **changes)


def a_song(*names: str) -> Song:
    """Instruments that play one chord after the other, a second each."""
    tracks = []
    for second, name in enumerate(names):
        chord = [Note(pitch, float(second), second + 1.0, 80) for pitch in (60, 64, 67)]
        tracks.append(Track.of(chord, name=name, guessed=True))
    return Song(tuple(tracks))
