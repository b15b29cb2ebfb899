"""Tracks of any notes -> a song that every program plays alike, with the report of what that took."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from bot.errors import NotesError
from bot.music.channels import seats
from bot.music.columns import Bytes, Flags, Ints, Seconds, np
from bot.music.instruments.programs import kit_pitches
from bot.music.overlaps import TICK_BITS, TRACK_BITS, Overlaps
from bot.music.report import Report
from bot.music.song import Song, Track
from bot.music.timeline.tempo_map import TempoMap

_DIVISION = 480
"""Ticks a quarter of the plain grid, which is at 120 BPM. The service's 1/192 s is 5 ticks, exactly."""

DRUM_HIT_SECONDS = 0.05
"""A drum hit of no length; one tick of it is dropped or stretched to a beat by some readers."""

MAX_TRACKS = 1 << TRACK_BITS
"""Instruments with notes; more are no song."""


class Notes(msgspec.Struct, frozen=True):
    """All notes of a song as columns, each with its track's index and its lane (channel * 128 + pitch)."""

    track: Ints
    lane: Ints
    is_drums: Flags
    pitch: Bytes
    start_seconds: Seconds
    end_seconds: Seconds
    velocity: Bytes

    @classmethod
    def of(cls, tracks: Sequence[Track], channels: Sequence[int]) -> "Notes":
        """The notes of `tracks` one after another."""
        track = np.repeat(np.arange(len(tracks)), [len(t) for t in tracks])
        pitch = np.concatenate([t.pitch for t in tracks])
        return cls(
            track=track,
            lane=np.asarray(channels, np.int64)[track] * 128 + pitch,
            is_drums=np.asarray([t.is_drums for t in tracks])[track],
            pitch=pitch,
            start_seconds=np.concatenate([t.start_seconds for t in tracks]),
            end_seconds=np.concatenate([t.end_seconds for t in tracks]),
            velocity=np.concatenate([t.velocity for t in tracks]),
        )

    def ticks(self, tempo_map: TempoMap) -> tuple[Ints, Ints, Flags]:
        """Starts and ends on a grid, no note without length, and which notes were lengthened for that.

        Each is rounded from absolute time; rounding differences would drift.
        """
        start = tempo_map.ticks_at(self.start_seconds)
        end = tempo_map.ticks_at(self.end_seconds)
        empty = end <= start
        if empty.any():
            drum_hit = np.maximum(tempo_map.ticks_at(self.start_seconds + DRUM_HIT_SECONDS), start + 1)
            end = np.where(empty, np.where(self.is_drums, drum_hit, start + 1), end)
        return start, end, empty


def normalise(tracks: Sequence[Track], report: Report) -> Song:
    """One song of `tracks`: no doubled, overlapping or empty notes on the default file's grid, no empty track.

    `report` is what happened before; the song's report adds to it what happens here.

    Raises:
        NotesError: over 1024 tracks have notes.
    """
    found = [track for track in tracks if len(track)]
    if len(found) > MAX_TRACKS:
        raise NotesError(f"{len(found)} instruments, over the limit of {MAX_TRACKS}")
    report += Report(empty_instruments=len(tracks) - len(found))
    if found:
        found, changes = _settle_notes(found)
        report += changes
    return Song(tuple(found), replace(report, **_told_by_tracks(found)))


def _settle_notes(tracks: list[Track]) -> tuple[list[Track], Report]:
    notes, plain = Notes.of(tracks, [seat.channel for seat in seats(tracks)]), TempoMap.of(_DIVISION, [])
    start_ticks, end_ticks, empty = notes.ticks(plain)
    end_seconds = notes.end_seconds
    if empty.any():
        end_seconds = np.where(empty, plain.at(end_ticks), end_seconds)
    overlaps = Overlaps.of(notes.lane, start_ticks, end_ticks, notes.track)
    at = _by_start(notes.track[overlaps.kept], start_ticks[overlaps.kept], overlaps.kept)
    if isinstance(at, slice) and not overlaps.cut.any() and not empty.any():
        return tracks, Report()
    end_seconds, velocity = overlaps.ends(notes.start_seconds, end_seconds), overlaps.most(notes.velocity)
    pitch, starts, ends, velocity = notes.pitch[at], notes.start_seconds[at], end_seconds[at], velocity[at]
    bounds = np.searchsorted(notes.track[at], np.arange(len(tracks) + 1)).tolist()
    settled = [
        track.with_notes(pitch[low:high], starts[low:high], ends[low:high], velocity[low:high])
        for track, low, high in zip(tracks, bounds[:-1], bounds[1:], strict=True)
    ]
    left = [track for track in settled if len(track)]
    return left, Report(
        merged_notes=overlaps.merged,
        cut_notes=int(overlaps.cut.sum()),
        lengthened_notes=int(empty.sum()),
        doubled_instruments=len(settled) - len(left),
    )


def _by_start(track: Ints, start_ticks: Ints, kept: "Ints | slice") -> "Ints | slice":
    """`kept` in order of track and start, which it mostly is already."""
    key = track << TICK_BITS | start_ticks
    if (key[1:] >= key[:-1]).all():
        return kept
    order = np.argsort(key, kind="stable")
    return order if isinstance(kept, slice) else kept[order]


def _told_by_tracks(tracks: Sequence[Track]) -> dict[str, int]:
    """The counts that follow from the tracks alone."""
    drums = [track for track in tracks if track.is_drums]
    return {
        "guessed_programs": sum(track.guessed for track in tracks),
        "unmapped_drum_tracks": sum(map(_is_unmapped, drums)),
        "shared_channel_tracks": sum(seat.is_shared for seat in seats(tracks)),
    }


def _is_unmapped(track: Track) -> bool:
    """Whether at least half of a drum track's notes are no pieces of the kit that its name promises."""
    kit = kit_pitches(track.name)
    strange = (track.pitch < kit.start) | (track.pitch >= kit.stop)
    return bool(2 * strange.sum() >= len(track))
