"""What a person wants to know of a song at a glance: per instrument and in all, with hints of tempo and key."""

import msgspec

from bot.music.columns import Seconds, np
from bot.music.heard.hints import Hints, hints
from bot.music.song import Song, Track


class InstrumentSummary(msgspec.Struct, frozen=True):
    """One track in numbers."""

    name: str
    is_drums: bool
    notes: int
    lowest: int
    """The lowest note's pitch, 0..127; of drums a piece of the kit."""
    highest: int
    pieces: int
    """For drums, how many different pieces are hit; else 0."""
    sounding_share: float
    """The part of the song's duration, 0..1, in which at least one of its notes sounds."""


class Summary(msgspec.Struct, frozen=True):
    """A song in numbers."""

    instruments: tuple[InstrumentSummary, ...]
    duration_seconds: float
    notes: int
    most_notes_at_once: int
    hints: Hints


def summarise(song: Song) -> Summary:
    """The summary of `song`; of one without notes, zeros."""
    duration = song.duration_seconds
    return Summary(
        instruments=tuple(_instrument(track, duration) for track in song.tracks if len(track)),
        duration_seconds=duration,
        notes=song.note_count,
        most_notes_at_once=_most_at_once(song),
        hints=hints(song),
    )


def _instrument(track: Track, duration_seconds: float) -> InstrumentSummary:
    return InstrumentSummary(
        name=track.name,
        is_drums=track.is_drums,
        notes=len(track),
        lowest=int(track.pitch.min()),
        highest=int(track.pitch.max()),
        pieces=len(np.unique(track.pitch)) if track.is_drums else 0,
        sounding_share=_sounding_seconds(track.start_seconds, track.end_seconds) / duration_seconds,
    )


def _sounding_seconds(starts: Seconds, ends: Seconds) -> float:
    """The length of the union of all notes; `starts` ascend."""
    reached = np.maximum.accumulate(ends)
    silences = np.maximum(starts[1:] - reached[:-1], 0).sum()
    return float(reached[-1] - starts[0] - silences)


def _most_at_once(song: Song) -> int:
    if not song.note_count:
        return 0
    starts = np.sort(np.concatenate([track.start_seconds for track in song.tracks]))
    ends = np.sort(np.concatenate([track.end_seconds for track in song.tracks]))
    # At each start: the notes begun so far, less those over by then; a note that ends here is over.
    begun = np.arange(1, len(starts) + 1)
    return int((begun - np.searchsorted(ends, starts, side="right")).max())
