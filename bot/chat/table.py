"""The note summary as a table that lines up on desktop and phone: at most 42 characters a line."""

from bot.music.names import clean
from bot.music.summary import InstrumentSummary, Summary

WIDTH = 42
"""Characters that a code block in an embed has room for."""

_NAME, _RANGE = 20, 7
"""`Acoustic Grand Piano` and `F♯1–C♯5` fit; a longer range takes its room from the name."""

_HEADER = f"{'instrument':<19} {'notes':>5} {'range':<7} {'vel':>3} {'time':>4}"


def summary_table(summary: Summary, most_rows: int = 24) -> str:
    """One line an instrument: its notes, its range, its mean velocity and the share of the time it sounds.

    A `~` marks a sound that was guessed from the name. Beyond `most_rows` the rest is counted.
    """
    rows = [_HEADER, *map(_row, summary.instruments[:most_rows])]
    left = len(summary.instruments) - most_rows
    if left > 0:
        rows.append(f"… and {left} more")
    return "\n".join(row.rstrip() for row in rows)


def _row(line: InstrumentSummary) -> str:
    span = line.lowest if line.lowest == line.highest else f"{line.lowest}–{line.highest}"
    if line.is_drums:
        span = "1 piece" if line.pieces == 1 else f"{line.pieces} pcs"
    span = f"{span:<{_RANGE}}"
    mark = "~" if line.guessed else ""
    room = _NAME + _RANGE - len(span)
    name = shortened(clean(line.name).replace("`", "'"), room - len(mark)) + mark
    share = f"{round(line.sounding_share * 100)}%"
    return f"{name:<{room}} {_short(line.notes):>4} {span} {line.mean_velocity:>3} {share:>4}"


def shortened(text: str, width: int) -> str:
    """`text` in at most `width` characters."""
    return text if len(text) <= width else text[: width - 1] + "…"


def _short(count: int) -> str:
    if count < 10_000:
        return str(count)
    return f"{count // 1000}k" if count < 1_000_000 else f"{count // 1_000_000}M"
