"""MIDI files that somebody gives, and what is read from them."""

from bot.music.read.decode import decode
from bot.music.read.parse import read_notes
from bot.music.song import Note, Song

C4 = "00 90 3c 64  83 60 80 3c 40 "
"""Middle C for a quarter of 480 ticks, on channel 1."""


def read(data: bytes) -> Song:
    return read_notes(decode(data))


def notes_of(data: bytes) -> list[Note]:
    (track,) = read(data).tracks
    return list(track)
