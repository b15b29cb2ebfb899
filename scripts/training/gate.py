"""Take new weights, or leave them: `python -m scripts.training.gate FOLDER [--take]`.

Scores the weights in FOLDER and those in the repository on songs by people that nothing was trained on (Debian's
openttd-openmsx and planetblupi-music-midi), played with a sound font that nothing was trained on (TimGM6mb). Prints JSON.
With `--take`, new weights replace the old ones where they score better.
"""

import argparse
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from bot.kie.strength import Strength
from bot.studio.transcriber import bands, kit, layers
from bot.studio.transcriber.activity import LOWEST_PITCH, PITCHES, Activity
from bot.studio.transcriber.heard import notes_in
from bot.studio.transcriber.model import Model
from scripts.training.excerpts import Excerpt, excerpts
from scripts.training.music.piece import KIT, PIECES_OF_KIT, Note
from scripts.training.score import Tally
from scripts.training.sound.sounds import Samples

HATS: Final = (2, 3, 5, 6)
"""Places in the kit that count as "any hat or cymbal"."""

Scores = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--take", action="store_true")
    asked = parser.parse_args()
    every = list(excerpts(asked.folder / "gate"))
    listened = Listened(every, Model(asked.folder))
    found: Scores = {"excerpts": len(every)}
    judges: dict[Path, tuple[Callable[[Path], Scores], Callable[[Scores], float]]] = {
        kit.DRUMS: (lambda path: score_drums(every, path), worth_of_drums),
        layers.NOTES: (listened.score_notes, worth_of_notes),
    }
    for old, (score, worth) in judges.items():
        both: Scores = {"old": score(old)}
        found[old.name] = both
        new = asked.folder / old.name
        if new.exists():
            both["new"] = score(new)
            both["better"] = worth(both["new"]) > worth(both["old"])
            if asked.take and both["better"]:
                shutil.copyfile(new, old)
    print(json.dumps(found, indent=2))


class Listened:
    """What basic-pitch's network saw of the excerpts: for any weights that judge notes the same."""

    def __init__(self, every: list[Excerpt], model: Model) -> None:
        """Listen to the mixes, and to the busiest instruments alone."""
        self._seen: dict[str, list[tuple[list[Note], Activity]]] = {
            "mixes": [(excerpt.notes, model.activity([excerpt.mix])) for excerpt in every],
            "stems": [(excerpt.stem_notes, model.activity([excerpt.stem])) for excerpt in every],
        }

    def score_notes(self, path: Path) -> Scores:
        """F1, precision and recall of the notes, by their beginnings alone and with their ends."""
        return {
            f"{kind}{', ends' if ends else ''}": self._scored(kind, path, ends=ends)
            for kind in self._seen
            for ends in (False, True)
        }

    def _scored(self, kind: str, path: Path, *, ends: bool) -> dict[str, float]:
        tally = Tally()
        for truth, activity in self._seen[kind]:
            found = notes_in(activity, path)[Strength.USUAL]
            wanted = [note for note in truth if LOWEST_PITCH <= note.pitch < LOWEST_PITCH + PITCHES]
            heard = [Note(start, end, int(pitch), velocity) for start, end, pitch, velocity in found.tolist()]
            tally.notes(wanted, heard, ends=ends)
        return tally.shown


def worth_of_notes(scores: Scores) -> float:
    """One number for weights: the mean F1 of mixes and stems, by beginnings and with ends."""
    return float(np.mean([kind["f1"] for kind in scores.values()]))


def score_drums(every: list[Excerpt], path: Path) -> Scores:
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


def worth_of_drums(scores: Scores) -> float:
    """One number for weights: the mean F1 of kick, snare and hats in mixes and stems, with a fifth of the rest's."""
    main = [
        scores[kind][name] for kind in ("mixes", "stems") for name in ("kick", "snare", "any hat or cymbal")
    ]
    rest = [
        scores[kind][name] for kind in ("mixes", "stems") for name in ("open hat", "tom", "crash", "ride")
    ]
    return float(np.mean(main) + 0.2 * np.mean(rest))


if __name__ == "__main__":
    main()
