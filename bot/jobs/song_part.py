"""What a song is made of: its files, and the tasks that studios have of each."""

from datetime import datetime
from enum import StrEnum

import msgspec

from bot.kie.music import Track
from bot.kie.stems import Stem


class Source(StrEnum):
    """What a part was given as."""

    ATTACHMENT = "attachment"
    ADDRESS = "address"
    TASK = "task"
    STUDIO = "studio"
    """A file that a studio has from an earlier job."""


class Task(msgspec.Struct, frozen=True):
    """A task at the studio. `sent_at` is written before it is sent, `id` when the answer is there.

    Sent without an id means that the outcome is unclear: the process or the connection died in between.
    `is_of_before` marks one that an earlier job sent and maybe paid. `listed_credits` is what the price list says of it,
    where this job sent it for credits, and `credits` what the studio says.
    """

    sent_at: datetime
    id: str | None = None
    is_done: bool = False
    is_of_before: bool = False
    listed_credits: float | None = None
    credits: float | None = None


class Music(msgspec.Struct, frozen=True):
    """A finished music task of kie.ai, whose track `track_id` is separated."""

    id: str
    tracks: tuple[Track, ...]
    track_id: str | None = None

    @property
    def seconds(self) -> float | None:
        """The length of the track that is separated, where kie.ai says it."""
        return next((track.seconds for track in self.tracks if track.id == self.track_id), None) or None


class SongPart(msgspec.Struct, frozen=True):
    """One file of a song. `source` is an address or a task id; it is erased once the studio has the audio.

    `stems` are those of its separation, and `audio_id` names the one that is transcribed; None: all of them. `music` is
    what is separated where no file was given. `is_score`: it is a MIDI file, or named like one as long as nobody looked
    inside; no studio hears it. `alternatives` are addresses to be looked at, in their order, where the source is no song;
    erased with it. `is_spoiler`: who gave it hid it, and so is hidden what is made of it. `instrument` is what the asker
    says that all of it is: a General MIDI name, or Drums. `seconds` is its length and `cover` a small JPEG, where its file says so. `is_borrowed`:
    the sound at `upload_url` is another person's, whose song was tried again.
    """

    kind: Source
    name: str
    source: str | None
    upload_url: str | None = None
    music: Music | None = None
    separation: Task | None = None
    stems: tuple[Stem, ...] = ()
    audio_id: str | None = None
    midi: Task | None = None
    is_score: bool = False
    alternatives: tuple[str, ...] = ()
    is_spoiler: bool = False
    instrument: str | None = None
    seconds: float | None = None
    cover: bytes = b""
    is_borrowed: bool = False

    @property
    def needs_upload(self) -> bool:
        """Whether the studio has neither its audio nor what became of it."""
        return self.upload_url is None and self.music is None and self.separation is None
