"""Notes as bars of pixels, of which a row never holds more than its width, whatever the notes are."""

import msgspec

from bot.music.columns import Bytes, Ints, NDArray, np


class Cells(msgspec.Struct, frozen=True):
    """Bars: a row, and the columns from `left` up to `right`; `order` is the note that each stands for."""

    order: Ints
    row: Ints
    left: Ints
    right: Ints


def cells(row: Ints, left: Ints, end: Ints, velocity: Bytes, *, least_width: int, edge: int) -> Cells:
    """The bars of notes up to column `edge`, one after another in each row: what begins later ends what is before it."""
    # The loudest of those that begin in one column comes last, and takes it.
    order = np.lexsort((velocity, left, row))
    row, left = row[order], left[order]
    right = np.minimum(np.maximum(end[order], left + least_width), edge)
    left = np.minimum(left, edge - least_width)
    same_row = row[1:] == row[:-1]
    right[:-1] = np.where(same_row, np.minimum(right[:-1], left[1:]), right[:-1])
    return Cells(order, row, left, right)


def paint(lines: "NDArray[np.generic]", bars: Cells, values: Ints) -> None:
    """Give the columns of each bar its value: `lines` has a row of pixels for each row."""
    width = lines.shape[1]
    widths = np.maximum(bars.right - bars.left, 0)
    starts = np.cumsum(widths) - widths
    first = bars.row * width + bars.left - starts
    lines.ravel()[np.repeat(first, widths) + np.arange(int(widths.sum()))] = np.repeat(values, widths)
