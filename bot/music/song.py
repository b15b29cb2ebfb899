"""A song as notes: what is read from a studio's answer, and what every file is made from."""

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeVar

import msgspec

from bot.music.columns import ArrayLike, Bytes, NDArray, Seconds, np
from bot.music.report import Report
from bot.music.timeline.bars import Bars, LikelyBars
from bot.music.view.view import View

_Number = TypeVar("_Number", "np.float64", "np.uint8")


class Note(NamedTuple):
    """One note: pitch 0..127 (60 is middle C, C4), times in seconds from the song's start, velocity 1..127."""

    pitch: int
    start_seconds: float
    end_seconds: float
    velocity: int


class Track(msgspec.Struct, frozen=True, eq=False):
    """One instrument: its name, its sound, and its notes as four read-only columns of one length.

    Iterating gives `Note`s, which is friendly and slow: whole tracks are worked on by column.
    """

    name: str
    program: int
    """General MIDI program 0..127; 0 for drums."""
    is_drums: bool
    guessed: bool
    """Whether the sound is a guess from the name."""
    pitch: Bytes
    start_seconds: Seconds
    end_seconds: Seconds
    velocity: Bytes
    part: int = 0
    """Which of a song's files it was heard in."""

    def __post_init__(self) -> None:
        """Refuse what would become a broken file.

        Raises:
            ValueError: columns of unlike lengths, or a value outside its range.
        """
        pitch, start, end, velocity = self.pitch, self.start_seconds, self.end_seconds, self.velocity
        if not len(pitch) == len(start) == len(end) == len(velocity):
            raise ValueError("the columns of a track have unlike lengths")
        if not 0 <= self.program <= 127:
            raise ValueError(f"program {self.program} is outside 0..127")
        # NaN fails each comparison, so it is refused too; an infinite end needs its own.
        usable = (pitch <= 127) & (velocity >= 1) & (velocity <= 127) & (start >= 0) & (end >= start)
        if not (usable & np.isfinite(end)).all():
            raise ValueError(f"a note of {self.name!r} is outside MIDI's range")

    @classmethod
    def of(
        cls,
        notes: Sequence[Note],
        *,
        name: str = "",
        program: int = 0,
        is_drums: bool = False,
        guessed: bool = False,
    ) -> "Track":
        """A track from single notes, as they are."""
        columns = zip(*notes, strict=True) if notes else ((), (), (), ())
        return cls(name, program, is_drums, guessed, *_columns(*columns))

    def with_notes(
        self, pitch: ArrayLike, start_seconds: ArrayLike, end_seconds: ArrayLike, velocity: ArrayLike
    ) -> "Track":
        """This instrument with other notes, as columns of one length."""
        columns = _columns(pitch, start_seconds, end_seconds, velocity)
        return Track(self.name, self.program, self.is_drums, self.guessed, *columns, part=self.part)

    def __len__(self) -> int:
        return len(self.pitch)

    def __iter__(self) -> Iterator[Note]:
        columns = (self.pitch, self.start_seconds, self.end_seconds, self.velocity)
        return map(Note, *(column.tolist() for column in columns))


class StatedTempo(NamedTuple):
    """What a given MIDI file says of its tempo: the slowest and the fastest that its notes are played at, in quarters a minute."""

    slowest_bpm: float
    fastest_bpm: float

    @property
    def only_bpm(self) -> float | None:
        """The one tempo of the whole song; None where it changes."""
        return self.slowest_bpm if self.slowest_bpm == self.fastest_bpm else None


class Song(msgspec.Struct, frozen=True, eq=False):
    """Tracks, the report of what was changed to get them, and the tempo where somebody stated it."""

    tracks: tuple[Track, ...]
    report: Report = msgspec.field(default_factory=Report)
    stated_tempo: StatedTempo | None = None
    bars: Bars | None = None
    """Where its bars are, as somebody heard, chose or wrote them; None where nobody is sure."""
    likely_bars: LikelyBars | None = None
    """Where they may be, where they were listened for."""
    silent_parts: tuple[str, ...] = ()
    """Of a song that came in several files, the names of those in which nothing was heard."""

    tuning_cents: int = 0
    """How sharp the recording is against 440 Hz; flat: below 0."""
    view: View | None = None
    """What of it is shown, where that is not all of it as it is."""
    begins_seconds: float = 0.0
    """Where in the whole song its second 0 is: the start of a part, or of the bar that this lies in."""

    @property
    def duration_seconds(self) -> float:
        """When the last note ends, from the song's start; 0.0 without notes."""
        return max((float(track.end_seconds.max()) for track in self.tracks if len(track)), default=0.0)

    @property
    def longest_seconds(self) -> float:
        """How long it may sound: a part ends where the rest of the song begins."""
        if self.view is None or self.view.end_seconds is None:
            return math.inf
        return self.view.end_seconds - self.begins_seconds

    @property
    def beat(self) -> Fraction:
        """The length of the beat that people count, in quarters."""
        return (self.bars or Bars.plain()).beat

    @property
    def has_pitches(self) -> bool:
        """Whether anything but drums plays: only that has a key."""
        return any(len(track) and not track.is_drums for track in self.tracks)

    @property
    def note_count(self) -> int:
        """Notes in all tracks."""
        return sum(map(len, self.tracks))

    @property
    def most_events(self) -> int:
        """What is written where each track becomes a file of its own, with the bars of all: the work that a song can be."""
        changes = len(self.bars.tempos) + len(self.bars.meters) if self.bars else 0
        return self.note_count + changes * len(self.tracks)


def _columns(
    pitch: ArrayLike, start_seconds: ArrayLike, end_seconds: ArrayLike, velocity: ArrayLike
) -> tuple[Bytes, Seconds, Seconds, Bytes]:
    return (
        _column(pitch, np.uint8),
        _column(start_seconds, np.float64),
        _column(end_seconds, np.float64),
        _column(velocity, np.uint8),
    )


def _column(values: ArrayLike, kind: type[_Number]) -> "NDArray[_Number]":
    """`values` as a column that nobody can write to."""
    column = np.asarray(values, kind).view()
    column.flags.writeable = False
    return column
