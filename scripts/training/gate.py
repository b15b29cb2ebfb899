"""Take new weights, or leave them: `python -m scripts.training.gate FOLDER [--take]`.

Scores the weights in FOLDER and those in the repository on songs by people that nothing was trained on (Debian's
openttd-openmsx and planetblupi-music-midi), played with a sound font that nothing was trained on (TimGM6mb). Prints JSON.
With `--take`, new weights replace the old ones where they score better.
"""

import argparse
import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import mido
import numpy as np
import soxr

from bot.studio.transcriber import bands, kit
from scripts.training.music import songs
from scripts.training.music.piece import KIT, PIECES_OF_KIT, Piece
from scripts.training.score import Tally
from scripts.training.sound.sounds import FONT_RATE_HZ, RATE_HZ, Samples, performed

FONT: Final = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")
SONGS: Final = (Path("/usr/share/games/openttd/baseset/openmsx"), Path("/usr/share/planetblupi/music"))
START_SECONDS: Final = 12.0
SECONDS: Final = 30.0
FEWEST_STROKES: Final = 20

HATS: Final = (2, 3, 5, 6)
"""Places in the kit that count as "any hat or cymbal"."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Half a minute of a song: all of it, its drums, the rest, and the part with the most notes; and the truth."""

    name: str
    mix: Samples
    drums: Samples
    undrummed: Samples
    stem: Samples
    piece: Piece

    @property
    def drummed(self) -> bool:
        """Whether it has drums at all."""
        return len(self.piece.strokes) >= FEWEST_STROKES


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--take", action="store_true")
    asked = parser.parse_args()
    every = list(excerpts(asked.folder / "gate"))
    found: dict[str, Any] = {"excerpts": len(every)}
    new, old = asked.folder / kit.DRUMS.name, kit.DRUMS
    for name, path in (("old", old), ("new", new)):
        if path.exists():
            found[name] = score_drums(every, path)
    if asked.take and "new" in found and worth(found["new"]) > worth(found.get("old", {})):
        shutil.copyfile(new, old)
        found["taken"] = [old.name]
    print(json.dumps(found, indent=2))


def excerpts(folder: Path) -> Iterator[Excerpt]:
    """All excerpts, played once and kept in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (path for songs_folder in SONGS for path in sorted(songs_folder.glob("*.mid"))):
        cut = _cut(mido.MidiFile(path, clip=True))
        kept = folder / f"{path.stem}.npz"
        if not kept.exists():
            np.savez(kept, allow_pickle=False, **_played(cut))
        with np.load(kept) as sounds:
            mix, alone, undrummed, stem = (sounds[kind].astype(np.float32) / 32_768 for kind in KINDS)
        yield Excerpt(path.stem, mix, alone, undrummed, stem, _read(cut))


KINDS: Final = ("mix", "drums", "undrummed", "stem")


def _played(cut: list[tuple[float, mido.Message]]) -> dict[str, np.ndarray]:
    channels = [message.channel for _, message in cut if message.type == "note_on" and message.velocity]
    counts = {channel: channels.count(channel) for channel in set(channels) - {songs.DRUM_CHANNEL}}
    busiest = max(counts, key=lambda channel: counts[channel])
    kept = {
        "mix": set(range(16)),
        "drums": {songs.DRUM_CHANNEL},
        "undrummed": set(range(16)) - {songs.DRUM_CHANNEL},
        "stem": {busiest},
    }
    return {name: _sound(_file(cut, channels)) for name, channels in kept.items()}


def _sound(file: mido.MidiFile) -> np.ndarray:
    stereo = performed(FONT, file, FONT_RATE_HZ, effects=True)[: round(SECONDS * FONT_RATE_HZ)]
    mono = soxr.resample(stereo.mean(axis=1, dtype=np.float32), FONT_RATE_HZ, RATE_HZ)
    return np.asarray(np.clip(mono, -32_768, 32_767), np.int16)


def _cut(file: mido.MidiFile) -> list[tuple[float, mido.Message]]:
    """Messages with their seconds from the excerpt's start; what set the channels up before comes at 0."""
    now, found = 0.0, list[tuple[float, mido.Message]]()
    setting = {"program_change", "control_change", "pitchwheel"}
    for message in file:
        now += message.time
        at = now - START_SECONDS
        if at > SECONDS:
            break
        if not message.is_meta and message.type != "sysex" and (at >= 0 or message.type in setting):
            found.append((max(0.0, at), message))
    return found


def _file(cut: list[tuple[float, mido.Message]], channels: set[int]) -> mido.MidiFile:
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


def _read(cut: list[tuple[float, mido.Message]]) -> Piece:
    written = io.BytesIO()
    _file(cut, set(range(16))).save(file=written)
    return songs.read(written.getvalue())


def score_drums(every: list[Excerpt], path: Path) -> dict[str, Any]:
    """F1 of each piece of the kit, in mixes and in drum stems, and how many songs without drums were heard as such."""
    network = kit.Kit(path)
    drummed = [excerpt for excerpt in every if excerpt.drummed]
    without = sum(bool(_heard(network, excerpt.undrummed, mixed=True)) for excerpt in every)
    missed = sum(not _heard(network, excerpt.mix, mixed=True) for excerpt in drummed)
    return {
        "mixes": _scored(network, drummed, "mix"),
        "stems": _scored(network, drummed, "drums"),
        "drums_heard_where_none_are": f"{without} of {len(every)}",
        "no_drums_heard_where_some_are": f"{missed} of {len(drummed)}",
    }


def _heard(network: kit.Kit, sound: Samples, *, mixed: bool) -> list[kit.Hit]:
    heard = bands.of([sound])
    return kit.strokes(heard, network.struck(heard), mixed=mixed)


def _scored(network: kit.Kit, every: list[Excerpt], kind: str) -> dict[str, float]:
    tallies = {name: Tally() for name in (*PIECES_OF_KIT, "any hat or cymbal")}
    for excerpt in every:
        found = _heard(network, getattr(excerpt, kind), mixed=kind == "mix")
        hits = [(hit.seconds, KIT[hit.pitch]) for hit in found]
        truth = [(s.start, KIT[s.pitch]) for s in excerpt.piece.strokes if s.pitch in KIT]
        for place, name in enumerate(PIECES_OF_KIT):
            tallies[name].strokes([t for t, p in truth if p == place], [t for t, p in hits if p == place])
        tallies["any hat or cymbal"].strokes(
            [t for t, p in truth if p in HATS], [t for t, p in hits if p in HATS]
        )
    return {name: tally.f1 for name, tally in tallies.items()}


def worth(scores: dict[str, Any]) -> float:
    """One number for weights: the mean F1 of kick, snare and hats in mixes and stems, with a fifth of the rest's."""
    if not scores:
        return 0.0
    main = [
        scores[kind][name] for kind in ("mixes", "stems") for name in ("kick", "snare", "any hat or cymbal")
    ]
    rest = [
        scores[kind][name] for kind in ("mixes", "stems") for name in ("open hat", "tom", "crash", "ride")
    ]
    return float(np.mean(main) + 0.2 * np.mean(rest))


if __name__ == "__main__":
    main()
