"""From the network's grids to notes: what is judged to begin one, until its key is let go."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from bot.kie.strength import Strength
from bot.studio.transcriber import candidates, context, endings
from bot.studio.transcriber.activity import LOWEST_PITCH, SURE, Activity, Whole
from bot.studio.transcriber.candidates import Candidates, Numbers, Places
from bot.studio.transcriber.fundamentals import STEPS_A_DB
from bot.studio.transcriber.layers import NOTES, Layers
from bot.studio.transcriber.patches import patches


@dataclass(frozen=True, slots=True)
class Note:
    """One note in frames: `end` is the first frame in which it no longer sounds.

    `strength` is how surely it sounds on the whole, 0..1.
    """

    start: int
    end: int
    pitch: int
    strength: float


Place = tuple[int, int, int]
"""A row, and the frames from which to which it sounds."""


LEAST_SURE: Final = {Strength.FEWER: 0.75, Strength.USUAL: 0.4, Strength.MORE: 0.2}
"""From which likelihood a candidate is a note."""

LEAST_POSSIBLE: Final = -3.0
"""Odds (their logarithm) by a candidate's numbers up to which it is no note: nobody looks at it again."""

UNEXPLAINED: Final = 0.5
UNEXPLAINED_FRAMES: Final = 10
"""What sounds so surely for 116 ms, and alone, is a note though its beginning was not seen: sounds that no instrument makes."""

TWICE_FRAMES: Final = 4
"""Two beginnings of one pitch within 50 ms are one."""

RISE_DB: Final = 9
RISE_PART: Final = 0.75
RISE_FRAMES: Final = 6
"""A peak comes after the beginning. Where the pitch's own frequency rises by over 9 dB within 70 ms, the note begins when
three quarters of that are reached."""


Table = Numbers
"""[notes, 4], each as in `Note`, of which half an hour would be 20 MB."""
START, END, PITCH, STRENGTH = range(4)

SECTION_FRAMES: Final = 8_192
"""95 s of a longer song are looked at in one go, 5 MB."""
AROUND_FRAMES: Final = endings.LONGEST_FRAMES + 200
"""What is looked at before and after: notes that go on into a section, and their ends."""


def notes_of(song: Whole, weights: Path = NOTES) -> dict[Strength, Table]:
    """As `find_notes`, of a song of any length."""
    found: dict[Strength, list[Table]] = {strength: [np.zeros((0, 4), np.float32)] for strength in LEAST_SURE}
    for first in range(0, song.frames, SECTION_FRAMES):
        begin = max(0, first - AROUND_FRAMES)
        part = song.part(begin, first + SECTION_FRAMES + AROUND_FRAMES)
        for strength, notes in find_notes(part, weights).items():
            rows = [(note.start + begin, note.end + begin, note.pitch, note.strength) for note in notes]
            found[strength].append(
                np.array(
                    [row for row in rows if first <= row[0] < first + SECTION_FRAMES], np.float32
                ).reshape(-1, 4)
            )
    return {strength: np.concatenate(tables) for strength, tables in found.items()}


def find_notes(activity: Activity, weights: Path = NOTES) -> dict[Strength, list[Note]]:
    """All notes for each strength, by start, as the networks in the file `weights` judge."""
    found, numbers, odds = _possible(activity, weights)
    odds = _among(found, numbers, odds, _layers("again", weights))
    held = _layers("held", weights)
    return {
        strength: _chosen(activity, found, odds, np.log(least / (1 - least)), held)
        for strength, least in LEAST_SURE.items()
    }


def _possible(activity: Activity, weights: Path) -> tuple[Candidates, Numbers, Numbers]:
    """The candidates that may be notes, their numbers, and how likely each is by itself: the mean of what two networks judge."""
    judge, look = _layers("judge", weights), _layers("look", weights)
    every = candidates.candidates(activity)
    numbers, odds, likely = candidates.NONE, np.zeros(0, np.float32), np.zeros(0, bool)
    for block in candidates.numbers(activity, every):
        judged = judge(block)
        may_be = judged > LEAST_POSSIBLE
        numbers, odds = np.concatenate([numbers, block[may_be]]), np.concatenate([odds, judged[may_be]])
        likely = np.concatenate([likely, may_be])
    found = every.only(likely)
    start = 0
    for seen in patches(activity, found):
        some = slice(start, start + len(seen))
        odds[some] = (odds[some] + look(np.column_stack([seen, numbers[some]]))) / 2
        start += len(seen)
    return found, numbers, odds


def _among(found: Candidates, numbers: Numbers, odds: Numbers, again: Layers) -> Numbers:
    """How likely each candidate is, judged again among what was likely by itself."""
    around = np.concatenate([context.NONE, *context.numbers(found, odds)])
    # The mean of both is truer than either. What the second learned from begins in the middle of music.
    both = (odds + again(np.column_stack([numbers, around]))) / 2
    return np.where(context.lonely(found, odds), odds, both)


def _chosen(activity: Activity, found: Candidates, odds: Numbers, least: float, held: Layers) -> list[Note]:
    sure = odds > least
    chosen = _once(found.row[sure], found.frame[sure], odds[sure])
    row, frame = found.row[sure][chosen], found.frame[sure][chosen]
    end = endings.ends(activity, row, frame, held)
    start = _beginnings(activity, row, frame)
    for each in np.unique(row):
        line = np.flatnonzero(row == each)
        # A beginning that was moved forward takes the end of the note before it along.
        start[line[1:]] = np.maximum(start[line[1:]], start[line[:-1]] + 1)
        end[line[:-1]] = np.minimum(end[line[:-1]], start[line[1:]])
    places = list(zip(row.tolist(), start.tolist(), end.tolist(), strict=True))
    notes = [_note(activity, *place) for place in places + _unexplained(activity, places)]
    return sorted(notes, key=lambda note: (note.start, note.pitch))


def _unexplained(activity: Activity, places: list[Place]) -> list[Place]:
    """Where nothing was chosen though something surely sounds for a while: the lowest of it, the others may be its partials."""
    empty = np.ones(activity.frames, bool)
    for _, start, end in places:
        empty[start:end] = False
    surely = (activity.sounding > UNEXPLAINED * SURE) & empty
    found = []
    for row in range(len(surely)):
        edges = np.flatnonzero(np.diff(surely[row], prepend=False, append=False))
        for start, end in edges.reshape(-1, 2).tolist():
            if end - start >= UNEXPLAINED_FRAMES and empty[start:end].all():
                found.append((row, start, end))
                empty[start:end] = False
    return found


@cache
def _layers(name: str, weights: Path) -> Layers:
    return Layers.load(name, weights)


def _once(row: Places, frame: Places, odds: Numbers) -> Places:
    """The places of those that stay where two are one: the surer."""
    kept: dict[int, int] = {}
    dropped = set()
    for place in range(row.size):
        before = kept.get(int(row[place]))
        if before is not None and frame[place] - frame[before] <= TWICE_FRAMES:
            loser = place if odds[before] >= odds[place] else before
            dropped.add(loser)
            if loser == place:
                continue
        kept[int(row[place])] = place
    return np.array([place for place in range(row.size) if place not in dropped], np.int64)


def _beginnings(activity: Activity, row: Places, frame: Places) -> Places:
    """Where the pitches' own frequencies swell, for those that swell much; else the frame itself."""
    lags = np.arange(-RISE_FRAMES, 1)
    level = activity.loudness[row[:, None], np.clip(frame[:, None] + lags, 0, activity.frames - 1)]
    level = level.astype(np.int16)
    lowest, highest = level.min(axis=1, initial=255), level[:, -1]
    reached = level >= (lowest + RISE_PART * (highest - lowest))[:, None]
    swells = highest - lowest > RISE_DB * STEPS_A_DB
    return np.where(swells, np.maximum(frame + lags[0] + reached.argmax(axis=1), 0), frame)


def _note(activity: Activity, row: int, start: int, end: int) -> Note:
    strength = float(np.mean(activity.sounding[row, start:end], dtype=np.float32)) / SURE
    return Note(start, end, row + LOWEST_PITCH, strength)
