"""Hints for the eye, heard from the notes: tempo and key. They are never written into the default file."""

import msgspec

from bot.music.heard.key import Key, find_key
from bot.music.heard.tempo import Tempo, find_tempo
from bot.music.song import Song


class Hints(msgspec.Struct, frozen=True):
    """Tempo and key, each with how sure; None where the notes tell nothing."""

    tempo: Tempo | None
    key: Key | None


def hints(song: Song) -> Hints:
    """What the notes of `song` say of tempo and key."""
    return Hints(find_tempo(song), find_key(song))
