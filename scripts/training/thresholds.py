"""How sure is sure enough, for each piece of the kit: `python -m scripts.training.thresholds FOLDER` prints JSON.

Tried on the items that are held out: the thresholds with the best F1, in drum stems and in mixes.
"""

import argparse
import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from bot.studio.transcriber import bands, kit
from bot.studio.transcriber.decode import RATE_HZ
from scripts.training import items
from scripts.training.score import Tally
from scripts.training.train_drums import take

PLACES: Final = {"kick": (kit.KICK,), "snare": (kit.SNARE,), "tom": (kit.TOM,), "cymbal": kit.CYMBALS}
ABOUT_AS_GOOD: Final = 0.01
"""Of thresholds that are as good as this the highest is taken: a stroke too few is heard less than one too many."""
TRIED: Final = tuple(round(0.1 + 0.05 * step, 2) for step in range(16))

Heard = tuple[np.ndarray, np.ndarray]
"""What the network says of an item, and its strokes."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    print(json.dumps(chosen(folder, folder / kit.DRUMS.name), indent=2))


def chosen(folder: Path, weights: Path) -> dict[str, Any]:
    """For drum stems and for mixes: of each piece the best threshold, and its F1."""
    network = kit.Kit(weights)
    heard: dict[str, list[Heard]] = {"alone": [], "mixed": []}
    for path in items.split(folder)[1]:
        taken, strokes = take(folder, path), items.load(path).strokes
        heard["alone"].append((network.struck(taken.drums), strokes))
        if len(taken.joint) == len(taken.drums):
            heard["mixed"].append((network.struck(taken.joint), strokes))
    return {
        kind: {name: _best(some, places) for name, places in PLACES.items()} for kind, some in heard.items()
    }


def _best(heard: list[Heard], places: tuple[int, ...]) -> dict[str, float]:
    tried = {}
    for least in TRIED:
        tally = Tally()
        for struck, strokes in heard:
            likely = 1 - np.prod(1 - struck[:, places], axis=1)
            frames = (kit.in_time if places == kit.CYMBALS else kit.peaks)(likely, least)
            found = frames * bands.HOP / RATE_HZ
            tally.strokes(strokes[np.isin(strokes[:, 1], places), 0].tolist(), found.tolist())
        tried[least] = tally.f1
    best = max(least for least in tried if tried[least] >= max(tried.values()) - ABOUT_AS_GOOD)
    return {"sure": best, "f1": tried[best]}


if __name__ == "__main__":
    main()
