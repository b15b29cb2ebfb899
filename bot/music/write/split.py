"""A file for each instrument, and all of them in one archive."""

import io
import itertools
import zipfile
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from bot.music import names
from bot.music.song import Song
from bot.music.write.encode import encode

_SAME_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that an archive can say: the same notes give the same bytes."""


class InstrumentFile(msgspec.Struct, frozen=True):
    """One instrument's file."""

    name: str
    """The instrument's name, as in the song."""
    file_name: str
    """Unlike that of any other part, such as "electric-bass-finger.mid"."""
    midi: bytes


def split(song: Song, *, bpm: float | None = None) -> Iterator[InstrumentFile]:
    """A MIDI file for each track of `song`, in its order, with the song's bars, or with plain ones at `bpm`.

    One after the other: what a thousand of them say of their bars is 75 MB.
    """
    for track, file_name in zip(song.tracks, _file_names([track.name for track in song.tracks]), strict=True):
        alone = Song((track,), bars=song.bars)
        yield InstrumentFile(track.name, file_name, encode(alone, title=track.name, bpm=bpm))


def archive(parts: Iterable[InstrumentFile]) -> bytes:
    """A zip archive of `parts`."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archived:
        for part in parts:
            entry = zipfile.ZipInfo(part.file_name, _SAME_DATE)
            archived.writestr(entry, part.midi, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _file_names(titles: Sequence[str]) -> Iterator[str]:
    """A file name for each title: `bass.mid`, and the next time `bass-2.mid`."""
    taken: set[str] = set()
    for title in titles:
        stem = names.file_stem(title).lower()
        numbered = (stem if n == 1 else f"{stem}-{n}" for n in itertools.count(1))
        free = next(name for name in numbered if name not in taken)
        taken.add(free)
        yield f"{free}.mid"
