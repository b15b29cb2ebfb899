"""The form in which notes are kept: the service's own `midiData`, and what only a given MIDI file says."""

from typing import Annotated, TypeAlias

import msgspec

Program: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=127)]
Tick: TypeAlias = Annotated[int, msgspec.Meta(ge=0, lt=1 << 28)]
Bpm: TypeAlias = Annotated[float, msgspec.Meta(gt=0)]


class StoredNote(msgspec.Struct, gc=False):
    """One note: times in seconds, a velocity as a fraction 0..1."""

    pitch: Annotated[int, msgspec.Meta(ge=0, le=127)]
    start: float
    end: float
    velocity: float


class StoredInstrument(msgspec.Struct, gc=False, omit_defaults=True):
    """One instrument. Where neither a program nor drums are given, the name tells its sound."""

    notes: list[StoredNote] = []
    name: str = ""
    program: Program | None = None
    drums: bool = False


class StoredBars(msgspec.Struct, gc=False, omit_defaults=True):
    """What a given file says of its bars: ticks a quarter; tempos, time signatures and sharps (below zero flats) by tick."""

    division: Annotated[int, msgspec.Meta(ge=1, le=0x7FFF)]
    tempos: list[tuple[Tick, Annotated[int, msgspec.Meta(ge=1, le=0xFFFFFF)]]] = []
    meters: list[
        tuple[Tick, Annotated[int, msgspec.Meta(ge=1, le=255)], Annotated[int, msgspec.Meta(ge=1, le=64)]]
    ] = []
    key: tuple[Annotated[int, msgspec.Meta(ge=-7, le=7)], bool] | None = None


class StoredSong(msgspec.Struct, gc=False, omit_defaults=True):
    """All instruments; `report` has counts by the names of `Report`'s fields, from before the notes were kept.

    `tuning_cents` says how sharp a recording is, as a studio of ours found; flat: below 0. `stated_tempo` are the slowest and the fastest tempo that a file says.
    """

    instruments: list[StoredInstrument] = []
    report: dict[str, int] = {}
    stated_tempo: tuple[Bpm, Bpm] | None = None
    tuning_cents: int = 0
    bars: StoredBars | None = None
