"""Where notes end: each frame after a beginning speaks for or against the key's still being held."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.studio.transcriber.activity import PITCHES, SURE, Activity
from bot.studio.transcriber.candidates import Numbers, Places, gaps, quietest
from bot.studio.transcriber.fundamentals import STEPS_A_DB
from bot.studio.transcriber.layers import Layers

LONGEST_FRAMES: Final = 1000
"""11.6 s: as long as a pedal is held."""
QUIET: Final = 0.2
QUIET_FRAMES: Final = 24
"""What has not sounded for 0.28 s does not go on."""

AROUND: Final = np.array([-3, 0, 3, 6, 10])
SLOPES: Final = np.array([-6, -3, 3, 6, 10])
FRAMES_AT_ONCE: Final = 8_000


def ends(activity: Activity, row: Places, frame: Places, held: Layers) -> Places:
    """For each beginning, by frame, the first frame in which it no longer sounds; `held` judges the frames."""
    floor = quietest(activity)
    last = spans(activity, row, frame)
    found = np.zeros(row.size, np.int64)
    group = np.cumsum(last - frame) // FRAMES_AT_ONCE
    for each in np.unique(group):
        some = group == each
        evidence = held(numbers(activity, floor, row[some], frame[some], last[some]))
        found[some] = _highest(evidence, frame[some], last[some])
    return found


def spans(activity: Activity, row: Places, frame: Places) -> Places:
    """For each beginning, by frame, the first frame in which it certainly no longer sounds."""
    last = np.minimum(frame + LONGEST_FRAMES, activity.frames)
    for each in np.unique(row):
        mine = np.flatnonzero(row == each)
        silent = gaps(activity.sounding[each] < QUIET * SURE, QUIET_FRAMES)
        last[mine] = np.minimum(last[mine], silent[np.searchsorted(silent, frame[mine] + 1)])
        last[mine[:-1]] = np.minimum(last[mine[:-1]], frame[mine[1:]])
    return np.maximum(last, frame + 1)


def numbers(activity: Activity, floor: int, row: Places, frame: Places, last: Places) -> Numbers:
    """[frames of all spans, numbers], one span after the other; `floor` is `candidates.quietest`."""
    size = last - frame
    starts = np.repeat(frame, size)
    rows = np.repeat(row, size)
    elapsed = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    now = starts + elapsed

    def at(grid: NDArray[np.uint8], distance: int, lag: int) -> Numbers:
        seen: Numbers = grid[
            np.minimum(rows + distance, PITCHES - 1), np.clip(now + lag, 0, activity.frames - 1)
        ].astype(np.float32)
        return seen

    def loud(distance: int, lag: int) -> Numbers:
        seen: Numbers = np.maximum(at(activity.loudness, distance, lag) - np.float32(floor), 0)
        return seen / np.float32(STEPS_A_DB * 10)

    sounding = [at(activity.sounding, 0, int(lag)) / SURE for lag in AROUND]
    seen = [np.log1p(elapsed) / 3, rows / PITCHES, *sounding]
    for distance in (0, 12):
        level = loud(distance, 0)
        seen.append(level - _highest_so_far(level, size))
        seen += [loud(distance, int(lag)) - level for lag in SLOPES]
    seen += [at(activity.beginning, 0, 2) / SURE, np.repeat(np.log(size), size) / 3]
    return np.column_stack(seen).astype(np.float32)


def _highest_so_far(level: Numbers, size: Places) -> Numbers:
    # Each span is lifted over the one before it, so that one running maximum serves all.
    lift = np.repeat(np.arange(size.size, dtype=np.float64) * 100, size)
    return (np.maximum.accumulate(level + lift) - lift).astype(np.float32)


def _highest(evidence: Numbers, frame: Places, last: Places) -> Places:
    """The end of each span: where the evidence for its being held, summed up from its beginning, is highest."""
    size = last - frame
    first = np.cumsum(size) - size
    total = np.cumsum(evidence, dtype=np.float64)
    gained = total - np.repeat(total[first] - evidence[first], size)
    is_highest = gained >= np.repeat(np.maximum.reduceat(gained, first), size)
    place = np.maximum.reduceat(np.where(is_highest, np.arange(gained.size), -1), first)
    return np.asarray(frame + place - first + 1)
