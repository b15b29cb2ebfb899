"""Songs by people: the MIDI files inside Freedoom's game data (BSD licence), changed in key, tempo and instruments."""

import io
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import mido
from numpy.random import Generator

from scripts.training.music.parts import BASSES, CHORDERS, SINGERS
from scripts.training.music.piece import Note, Part, Piece, Stroke, chance, pick

DRUM_CHANNEL: Final = 9


def songs_of(folder: Path) -> list[Piece]:
    """All songs in the .wad files and MIDI files of a folder, without those that come twice."""
    found = {
        data
        for path in sorted(folder.glob("*"))
        for data in (_lumps(path.read_bytes()) if path.suffix == ".wad" else [path.read_bytes()])
        if data[:4] == b"MThd"
    }
    return [read(data) for data in sorted(found)]


def read(data: bytes) -> Piece:
    """A MIDI file's notes: a part for each channel and program."""
    open_notes: dict[tuple[int, int], tuple[float, float, int]] = {}
    programs: dict[int, int] = {}
    parts: dict[tuple[int, int], Part] = {}
    strokes: list[Stroke] = []
    now = 0.0
    for message in mido.MidiFile(file=io.BytesIO(data), clip=True):
        now += message.time
        if message.type == "program_change":
            programs[message.channel] = message.program
        if message.type not in {"note_on", "note_off"}:
            continue
        begins = message.type == "note_on" and message.velocity > 0
        if message.channel == DRUM_CHANNEL:
            if begins:
                strokes.append(Stroke(now, message.note, message.velocity / 127))
            continue
        key = (message.channel, message.note)
        if key in open_notes:
            start, velocity, program = open_notes.pop(key)
            part = parts.setdefault((message.channel, program), Part(program, 1.0))
            part.notes.append(Note(start, max(now, start + 0.03), message.note, velocity))
        if begins:
            open_notes[key] = (now, message.velocity / 127, programs.get(message.channel, 0))
    return Piece(list(parts.values()), strokes)


def borrowed(rng: Generator, song: Piece, seconds: float) -> Piece:
    """About `seconds` from somewhere in `song`, in another key, tempo and line-up."""
    faster, shift = rng.uniform(0.8, 1.25), int(rng.integers(-5, 7))
    last = max(
        [note.start for part in song.parts for note in part.notes] + [stroke.start for stroke in song.strokes]
    )
    part_of_song = song.cut(rng.uniform(0, max(0.01, last - seconds * faster)), seconds * faster)
    parts = []
    for part in part_of_song.parts:
        notes = [
            replace(note, start=note.start / faster, end=note.end / faster, pitch=note.pitch + shift)
            for note in part.notes
            if 21 <= note.pitch + shift <= 108
        ]
        if notes and part.program < 120:
            parts.append(Part(_other(rng, part.program), rng.uniform(0.3, 1.1), notes))
    strokes = [replace(stroke, start=stroke.start / faster) for stroke in part_of_song.strokes]
    return Piece(parts, strokes)


def _other(rng: Generator, program: int) -> int:
    if chance(rng, 0.25):
        return program
    return pick(rng, BASSES) if 32 <= program < 40 else pick(rng, SINGERS + CHORDERS)


def _lumps(wad: bytes) -> Iterator[bytes]:
    """The music in a Doom game file: a directory of (position, size, name), music named D_*."""
    count, directory = struct.unpack("<II", wad[4:12])
    for number in range(count):
        position, size, name = struct.unpack_from("<II8s", wad, directory + 16 * number)
        if name.startswith(b"D_"):
            yield wad[position : position + size]
