"""The note summary as a table that lines up on desktop and phone: at most 42 cells a line."""

import unicodedata
from typing import NamedTuple

from bot.language import Language
from bot.music.names import clean
from bot.music.note_names import NoteNames
from bot.music.summary import InstrumentSummary, Summary

WIDTH = 42
"""Cells that a code block in an embed has room for; a Chinese, Japanese or Korean sign takes two."""


def summary_table(summary: Summary, say: Language, most_rows: int = 24) -> str:
    """One line an instrument: its notes, its range and the share of the time it sounds.

    Each column is as wide as it has to be, and the names have the rest. Beyond `most_rows` the rest is counted.
    """
    name_note = NoteNames(summary.hints.key, say)
    heading = _Line(say("instrument"), say("notes"), say("range"), say("time"))
    lines = [heading, *(_line(each, name_note, say) for each in summary.instruments[:most_rows])]
    notes, span, share = (max(map(cells, column)) for column in list(zip(*lines, strict=True))[1:])
    room = WIDTH - notes - span - share - 3
    rows = [
        f"{_left(_cut(line.name, room), room)} {_right(line.notes, notes)} {_left(line.span, span)} {_right(line.share, share)}"
        for line in lines
    ]
    left = len(summary.instruments) - most_rows
    if left > 0:
        rows.append(say.plural("… and {count} more", "… and {count} more", left))
    return "\n".join(row.rstrip() for row in rows)


class _Line(NamedTuple):
    name: str
    notes: str
    span: str
    share: str


def _line(line: InstrumentSummary, name_note: NoteNames, say: Language) -> _Line:
    lowest, highest = name_note(line.lowest), name_note(line.highest)
    span = lowest if lowest == highest else f"{lowest}–{highest}"
    if line.is_drums:
        span = say.plural("{count} drum", "{count} drums", line.pieces)
    name = clean(line.name).replace("`", "'")
    return _Line(name, _short(line.notes, say), span, say.percent(line.sounding_share))


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


def _short(count: int, say: Language) -> str:
    if count < 10_000:
        return say.number(count)
    return f"{count // 1000}k" if count < 1_000_000 else f"{count // 1_000_000}M"
