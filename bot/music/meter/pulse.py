"""The quick, even pulse under the notes, of which beats are groups: tracked through a song whose tempo may move.

An autocorrelation of each eight seconds tells which periods fit there; the best path through them is the local
period. Dynamic programming then places the pulses on the onsets (D. Ellis, "Beat tracking by dynamic programming",
2007), here with that period, and a local straight line through the onsets puts them to the millisecond.
"""

import msgspec

from bot.music.columns import Ints, Seconds, np
from bot.music.meter.accents import Matrix, nearest
from bot.music.meter.onsets import Onsets

_RATE = 100
"""Values of the onset curve a second."""
_BLUR_SECONDS = 0.018
"""As far apart as people play together."""
_FASTEST_SECONDS = 0.2
"""Periods of one octave, from here to twice as long: of each family of halves and doubles one is looked at."""
_STEPS = 72
"""Periods in that octave, 1 % apart."""
_WINDOW_SECONDS, _HOP_SECONDS = 8.0, 2.0
_COMB = 4
"""Multiples of a period that must fit as well."""
_MOST_PULSES = 3
_WANDERS = 18
"""Steps that the local period may leave the song's own: 20 % either way."""
_EVEN_WITHIN = 0.01
"""Share of a period that an even row may be off it."""
_EVEN_PERHAPS, _EVEN_SURELY = 0.5, 0.88
"""Of the strength of a row that follows the onsets: from here on an even row is looked at, and the other one no more."""
_SLOWEST_SECONDS = 0.27
_PLACES = 24
"""Parts of a pulse."""
_EARLY = 0.3
"""Of a pulse: so much before the first note, and before second 0, is the pulse that this note is on: it may sound late."""
_MOST_ONSETS = 3000
_SPEEDS_AT_ONCE = 64
"""Tempos that are tried together: 1.5 MB of places."""
_FEWEST_PULSES = 8
_BLOCKS_AT_ONCE = 64
"""Of frames, for which costs are reckoned together: half a megabyte."""
_MOVE_COST = 0.012
"""For a step between two windows."""
_STIFFNESS = 70.0
"""How much a pulse that comes too early or late costs, by the square of the ratio's logarithm."""


class Pulse(msgspec.Struct, frozen=True):
    """Times of pulses, and how well their period fits among the song's periods (1 the best).

    `evenness` compares the onsets on an even row with those on a row that follows them.
    """

    times: Seconds
    fit: float
    is_even: bool
    evenness: float


def onset_curve(onsets: Onsets) -> Seconds:
    """The strength of onsets over time, 100 values a second from second 0 on, as loud in soft parts as in loud ones."""
    places = np.rint(onsets.start * _RATE).astype(np.int64)
    impulses = np.bincount(places, onsets.weight + 0.2, minlength=int(places[-1]) + 2 * _RATE)
    reach = int(4 * _BLUR_SECONDS * _RATE)
    blur = np.exp(-0.5 * (np.arange(-reach, reach + 1) / _RATE / _BLUR_SECONDS) ** 2)
    # A chord is one beat, not four: the strength of a moment grows slower than its notes.
    curve = np.convolve(np.sqrt(impulses), blur, mode="same")
    near = _around(curve) / _around(np.ones_like(curve))
    return np.asarray(curve / np.maximum(near, 0.25 * curve.mean()))


def _around(curve: Seconds) -> Seconds:
    """The sum of six seconds around each value, of which the middle counts most."""
    window = np.hanning(6 * _RATE + 1)
    size = len(curve) + len(window) - 1
    # Value by value it would be 600 for each of half an hour's 180 000.
    whole = np.fft.irfft(np.fft.rfft(curve, size) * np.fft.rfft(window, size), size)
    return np.asarray(whole[3 * _RATE :][: len(curve)])


def pulses(onsets: Onsets) -> list[Pulse]:
    """The likely pulses, the best first."""
    curve = onset_curve(onsets)
    fits = _period_fits(curve)
    whole = fits.mean(axis=0)
    best = _peaks(whole)
    periods = np.stack([_local_periods(fits, step, len(curve)) for step in best])
    found = []
    for step, places in zip(best, _placed(curve, periods), strict=True):
        even, moving = _even(onsets, float(_periods()[step])), places / _RATE
        # What moves can reach for every onset; where an even row does nearly as well, it is what was played to.
        ratio = _strength(curve, even) / max(_strength(curve, moving), 1e-9)
        fit = float(whole[step] / max(whole[best[0]], 1e-9))
        for times, is_taken in ((even, ratio >= _EVEN_PERHAPS), (moving, ratio < _EVEN_SURELY)):
            if is_taken and len(times) >= _FEWEST_PULSES:
                found.append(Pulse(_divided(_settled(times, onsets)), fit, times is even, min(ratio, 1.5)))
    return found


def _divided(times: Seconds) -> Seconds:
    """Pulses quick enough that beats are groups of them also where most notes are played off the beat."""
    if float(np.median(np.diff(times))) < _SLOWEST_SECONDS:
        return times
    places = np.arange(-1, 2 * len(times)) / 2
    # Before the first and after the last one the pulse goes on.
    around = np.concatenate(([2 * times[0] - times[1]], times, [2 * times[-1] - times[-2]]))
    divided = np.interp(places, np.arange(-1, len(times) + 1), around)
    return np.asarray(divided[divided >= -_EARLY * (times[1] - times[0]) / 2])


def _even(onsets: Onsets, period: float) -> Seconds:
    """The one even row of pulses near `period` that most onsets lie on."""
    few = slice(None, None, len(onsets) // _MOST_ONSETS + 1)
    start, weight = onsets.start[few], onsets.weight[few] + 0.2
    first, last = float(onsets.start[0]), float(onsets.start[-1])
    # A quarter of a pulse from one end to the other lies between two tempos.
    count = int(np.ceil(_EVEN_WITHIN / period * (last - first) * 4)) * 2 + 1
    speeds = np.linspace(1 - _EVEN_WITHIN, 1 + _EVEN_WITHIN, count) / period
    best = (0.0, 1 / period, 0)
    for some in np.array_split(speeds, count // _SPEEDS_AT_ONCE + 1):
        turns = np.outer(some, start - first)
        turns -= np.floor(turns)
        places = (turns * _PLACES).astype(np.int64) + _PLACES * np.arange(len(some))[:, None]
        at = np.bincount(places.ravel(), np.tile(weight, len(some)), minlength=_PLACES * len(some))
        at = at.reshape(-1, _PLACES)
        near = at + (np.roll(at, 1, axis=1) + np.roll(at, -1, axis=1)) / 2
        tops = np.argmax(near, axis=1)
        most = near[np.arange(len(some)), tops]
        best = max(best, *zip(most.tolist(), some.tolist(), tops.tolist(), strict=True))
    _, speed, top = best
    begins = first + ((top + 0.5) / _PLACES - 1) / speed
    times = begins + np.arange(int((last - begins) * speed) + 2) / speed
    return np.asarray(times[times >= first - _EARLY / speed])


def _strength(curve: Seconds, times: Seconds) -> float:
    """The mean strength of onsets at `times`."""
    frames = np.rint(times * _RATE).astype(np.int64)
    frames = frames[(frames >= 0) & (frames < len(curve))]
    return float(curve[frames].mean()) if len(frames) else 0.0


def _period_fits(curve: Seconds) -> Seconds:
    """For each window and each period (of a wider range than the octave) how well it fits, about 0..1."""
    size, hop = int(_WINDOW_SECONDS * _RATE), int(_HOP_SECONDS * _RATE)
    padded = np.concatenate((curve, np.zeros(max(0, size - len(curve)))))
    starts = np.arange(0, len(padded) - size + 1, hop)
    window = np.hanning(size)
    pieces = np.stack([padded[at : at + size] for at in starts])
    pieces = (pieces - pieces.mean(axis=1, keepdims=True)) * window
    spectra = np.abs(np.fft.rfft(pieces, 2 * size, axis=1)) ** 2
    raw = np.fft.irfft(spectra, axis=1)[:, :size]
    tails = np.fft.irfft(np.abs(np.fft.rfft(window, 2 * size)) ** 2)[:size]
    raw = raw / np.maximum(raw[:, :1], 1e-9) / np.maximum(tails / tails[0], 0.1)
    # A window in which nothing happens says nothing.
    raw[pieces.std(axis=1) < 1e-6] = 0
    lags = _periods() * _RATE
    found = np.zeros((len(starts), len(lags)))
    for multiple in range(1, _COMB + 1):
        at = np.minimum(lags * multiple, size - 2)
        low = at.astype(np.int64)
        found += raw[:, low] * (1 - (at - low)) + raw[:, low + 1] * (at - low)
    return np.asarray(found / _COMB)


def _periods() -> Seconds:
    """The octave, and as much on both sides as a period may wander."""
    steps = np.arange(-_WANDERS, _STEPS + _WANDERS)
    return np.asarray(_FASTEST_SECONDS * 2 ** (steps / _STEPS))


def _peaks(whole: Seconds) -> list[int]:
    """The strongest local maxima within the octave, far enough from each other, as places in `_periods`."""
    inside = range(_WANDERS, _WANDERS + _STEPS)
    tops = [at for at in inside if whole[at] >= whole[at - 1] and whole[at] >= whole[at + 1]]
    tops.sort(key=lambda at: -whole[at])
    found: list[int] = []
    for at in tops or [int(np.argmax(whole[inside.start : inside.stop])) + inside.start]:
        if all(min(abs(at - one), _STEPS - abs(at - one)) > 4 for one in found):
            found.append(at)
    return found[:_MOST_PULSES]


def _local_periods(fits: Seconds, step: int, frames: int) -> Seconds:
    """The period at each frame: the best path that stays near `step`."""
    low, high = max(step - _WANDERS, 0), min(step + _WANDERS + 1, fits.shape[1])
    near = fits[:, low:high]
    states = np.arange(high - low)
    cost = _MOVE_COST * (states[:, None] - states[None, :]) ** 2
    score, back = near[0].copy(), np.zeros(near.shape, np.int64)
    for at in range(1, len(near)):
        ways = score[None, :] - cost
        back[at] = np.argmax(ways, axis=1)
        score = near[at] + ways[states, back[at]]
    path = np.zeros(len(near), np.int64)
    path[-1] = int(np.argmax(score))
    for at in range(len(near) - 1, 0, -1):
        path[at - 1] = back[at, path[at]]
    middles = (np.arange(len(near)) * _HOP_SECONDS + _WINDOW_SECONDS / 2) * _RATE
    return np.asarray(np.interp(np.arange(frames), middles, _periods()[low:high][path]) * _RATE)


def _placed(curve: Seconds, periods: Matrix) -> list[Ints]:
    """The frames of pulses, for each row of periods: each on an onset, and about a period after the one before.

    All rows at once: most of the time goes into calls for a handful of frames each.
    """
    shortest = np.maximum(2, (periods.min(axis=1) * 0.7).astype(np.int64))
    longest = np.ceil(periods.max(axis=1) * 1.45).astype(np.int64)
    size, block, reach = len(curve), int(shortest.min()), int(longest.max())
    # Shifted by `reach`: before the song there is nothing to gain.
    score = np.zeros((len(periods), size + reach))
    lags = np.arange(block, reach + 1)
    gained = np.lib.stride_tricks.sliding_window_view(score, len(lags), axis=1)[:, :, ::-1]
    is_beyond = (lags < shortest[:, None]) | (lags > longest[:, None])
    logs, paces = np.where(is_beyond, np.inf, np.log(lags))[:, None, :], np.log(periods)[:, :, None]
    most, ways = np.empty((len(periods), size)), np.empty((len(periods), size), np.int64)
    rows, places = np.arange(len(periods))[:, None], np.arange(block)
    # All predecessors of a block as long as the shortest lag are known when it begins.
    for begin in range(0, size, block * _BLOCKS_AT_ONCE):
        end = min(begin + block * _BLOCKS_AT_ONCE, size)
        costs = logs - paces[:, begin:end]
        costs *= costs
        costs *= _STIFFNESS
        for at in range(begin, end, block):
            until = min(at + block, end)
            found = gained[:, at:until] - costs[:, at - begin : until - begin]
            found.argmax(axis=2, out=ways[:, at:until])
            # Of rows as short as these the largest value is found sooner by its place than by another look.
            most[:, at:until] = best = found[rows, places[: until - at], ways[:, at:until]]
            np.add(np.maximum(best, 0), curve[at:until], out=score[:, at + reach : until + reach])
    came = np.where(most > 0, np.arange(size) - block - ways, -1)
    return [
        _followed(came[row], _last(score[row, reach:], int(periods[row, -1]))) for row in range(len(periods))
    ]


def _last(score: Seconds, period: int) -> int:
    """The frame of the last pulse: the best one near the end."""
    tail = max(0, len(score) - 2 * _RATE - period)
    return int(np.argmax(score[tail:])) + tail


def _followed(came: Ints, at: int) -> Ints:
    """The frames from the first one to `at`, each of which came from the one before."""
    found = []
    while at >= 0:
        found.append(at)
        at = int(came[at])
    return np.array(found[::-1])


def _settled(times: Seconds, onsets: Onsets) -> Seconds:
    """Pulses put where the onsets around them say, twice."""
    for _ in range(2):
        times = settle(times, onsets, within=0.2, reach=5.0)
    return times


def settle(times: Seconds, onsets: Onsets, *, within: float, reach: float) -> Seconds:
    """Beats on a local straight line through the onsets near them.

    `within` is how far an onset may be from its beat, as a share of the beat; `reach` how many beats to both sides
    the line follows.
    """
    if len(times) < 3:
        return times
    which = nearest(times, onsets.start)
    lengths = np.gradient(times)
    off = (onsets.start - times[which]) / lengths[which]
    heavy = np.where(np.abs(off) < within, onsets.weight * np.exp(-0.5 * (off / (within / 2)) ** 2), 0.0)
    found = np.bincount(which, heavy, minlength=len(times)).astype(np.float64)
    shift = np.bincount(which, heavy * (onsets.start - times[which]), minlength=len(times)).astype(np.float64)
    # Where no onset is, the line of the others holds; a little of the old place keeps long silences straight.
    weight = np.sqrt(found) + 1e-3
    return np.asarray(times + _local_line(shift / np.maximum(found, 1e-9), weight, reach))


def _local_line(values: Seconds, weight: Seconds, reach: float) -> Seconds:
    """At each place the value there of the weighted straight line through its surroundings."""
    width = int(3 * reach)
    offset = np.arange(-width, width + 1)
    kernel = np.exp(-0.5 * (offset / reach) ** 2)

    def around(column: Seconds, power: int) -> Seconds:
        padded = np.concatenate((np.zeros(width), column, np.zeros(width)))
        return np.convolve(padded, (kernel * offset**power)[::-1], mode="valid")

    w0, w1, w2 = (around(weight, power) for power in (0, 1, 2))
    v0, v1 = (around(weight * values, power) for power in (0, 1))
    spread = w0 * w2 - w1 * w1
    straight = (w2 * v0 - w1 * v1) / np.maximum(spread, 1e-12)
    return np.where(spread > 1e-6 * w0 * w0, straight, v0 / np.maximum(w0, 1e-12))
