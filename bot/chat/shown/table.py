"""The note summary as a table that lines up on desktop and phone: at most 42 cells a line."""

import unicodedata

from bot.language import Language
from bot.music.names import clean
from bot.music.summary import InstrumentSummary, Summary

WIDTH = 42
"""Cells that a code block in an embed has room for; a Chinese, Japanese or Korean sign takes two."""

_COUNT, _RANGE, _VELOCITY, _SHARE = 4, 7, 3, 4
"""`9999`, `F♯1–C♯5`, `127` and `100%`: they leave room for `Acoustic Grand Piano`."""


def summary_table(summary: Summary, say: Language, most_rows: int = 24) -> str:
    """One line an instrument: its notes, its range, its mean velocity and the share of the time it sounds.

    A `~` marks a sound that was guessed from the name. Beyond `most_rows` the rest is counted.
    """
    heading = _line(say("instrument"), say("notes"), say("range"), say("vel"), say("time"))
    rows = [heading, *(_row(line, say) for line in summary.instruments[:most_rows])]
    left = len(summary.instruments) - most_rows
    if left > 0:
        rows.append(say.plural("… and {count} more", "… and {count} more", left))
    return "\n".join(row.rstrip() for row in rows)


def _row(line: InstrumentSummary, say: Language) -> str:
    span = line.lowest if line.lowest == line.highest else f"{line.lowest}–{line.highest}"
    if line.is_drums:
        span = say.plural("{count} drum", "{count} drums", line.pieces)
    name = clean(line.name).replace("`", "'")
    share = f"{round(line.sounding_share * 100)}%"
    mark = "~" if line.guessed else ""
    return _line(name, _short(line.notes), span, str(line.mean_velocity), share, mark=mark)


def _line(name: str, notes: str, span: str, velocity: str, share: str, *, mark: str = "") -> str:
    """The columns side by side; what does not fit into its own takes from the name's."""
    rest = (
        f"{_right(notes, _COUNT)} {_left(span, _RANGE)} {_right(velocity, _VELOCITY)} {_right(share, _SHARE)}"
    )
    room = WIDTH - 1 - cells(rest)
    return f"{_left(_cut(name, room - len(mark)) + mark, room)} {rest}"


def shortened(text: str, width: int) -> str:
    """`text` in at most `width` characters."""
    return text if len(text) <= width else text[: width - 1] + "…"


def cells(text: str) -> int:
    """How wide a text is where every Latin letter is as wide as the next."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _cut(text: str, width: int) -> str:
    """`text` in at most `width` cells."""
    if cells(text) <= width:
        return text
    while cells(text) > width - 1:
        text = text[:-1]
    return text + "…"


def _left(text: str, width: int) -> str:
    return text + " " * (width - cells(text))


def _right(text: str, width: int) -> str:
    return " " * (width - cells(text)) + text


def _short(count: int) -> str:
    if count < 10_000:
        return str(count)
    return f"{count // 1000}k" if count < 1_000_000 else f"{count // 1_000_000}M"
