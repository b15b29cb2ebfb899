"""What somebody says that a song's instruments are, put in the place of what was heard or guessed."""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import replace

from bot.music.instruments.programs import GM_NAMES, sound_named
from bot.music.normalise import normalise
from bot.music.song import Song, Track

DRUMS = "Drums"

CHOICES = (
    *("Acoustic Grand Piano", "Electric Piano 1", "Drawbar Organ", "Accordion"),
    *("Acoustic Guitar (nylon)", "Acoustic Guitar (steel)", "Electric Guitar (clean)", "Distortion Guitar"),
    *("Electric Bass (finger)", "Synth Bass 1", DRUMS, "Voice Oohs", "Choir Aahs"),
    *("Violin", "Cello", "String Ensemble 1", "Orchestral Harp", "Trumpet", "Brass Section"),
    *("Alto Sax", "Clarinet", "Flute", "Lead 2 (sawtooth)", "Pad 2 (warm)", "Marimba"),
)
"""What a menu of 25 lines offers; whatever else there is can be typed."""


class Said(msgspec.Struct, frozen=True):
    """That the track `name`, the one of so many of that name counted from 0, is an instrument: a General MIDI name, or Drums."""

    name: str
    nth: int
    instrument: str


def instrument_meant(typed: str) -> str | None:
    """The instrument that somebody names in any of the eight languages, as `Said` has it; None: none that is known."""
    sound = sound_named(typed)
    if sound is None:
        return None
    return DRUMS if sound.is_drums else GM_NAMES[sound.program]


def as_said(song: Song, said: Iterable[Said]) -> Song:
    """`song` with those names and sounds; the report tells again what follows from them."""
    wanted = {(one.name, one.nth): one.instrument for one in said}
    if not wanted:
        return song
    tracks = [
        _as(track, wanted[key]) if key in wanted else track
        for track, key in zip(song.tracks, _keys(song), strict=True)
    ]
    found = normalise(tracks, song.report)
    return replace(song, tracks=found.tracks, report=found.report)


def key_of(song: Song, place: int) -> tuple[str, int]:
    """By what `Said` names a track of the song as it was heard."""
    return list(_keys(song))[place]


def _keys(song: Song) -> Iterator[tuple[str, int]]:
    seen: Counter[str] = Counter()
    for track in song.tracks:
        yield track.name, seen[track.name]
        seen[track.name] += 1


def _as(track: Track, instrument: str) -> Track:
    is_drums = instrument == DRUMS
    program = 0 if is_drums else GM_NAMES.index(instrument)
    return replace(track, name=instrument, program=program, is_drums=is_drums, guessed=False)
