"""From the network's grids to notes: each beginning starts a note, which lasts while its pitch goes on sounding."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.studio.transcriber.model import LOWEST_PITCH, PITCHES, SURE, Activity, Grid

Row = NDArray[np.uint8]
Likelihoods = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Note:
    """One note in frames: `end` is the first frame in which it no longer sounds.

    `strength` is how surely it sounds on the whole, `attack` how surely it begins at `start`; both 0..1.
    """

    start: int
    end: int
    pitch: int
    strength: float
    attack: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How sure the network must be. Raising them drops ghosts first, then quiet notes."""

    beginning: float
    sounding: float
    unbegun: float
    """How surely a pitch must sound to be a note though its beginning was not seen."""
    shortest_frames: int


GAP_FRAMES: Final = 11
"""A note goes on through gaps shorter than this (128 ms): the network flickers on held notes."""

RISE_FRAMES: Final = 2
"""A beginning is also a rise of the sounding over this many frames, for attacks too soft to be seen as one."""


def find_notes(activity: Activity, thresholds: Thresholds) -> list[Note]:
    """All notes, by start. Frames that one note has used, at its pitch and beside it, are closed to the others."""
    left = activity.sounding.copy()
    sounding = thresholds.sounding * SURE
    notes: list[Note] = []
    for start, row in _beginnings(activity, thresholds.beginning * SURE):
        end = _end(left[row], start, sounding)
        if end - start >= thresholds.shortest_frames:
            notes.append(_taken(activity, left, row, start, end))
    notes += _unbegun(activity, left, thresholds)
    return sorted(notes, key=lambda note: (note.start, note.pitch))


def _beginnings(activity: Activity, threshold: float) -> list[tuple[int, int]]:
    """(frame, row) of each peak from `threshold` on, the latest first: a later note ends the one before it."""
    found: list[tuple[int, int]] = []
    highest_rise = max(float(_rise(row).max(initial=0.0)) for row in activity.sounding)
    highest_onset = float(activity.beginning.max(initial=0))
    scale = highest_onset / highest_rise if highest_rise else 0.0
    for row in range(PITCHES):
        # Row by row: all rises of a long song at once would double the memory.
        onset = np.maximum(activity.beginning[row], _rise(activity.sounding[row]) * scale)
        inner = onset[1:-1]
        # Of two equal ones beside each other the first is the peak.
        peaks = (inner > onset[:-2]) & (inner >= onset[2:]) & (inner >= threshold)
        found += [(int(frame) + 1, row) for frame in np.flatnonzero(peaks)]
    return sorted(found, reverse=True)


def _rise(sounding: Row) -> Likelihoods:
    """How much surer each frame is than each of the `RISE_FRAMES` before it, at the least."""
    row = sounding.astype(np.float32)
    rise = np.zeros_like(row)
    if row.size > RISE_FRAMES:
        steps = [row[RISE_FRAMES:] - row[RISE_FRAMES - lag : -lag] for lag in range(1, RISE_FRAMES + 1)]
        rise[RISE_FRAMES:] = np.maximum(np.minimum.reduce(steps), 0.0)
    return rise


def _end(row: Row, start: int, threshold: float) -> int:
    """The frame after `start` from which `row` stays below `threshold` for `GAP_FRAMES`."""
    quiet = 0
    for frame in range(start + 1, row.size):
        quiet = quiet + 1 if row[frame] < threshold else 0
        if quiet == GAP_FRAMES:
            return frame - GAP_FRAMES + 1
    return row.size - quiet


def _start(row: Row, end: int, threshold: float) -> int:
    """As `_end`, backwards: the first frame of what sounds at `end`."""
    return row.size - 1 - (_end(row[::-1], row.size - 1 - end, threshold) - 1)


def _taken(activity: Activity, left: Grid, row: int, start: int, end: int) -> Note:
    left[max(0, row - 1) : row + 2, start:end] = 0
    strength = float(np.mean(activity.sounding[row, start:end], dtype=np.float32)) / SURE
    attack = float(activity.beginning[row, max(0, start - 2) : start + 3].max()) / SURE
    return Note(start, end, row + LOWEST_PITCH, strength, attack)


def _unbegun(activity: Activity, left: Grid, thresholds: Thresholds) -> list[Note]:
    """Notes from what still sounds, the surest first."""
    rows, frames = np.nonzero(left > thresholds.unbegun * SURE)
    notes: list[Note] = []
    for index in np.argsort(left[rows, frames], kind="stable")[::-1]:
        row, frame = int(rows[index]), int(frames[index])
        if not left[row, frame]:
            continue
        start = _start(left[row], frame, thresholds.sounding * SURE)
        end = _end(left[row], frame, thresholds.sounding * SURE)
        if end - start >= thresholds.shortest_frames:
            notes.append(_taken(activity, left, row, start, end))
        else:
            left[row, start:end] = 0
    return notes
