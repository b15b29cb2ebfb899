"""When bars begin."""

from itertools import pairwise

from bot.music.columns import Seconds, np
from bot.music.timeline.bars import Bars

_BY_FRAMES = 0x8000
"""In a file's division: its ticks are parts of film frames, and it has no bars."""

_MOST = 20_000
"""Some ten a second for half an hour. A file can have 100 million in seven seconds: 4 GB."""


def bar_times(bars: Bars, start_seconds: float, end_seconds: float) -> Seconds:
    """The seconds from `start_seconds` up to `end_seconds` at which a bar begins; none where bars are too many to be told apart."""
    if bars.division & _BY_FRAMES:
        return np.empty(0)
    first, last = np.ceil(bars.tempo_map.places_at(np.array([max(start_seconds, 0.0), end_seconds])))
    found: list[Seconds] = []
    count = 0
    for (tick, numerator, denominator), (until, *_) in pairwise([*bars.meters, (int(last), 0, 0)]):
        length = bars.division * 4 * numerator / denominator
        # Only the bars within: a song of hours has thousands before.
        begin, end = tick + max(0, np.ceil((first - tick) / length)) * length, min(until, last)
        count += max(0, int((end - begin) / length) + 1)
        if count > _MOST:
            return np.empty(0)
        found.append(np.arange(begin, end, length))
    return bars.tempo_map.at(np.concatenate(found))
