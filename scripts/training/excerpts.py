"""What weights are judged by: excerpts of songs by people, played with a sound font that nothing was trained on."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import mido
import numpy as np
import soxr

from scripts.training.music import songs
from scripts.training.music.piece import Note, Piece
from scripts.training.sound.sounds import FONT_RATE_HZ, RATE_HZ, Samples, performed
from scripts.training.whole import written

FONT: Final = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")
SONGS: Final = (Path("/usr/share/games/openttd/baseset/openmsx"), Path("/usr/share/planetblupi/music"))
START_SECONDS: Final = 12.0
SECONDS: Final = 30.0
FEWEST_STROKES: Final = 20

Cut = list[tuple[float, mido.Message]]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Half a minute of a song: all of it, its drums, the rest, and the part with the most notes; and the truth."""

    name: str
    mix: Samples
    drums: Samples
    undrummed: Samples
    stem: Samples
    piece: Piece
    stem_notes: list[Note]

    @property
    def drummed(self) -> bool:
        """Whether it has drums at all."""
        return len(self.piece.strokes) >= FEWEST_STROKES

    @property
    def notes(self) -> list[Note]:
        """The notes of all its parts."""
        return [note for part in self.piece.parts for note in part.notes]


def excerpts(folder: Path) -> Iterator[Excerpt]:
    """All excerpts, played once and kept in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (path for songs_folder in SONGS for path in sorted(songs_folder.glob("*.mid"))):
        cut = _cut(mido.MidiFile(path, clip=True))
        kept = folder / f"{path.stem}.npz"
        if not kept.exists():
            with written(kept) as file:
                np.savez(file, allow_pickle=False, **_played(cut))
        with np.load(kept) as sounds:
            mix, alone, undrummed, stem = (sounds[kind].astype(np.float32) / 32_768 for kind in KINDS)
        busiest = _read(cut, {_busiest(cut)})
        yield Excerpt(
            path.stem, mix, alone, undrummed, stem, _read(cut, set(range(16))), busiest.parts[0].notes
        )


KINDS: Final = ("mix", "drums", "undrummed", "stem")


def _played(cut: Cut) -> dict[str, np.ndarray]:
    kept = {
        "mix": set(range(16)),
        "drums": {songs.DRUM_CHANNEL},
        "undrummed": set(range(16)) - {songs.DRUM_CHANNEL},
        "stem": {_busiest(cut)},
    }
    return {name: _sound(_file(cut, channels)) for name, channels in kept.items()}


def _busiest(cut: Cut) -> int:
    """The channel with the most notes, but for the drums."""
    channels: list[int] = [m.channel for _, m in cut if m.type == "note_on" and m.velocity]
    return max(set(channels) - {songs.DRUM_CHANNEL}, key=channels.count)


def _sound(file: mido.MidiFile) -> np.ndarray:
    stereo = performed(FONT, file, FONT_RATE_HZ, effects=True)[: round(SECONDS * FONT_RATE_HZ)]
    mono = soxr.resample(stereo.mean(axis=1, dtype=np.float32), FONT_RATE_HZ, RATE_HZ)
    return np.asarray(np.clip(mono, -32_768, 32_767), np.int16)


def _cut(file: mido.MidiFile) -> Cut:
    """Messages with their seconds from the excerpt's start; what set the channels up before comes at 0."""
    now, found = 0.0, Cut()
    setting = {"program_change", "control_change", "pitchwheel"}
    for message in file:
        now += message.time
        at = now - START_SECONDS
        if at > SECONDS:
            break
        if not message.is_meta and message.type != "sysex" and (at >= 0 or message.type in setting):
            found.append((max(0.0, at), message))
    return found


def _file(cut: Cut, channels: set[int]) -> mido.MidiFile:
    file, track, last = mido.MidiFile(ticks_per_beat=480), mido.MidiTrack(), 0
    file.tracks.append(track)
    for at, message in cut:
        if message.type in {"note_on", "note_off"} and message.channel not in channels:
            continue
        tick = round(at * 960)
        track.append(message.copy(time=tick - last))
        last = tick
    # Notes that still sound would keep fluidsynth playing for ever.
    rest = round(SECONDS * 960) - last
    for channel in range(16):
        track.append(
            mido.Message("control_change", channel=channel, control=120, time=0 if channel else rest)
        )
    return file


def _read(cut: Cut, channels: set[int]) -> Piece:
    written = io.BytesIO()
    _file(cut, channels).save(file=written)
    return songs.read(written.getvalue())
